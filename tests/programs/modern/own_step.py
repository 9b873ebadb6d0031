# train_step in Keras 3 style: compute_loss, tape, metrics; and by keras alone
import numpy as np
import tensorflow as tf
import keras
from keras import layers

keras.utils.set_random_seed(13)
X = np.random.rand(400, 8).astype("float32")
y = X.sum(axis=1, keepdims=True)


class CustomModel(keras.Model):
    def train_step(self, data):
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred, sample_weight=sample_weight)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input(shape=(8,))
outputs = layers.Dense(1)(layers.Dense(16, activation="relu")(inputs))
model = CustomModel(inputs, outputs)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
h = model.fit(X, y, epochs=6, verbose=0)
print("loss %.4f -> %.4f" % (h.history["loss"][0], h.history["loss"][-1]), sorted(h.history))
print([round(float(v), 3) >= 0 for v in model.evaluate(X, y, verbose=0)])
model.fit(X, y, sample_weight=np.ones((400, 1)), epochs=1, verbose=0)

loss_tracker = keras.metrics.Mean(name="loss")
mae_metric = keras.metrics.MeanAbsoluteError(name="mae")


class LowLevel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = keras.losses.mean_squared_error(y, y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        loss_tracker.update_state(loss)
        mae_metric.update_state(y, y_pred)
        return {"loss": loss_tracker.result(), "mae": mae_metric.result()}

    @property
    def metrics(self):
        return [loss_tracker, mae_metric]


inputs = keras.Input(shape=(8,))
low = LowLevel(inputs, layers.Dense(1)(inputs))
low.compile(optimizer=keras.optimizers.Adam(0.05))
h = low.fit(X, y, epochs=5, verbose=0)
print("low %.4f -> %.4f" % (h.history["loss"][0], h.history["loss"][-1]))


class ActivityRegularization(layers.Layer):
    def call(self, inputs):
        self.add_loss(1e-2 * keras.ops.mean(keras.ops.square(inputs)))
        return inputs


class Old(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input(shape=(8,))
hidden = ActivityRegularization()(layers.Dense(4)(inputs))
old = Old(inputs, layers.Dense(1)(hidden))
old.compile(optimizer="adam", loss="mse", metrics=["mae"])
h = old.fit(X, y, epochs=2, verbose=0)
print(sorted(h.history), len(old.losses))
