# Zahlen umdrehen: Encoder-Decoder in heutiger Schreibweise, dazu ein Decoder mit Attention
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(11)
symbols, length, latent = 12, 6, 48
src = np.random.randint(2, symbols, (800, length))
tgt_in = np.concatenate([np.ones((800, 1), int), src[:, ::-1][:, :-1]], axis=1)
tgt_out = src[:, ::-1]

encoder_inputs = keras.Input(shape=(None,), name="english")
x = layers.Embedding(symbols, 16, mask_zero=True)(encoder_inputs)
encoder_outputs, h, c = layers.LSTM(latent, return_sequences=True, return_state=True)(x)
decoder_inputs = keras.Input(shape=(None,), name="deutsch")
embed = layers.Embedding(symbols, 16)
decoder_lstm = layers.LSTM(latent, return_sequences=True, return_state=True)
y, _, _ = decoder_lstm(embed(decoder_inputs), initial_state=[h, c])
attended = layers.Attention()([y, encoder_outputs])
y = layers.Concatenate()([y, attended])
dense = layers.Dense(symbols, activation="softmax")
model = keras.Model([encoder_inputs, decoder_inputs], dense(y))
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit({"english": src, "deutsch": tgt_in}, tgt_out, batch_size=32, epochs=6, verbose=2)
print("loss %.3f -> %.3f" % (history.history["loss"][0], history.history["loss"][-1]))

encoder = keras.Model(encoder_inputs, [encoder_outputs, h, c])
enc_in = keras.Input((None, latent))
state_h, state_c = keras.Input((latent,)), keras.Input((latent,))
y, new_h, new_c = decoder_lstm(embed(decoder_inputs), initial_state=[state_h, state_c])
y = layers.Concatenate()([y, layers.Attention()([y, enc_in])])
decoder = keras.Model([decoder_inputs, enc_in, state_h, state_c], [dense(y), new_h, new_c])
memory, h, c = encoder.predict(src[:1], verbose=0)
token, out = np.array([[1]]), []
for _ in range(length):
    p, h, c = decoder.predict([token, memory, h, c], verbose=0)
    token = p[:, -1].argmax(axis=-1)[:, None]
    out.append(int(token[0, 0]))
print(src[0], "->", out)

gru = layers.GRU(8, return_state=True)
seq, state = gru(np.random.rand(2, 3, 4).astype("float32"))
again, _ = gru(np.random.rand(2, 3, 4).astype("float32"), initial_state=state)
print(seq.shape, state.shape, again.shape)
