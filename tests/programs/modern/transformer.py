import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(1)
maxlen, vocab, dim = 16, 50, 32


class Block(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.embed_dim, self.num_heads, self.ff_dim = embed_dim, num_heads, ff_dim
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim // num_heads)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"),
                                     layers.Dense(embed_dim)])
        self.norm1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm2 = layers.LayerNormalization(epsilon=1e-6)
        self.drop1 = layers.Dropout(rate)
        self.drop2 = layers.Dropout(rate)
        self.supports_masking = True

    def call(self, inputs, training=False, mask=None):
        attention_mask = mask[:, None, :] if mask is not None else None
        a = self.att(inputs, inputs, attention_mask=attention_mask)
        a = self.drop1(a, training=training)
        x = self.norm1(inputs + a)
        f = self.drop2(self.ffn(x), training=training)
        return self.norm2(x + f)

    def get_config(self):
        return {**super().get_config(), "embed_dim": self.embed_dim,
                "num_heads": self.num_heads, "ff_dim": self.ff_dim}


class Positions(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(vocab_size, embed_dim, mask_zero=True)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        positions = ops.arange(start=0, stop=ops.shape(x)[-1], step=1)
        return self.token_emb(x) + self.pos_emb(positions)

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0)


inputs = keras.Input(shape=(maxlen,), dtype="int32")
x = Positions(maxlen, vocab, dim)(inputs)
x = Block(dim, 4, 64)(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dense(16, activation="gelu")(x)
outputs = layers.Dense(2, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.summary(expand_nested=True)
X = np.random.randint(1, vocab, (600, maxlen))
y = (X == 7).any(axis=1).astype("int32")
X[y == 0, 3] = 0
h = model.fit(X, y, batch_size=32, epochs=4, validation_split=0.2, verbose=2)
print("acc %.3f" % h.history["accuracy"][-1])


# causal: predict the next token
def decoder_block(x, causal=True):
    a = layers.MultiHeadAttention(2, dim // 2)(x, x, use_causal_mask=causal)
    x = layers.LayerNormalization()(layers.Add()([x, a]))
    f = layers.Dense(dim, activation="relu")(x)
    return layers.LayerNormalization()(x + f)


tokens = keras.Input((maxlen,), dtype="int32")
z = layers.Embedding(vocab, dim)(tokens)
z = decoder_block(z)
logits = layers.Dense(vocab)(z)
lm = keras.Model(tokens, logits)
lm.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
seq = (np.arange(maxlen + 1) + np.random.randint(0, 30, (300, 1))) % vocab
h = lm.fit(seq[:, :-1], seq[:, 1:], epochs=5, verbose=0)
print("loss %.3f -> %.3f" % (h.history["loss"][0], h.history["loss"][-1]))
a = lm.predict(seq[:1, :-1], verbose=0)
changed = seq[:1, :-1].copy()
changed[0, -1] = 3
print("causal:", np.allclose(a[0, :-1], lm.predict(changed, verbose=0)[0, :-1], atol=1e-5))
