# Several inputs and outputs, shared layers, residual links, wide and deep, embeddings of users
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(21)
num_tags, num_words, num_departments = 6, 200, 3
title = keras.Input(shape=(None,), name="title")
body = keras.Input(shape=(None,), name="body")
tags = keras.Input(shape=(num_tags,), name="tags")
embedding = layers.Embedding(num_words, 16)
title_features = layers.LSTM(16)(embedding(title))
body_features = layers.LSTM(8)(embedding(body))
x = layers.concatenate([title_features, body_features, tags])
priority_pred = layers.Dense(1, activation="sigmoid", name="priority")(x)
department_pred = layers.Dense(num_departments, activation="softmax", name="department")(x)
model = keras.Model(inputs=[title, body, tags],
                    outputs={"priority": priority_pred, "department": department_pred})
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-2),
    loss={"priority": keras.losses.BinaryCrossentropy(),
          "department": keras.losses.CategoricalCrossentropy()},
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"department": ["accuracy"]})
n = 320
title_data = np.random.randint(num_words, size=(n, 8))
body_data = np.random.randint(num_words, size=(n, 12))
tags_data = np.random.randint(2, size=(n, num_tags)).astype("float32")
priority = tags_data[:, :1]
department = np.eye(num_departments)[tags_data[:, :2].sum(axis=1).astype(int)]
history = model.fit({"title": title_data, "body": body_data, "tags": tags_data},
                    {"priority": priority, "department": department}, epochs=8, batch_size=32, verbose=0)
print(sorted(history.history))
print("acc %.3f" % history.history["department_accuracy"][-1])
result = model.predict({"title": title_data[:3], "body": body_data[:3], "tags": tags_data[:3]}, verbose=0)
print({k: v.shape for k, v in result.items()})


class Wrapped(keras.Model):
    """A subclass around layers, used in a functional model."""

    def __init__(self):
        super().__init__()
        self.blocks = [layers.Dense(16, activation="relu") for _ in range(3)]
        self.norm = layers.BatchNormalization()

    def call(self, x, training=False):
        for block in self.blocks:
            x = x + block(x)
        return self.norm(x, training=training)


wide = keras.Input((5,), name="wide")
deep = keras.Input((16,), name="deep")
d = Wrapped()(deep)
combined = layers.Concatenate()([wide, d])
out = layers.Dense(1)(combined)
aux = layers.Dense(1)(d)
wd = keras.Model([wide, deep], [out, aux])
wd.compile("adam", ["mse", "mae"], loss_weights=[0.9, 0.1])
w, e = np.random.rand(100, 5), np.random.rand(100, 16)
h = wd.fit((w, e), (w.sum(1), e[:, 0]), epochs=5, verbose=0, validation_data=((w, e), (w.sum(1), e[:, 0])))
print("loss %.3f -> %.3f" % (h.history["loss"][0], h.history["loss"][-1]))


class Recommender(keras.Model):
    def __init__(self, users, films, size, **kwargs):
        super().__init__(**kwargs)
        self.user_embedding = layers.Embedding(users, size, embeddings_initializer="he_normal",
                                               embeddings_regularizer=keras.regularizers.l2(1e-6))
        self.user_bias = layers.Embedding(users, 1)
        self.film_embedding = layers.Embedding(films, size)

    def call(self, inputs):
        user = self.user_embedding(inputs[:, 0])
        film = self.film_embedding(inputs[:, 1])
        dot = ops.sum(user * film, axis=1, keepdims=True)
        return ops.nn.sigmoid(dot + self.user_bias(inputs[:, 0]))


pairs = np.stack([np.random.randint(0, 30, 500), np.random.randint(0, 20, 500)], axis=1)
ratings = ((pairs[:, 0] + pairs[:, 1]) % 2).astype("float32")
rec = Recommender(30, 20, 8)
rec.compile(loss=keras.losses.BinaryCrossentropy(), optimizer=keras.optimizers.Adam(0.01))
h = rec.fit(pairs, ratings, batch_size=64, epochs=8, verbose=0)
print("rec %.3f -> %.3f" % (h.history["loss"][0], h.history["loss"][-1]))
