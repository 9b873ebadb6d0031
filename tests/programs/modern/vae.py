# Ringe auf 16 x 16 Punkten, zusammengefasst in drei Zahlen: ein VAE mit eigenem train_step
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

SEITE, CODE = 16, 3
zufall = np.random.default_rng(4)


def ringe(anzahl):
    mitte = zufall.uniform(5, 10, (anzahl, 2, 1, 1))
    radius = zufall.uniform(2, 5, (anzahl, 1, 1))
    zeile, spalte = np.mgrid[:SEITE, :SEITE]
    abstand = np.hypot(zeile - mitte[:, 0], spalte - mitte[:, 1])
    return np.exp(-((abstand - radius) ** 2)).astype("float32")[..., None]


class Wuerfeln(layers.Layer):
    """Zieht aus der Normalverteilung, deren Mitte und Log-Streuung hereinkommen."""

    def call(self, verteilung):
        mitte, log_streuung = verteilung
        rauschen = keras.backend.random_normal(shape=(tf.shape(mitte)[0], CODE))
        return rauschen * tf.exp(log_streuung) + mitte


class Ringmodell(keras.Model):
    def __init__(self, gewicht=0.05, **rest):
        super().__init__(**rest)
        self.gewicht = gewicht
        self.einpacken = self._einpacker()
        self.auspacken = keras.Sequential([
            keras.Input((CODE,)),
            layers.Dense(48, activation="elu"),
            layers.Dense(4 * 4 * 6, activation="elu"),
            layers.Reshape((4, 4, 6)),
            layers.UpSampling2D(),
            layers.Conv2DTranspose(10, 5, padding="same", activation="elu"),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid"),
        ], name="auspacken")
        self.zaehler = {name: keras.metrics.Mean(name=name) for name in ("gesamt", "bild", "kl")}

    @staticmethod
    def _einpacker():
        bild = keras.Input((SEITE, SEITE, 1))
        h = layers.Conv2D(6, 5, strides=2, padding="same", activation="elu")(bild)
        h = layers.AveragePooling2D()(h)
        h = layers.Dense(40, activation="elu")(layers.Flatten()(h))
        teile = [layers.Dense(CODE, name="mitte")(h), layers.Dense(CODE, name="log_streuung")(h)]
        return keras.Model(bild, [*teile, Wuerfeln(name="code")(teile)], name="einpacken")

    @property
    def metrics(self):
        return list(self.zaehler.values())

    def messen(self, bilder):
        mitte, log_streuung, code = self.einpacken(bilder)
        bild = tf.reduce_mean(keras.losses.mean_squared_error(bilder, self.auspacken(code))) * 100
        je_zahl = tf.square(mitte) + tf.exp(2 * log_streuung) - 2 * log_streuung - 1
        kl = tf.reduce_mean(tf.reduce_sum(je_zahl, axis=-1)) / 2
        return {"gesamt": bild + self.gewicht * kl, "bild": bild, "kl": kl}

    def train_step(self, bilder):
        with tf.GradientTape() as band:
            werte = self.messen(bilder)
        steigung = band.gradient(werte["gesamt"], self.trainable_weights)
        self.optimizer.apply_gradients(zip(steigung, self.trainable_weights))
        for name, wert in werte.items():
            self.zaehler[name].update_state(wert)
        return {name: zaehler.result() for name, zaehler in self.zaehler.items()}

    def test_step(self, daten):
        return self.messen(daten[0] if isinstance(daten, tuple) else daten)


modell = Ringmodell()
modell.einpacken.summary()
modell.compile(optimizer=keras.optimizers.Nadam(0.004))
verlauf = modell.fit(ringe(640), epochs=5, batch_size=40, verbose=2).history
print(sorted(verlauf), "loss %.3f -> %.3f" % (verlauf["gesamt"][0], verlauf["gesamt"][-1]))
print(modell.evaluate(ringe(80), verbose=0))
mitten = modell.einpacken.predict(ringe(30), verbose=0)[0]
print(mitten.shape, modell.auspacken.predict(mitten[:2], verbose=0).shape)
modell.auspacken.save("auspacken.keras")
