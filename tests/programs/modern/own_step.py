# train_step in der Art von Keras 3: compute_loss und apply, eigene Metriken, add_loss
# Aufgabe: aus sechs Kantenmaßen das Volumen zweier Kisten schätzen
import numpy as np
import tensorflow as tf
import keras
from keras import layers

keras.utils.set_random_seed(29)
kanten = np.random.uniform(0.5, 1.5, (360, 6)).astype("float32")
volumen = (kanten[:, :3].prod(1) + kanten[:, 3:].prod(1))[:, None]
wichtig = np.where(volumen > 2.5, 2.0, 1.0)


class Kistenschaetzer(keras.Model):
    """Training und Prüfung teilen sich, was nach der Ausgabe kommt."""

    def _buchen(self, verlust, soll, ist, gewicht=None):
        for zaehler in self.metrics:
            if zaehler.name != "loss":
                zaehler.update_state(soll, ist, sample_weight=gewicht)
                continue
            zaehler.update_state(verlust)
        return {zaehler.name: zaehler.result() for zaehler in self.metrics}

    def train_step(self, daten):
        masse, soll, gewicht = keras.utils.unpack_x_y_sample_weight(daten)
        with tf.GradientTape() as band:
            ist = self(masse, training=True)
            verlust = self.compute_loss(x=masse, y=soll, y_pred=ist, sample_weight=gewicht)
        self.optimizer.apply(band.gradient(verlust, self.trainable_variables),
                             self.trainable_variables)
        return self._buchen(verlust, soll, ist, gewicht)

    def test_step(self, daten):
        masse, soll = daten
        ist = self(masse, training=False)
        return self._buchen(self.compute_loss(y=soll, y_pred=ist), soll, ist)


masse = keras.Input((6,), name="masse")
h = layers.Dense(20, activation="tanh")(masse)
h = layers.Dense(12, activation="tanh")(h)
schaetzer = Kistenschaetzer(masse, layers.Dense(1)(h))
schaetzer.compile(keras.optimizers.Adam(0.01), loss="huber", metrics=["mape"])
verlauf = schaetzer.fit(kanten, volumen, sample_weight=wichtig, epochs=5, verbose=0).history
print("loss %.4f -> %.4f" % (verlauf["loss"][0], verlauf["loss"][-1]), sorted(verlauf))
print("geprüft:", [bool(wert >= 0) for wert in schaetzer.evaluate(kanten, volumen, verbose=0)])


class Geizig(layers.Layer):
    """Lässt alles durch, will aber dafür kleine Werte."""

    def __init__(self, preis, **rest):
        super().__init__(**rest)
        self.preis = preis

    def call(self, werte):
        self.add_loss(self.preis * keras.ops.sum(keras.ops.abs(werte)) / 100)
        return werte


class OhneCompile(keras.Model):
    """Kennt Verlust und Metriken selbst; compile bringt nur den Optimierer."""

    def __init__(self, *teile, **rest):
        super().__init__(*teile, **rest)
        self.mittel = keras.metrics.Mean(name="schaden")
        self.fehler = keras.metrics.RootMeanSquaredError(name="rmse")

    @property
    def metrics(self):
        return [self.fehler, self.mittel]

    def train_step(self, paar):
        with tf.GradientTape() as band:
            ist = self(paar[0], training=True)
            schaden = tf.reduce_mean(keras.losses.log_cosh(paar[1], ist)) + sum(self.losses)
        gewichte = self.trainable_weights
        self.optimizer.apply_gradients(zip(band.gradient(schaden, gewichte), gewichte))
        self.mittel.update_state(schaden)
        self.fehler.update_state(paar[1], ist)
        return {"schaden": self.mittel.result(), "rmse": self.fehler.result()}


karg = OhneCompile(masse, layers.Dense(1)(Geizig(0.01)(layers.Dense(5)(masse))))
karg.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.8))
verlauf = karg.fit(kanten, volumen, epochs=4, verbose=0).history
print("karg %.4f -> %.4f" % (verlauf["schaden"][0], verlauf["schaden"][-1]), len(karg.losses))


class VonFrueher(keras.Model):
    """Vor Keras 3 hießen sie compiled_loss und compiled_metrics."""

    def train_step(self, paar):
        ein, soll = paar
        with tf.GradientTape() as band:
            ist = self(ein, training=True)
            verlust = self.compiled_loss(soll, ist, regularization_losses=self.losses)
        wohin = self.trainable_variables
        self.optimizer.apply_gradients(zip(band.gradient(verlust, wohin), wohin))
        self.compiled_metrics.update_state(soll, ist)
        return {zaehler.name: zaehler.result() for zaehler in self.metrics}


alt = VonFrueher(masse, layers.Dense(1)(Geizig(0.2)(layers.Dense(3)(masse))))
alt.compile("rmsprop", "mae", metrics=["mse"])
print(sorted(alt.fit(kanten, volumen, epochs=2, verbose=0).history))
