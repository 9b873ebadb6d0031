# .keras, weights, JSON, own classes that are registered; callbacks of today
import glob
import os
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(3)


@keras.saving.register_keras_serializable(package="meine")
class Skaliert(layers.Layer):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform",
                                 trainable=True, name="w")
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, inputs):
        return ops.matmul(inputs, self.w) * self.scale

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


@keras.saving.register_keras_serializable()
class BinaryTruePositives(keras.metrics.Metric):
    def __init__(self, name="binary_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(name="tp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.cast(y_true, "bool")
        y_pred = ops.greater(y_pred, 0.5)
        values = ops.cast(ops.logical_and(ops.equal(y_true, True), ops.equal(y_pred, True)), "float32")
        self.true_positives.assign_add(ops.sum(values))

    def result(self):
        return self.true_positives

    def reset_state(self):
        self.true_positives.assign(0.0)


@keras.saving.register_keras_serializable()
def weich(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred), axis=-1) + 0.01 * ops.mean(ops.abs(y_pred))


X = np.random.rand(200, 6).astype("float32")
y = (X[:, :1] > 0.5).astype("float32")
inputs = keras.Input((6,))
x = Skaliert(8)(inputs)
x = layers.BatchNormalization()(x)
x = layers.Activation("relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs, name="mein_modell")
schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=20, decay_rate=0.9)
model.compile(keras.optimizers.Adam(schedule), loss=weich, metrics=["accuracy", BinaryTruePositives()])
history = model.fit(X, y, epochs=8, batch_size=20, validation_split=0.2, verbose=0, callbacks=[
    keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
    keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True),
    keras.callbacks.ModelCheckpoint("w_{epoch:02d}.weights.h5", save_weights_only=True),
    keras.callbacks.TensorBoard("logs"),
    keras.callbacks.CSVLogger("log.csv"),
    keras.callbacks.BackupAndRestore("backup"),
])
print("acc %.2f" % max(history.history["accuracy"]), sorted(history.history))
print(len(glob.glob("w_*.weights.h5")) == len(history.epoch), os.path.exists("log.csv"))
model.save("mein.keras")
loaded = keras.saving.load_model("mein.keras")
print("same:", np.allclose(model.predict(X, verbose=0), loaded.predict(X, verbose=0), atol=1e-6))
print(loaded.evaluate(X, y, verbose=0, return_dict=True).keys())
loaded.fit(X, y, epochs=1, verbose=0)
model.save_weights("nur.weights.h5")
config = model.get_config()
fresh = keras.Model.from_config(config)
fresh.load_weights("nur.weights.h5")
print("same:", np.allclose(fresh.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6))
from_json = keras.models.model_from_json(model.to_json())
print(from_json.count_params() == model.count_params())
clone = keras.models.clone_model(model)
clone.set_weights(model.get_weights())
print("same:", np.allclose(clone(X).numpy(), model(X).numpy(), atol=1e-6))
model.export("export") if False else None
reloaded = keras.models.load_model("best.keras", compile=False)
print(reloaded.name, [w.shape for w in reloaded.get_weights()][:2])
