# Verbrauch schätzen: pandas, Normalization.adapt, BatchNormalization, Dropout
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(4)
rng = np.random.default_rng(0)
n = 400
dataset = pd.DataFrame({
    "Cylinders": rng.choice([4, 6, 8], n), "Horsepower": rng.uniform(60, 200, n),
    "Weight": rng.uniform(1500, 4500, n), "Origin": rng.choice([1, 2, 3], n)})
dataset["MPG"] = 45 - 0.05 * dataset.Horsepower - 0.005 * dataset.Weight + rng.normal(0, 1, n)
dataset["Origin"] = dataset["Origin"].map({1: "USA", 2: "Europe", 3: "Japan"})
dataset = pd.get_dummies(dataset, columns=["Origin"], prefix="", prefix_sep="")
train = dataset.sample(frac=0.8, random_state=0)
test = dataset.drop(train.index)
train_features, test_features = train.copy().astype("float32"), test.copy().astype("float32")
train_labels, test_labels = train_features.pop("MPG"), test_features.pop("MPG")

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(np.array(train_features))
print(normalizer.mean.numpy().shape)
first = np.array(train_features[:1])
print(np.round(normalizer(first).numpy(), 1).shape)


def build_and_compile_model(norm):
    model = keras.Sequential([
        norm,
        layers.Dense(64, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4)),
        layers.BatchNormalization(),
        layers.Dropout(0.1),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ])
    model.compile(loss="mean_absolute_error", optimizer=tf.keras.optimizers.Adam(0.01),
                  metrics=[keras.metrics.RootMeanSquaredError(name="rmse")])
    return model


model = build_and_compile_model(normalizer)
model.summary()
history = model.fit(train_features, train_labels, validation_split=0.2, verbose=0, epochs=60)
hist = pd.DataFrame(history.history)
hist["epoch"] = history.epoch
print(hist.tail(2))
results = model.evaluate(test_features, test_labels, verbose=0, return_dict=True)
print({name: round(value, 3) for name, value in results.items()})
print("MAE: %.3f" % results["loss"])
pred = model.predict(test_features).flatten()
print(pred.shape, np.corrcoef(pred, test_labels)[0, 1] > 0.8)
model.save("verbrauch.keras")
again = tf.keras.models.load_model("verbrauch.keras")
print("same:", np.allclose(again.predict(test_features).flatten(), pred, atol=1e-4))
