# Ein Maler lernt Streifen, ein Kritiker sieht ihm zu: erst mit fit, dann mit eigener Schleife
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(11)
WUERFEL = 9


def streifen(anzahl, seite=12):
    r = np.random.default_rng(2)
    winkel, weite = r.uniform(0, np.pi, (anzahl, 1, 1)), r.uniform(0.8, 1.6, (anzahl, 1, 1))
    a, b = np.meshgrid(np.arange(seite), np.arange(seite))
    welle = np.sin(weite * (a * np.cos(winkel) + b * np.sin(winkel)))
    return welle[..., np.newaxis].astype("float32")


def neuer_maler():
    z = keras.Input((WUERFEL,))
    h = layers.Reshape((3, 3, 12))(layers.Dense(108, use_bias=False)(z))
    for filter in (12, 6):
        h = layers.Conv2DTranspose(filter, 3, strides=2, padding="same")(h)
        h = layers.ReLU()(layers.BatchNormalization()(h))
    return keras.Model(z, layers.Conv2D(1, 3, padding="same", activation="tanh")(h), name="maler")


def neuer_kritiker():
    bild = keras.Input((12, 12, 1))
    h = layers.LeakyReLU(alpha=0.1)(layers.Conv2D(6, 5, strides=3, padding="same")(bild))
    h = layers.LeakyReLU(negative_slope=0.1)(layers.Conv2D(10, 2)(h))
    h = layers.LeakyReLU(0.1)(layers.Dense(20)(layers.Flatten()(h)))
    return keras.Model(bild, layers.Dense(1)(layers.Dropout(0.3)(h)), name="kritiker")


class Atelier(keras.Model):
    def __init__(self):
        super().__init__()
        self.maler, self.kritiker = neuer_maler(), neuer_kritiker()
        self.aerger = keras.metrics.Mean(name="aerger")
        self.irrtum = keras.metrics.Mean(name="irrtum")

    def compile(self, fuer_maler, fuer_kritiker, urteil):
        super().compile()
        self.fuer_maler, self.fuer_kritiker, self.urteil = fuer_maler, fuer_kritiker, urteil

    @property
    def metrics(self):
        return [self.aerger, self.irrtum]

    def _schritt(self, netz, optimierer, bilder, echt):
        """Verbessert ein Netz; bilder() malt erst, wenn das Band schon läuft."""
        with tf.GradientTape() as band:
            wert = self.urteil(echt, self.kritiker(bilder(), training=True))
        steigung = band.gradient(wert, netz.trainable_weights)
        optimierer.apply_gradients(zip(steigung, netz.trainable_weights))
        return wert

    def train_step(self, vorlagen):
        n = tf.shape(vorlagen)[0]
        malen = lambda: self.maler(tf.random.normal((n, WUERFEL)), training=True)
        self.aerger.update_state(
            self._schritt(self.maler, self.fuer_maler, malen, tf.ones((n, 1))))
        echt = tf.concat([0.9 * tf.ones((n, 1)), tf.zeros((n, 1))], axis=0)
        gemischt = tf.concat([vorlagen, malen()], axis=0)
        self.irrtum.update_state(
            self._schritt(self.kritiker, self.fuer_kritiker, lambda: gemischt, echt))
        return {each.name: each.result() for each in self.metrics}


class Ausstellung(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        blatt = self.model.maler(tf.random.uniform((1, WUERFEL)))[0]
        keras.utils.array_to_img((blatt * 127.5 + 127.5).numpy()).save(f"blatt{epoch}.png")


vorrat = tf.data.Dataset.from_tensor_slices(streifen(240)).shuffle(240).batch(24)
atelier = Atelier()
atelier.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.RMSprop(1e-3),
                urteil=keras.losses.BinaryCrossentropy(from_logits=True))
verlauf = atelier.fit(vorrat, epochs=3, callbacks=[Ausstellung()], verbose=2).history
print(sorted(verlauf), all(np.isfinite(werte).all() for werte in verlauf.values()))

# von Hand, mit zwei Bändern zugleich und quadratischem Abstand
abstand = tf.keras.losses.MeanSquaredError()
netze = neuer_maler(), neuer_kritiker()
helfer = [tf.keras.optimizers.Adam(5e-4) for _ in netze]


@tf.function
def runde(vorlagen):
    maler, kritiker = netze
    with tf.GradientTape() as links, tf.GradientTape() as rechts:
        falsch = kritiker(maler(tf.random.normal([24, WUERFEL]), training=True), training=True)
        wahr = kritiker(vorlagen, training=True)
        werte = (abstand(tf.ones_like(falsch), falsch),
                 abstand(tf.ones_like(wahr), wahr) + abstand(tf.zeros_like(falsch), falsch))
    for netz, band, wert, optimierer in zip(netze, (links, rechts), werte, helfer):
        steigung = band.gradient(wert, netz.trainable_variables)
        optimierer.apply_gradients(zip(steigung, netz.trainable_variables))
    return werte


for vorlagen in vorrat.take(5):
    summe = tf.add_n(runde(vorlagen))
tf.print("endlich:", tf.math.is_finite(summe))
print("endlich:", bool(np.isfinite(summe.numpy())))
