# Ein Heizkörper lernt, wann er an sein soll: Q-Werte, Erfahrungen, ein zweites, träges Netz
import collections
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(8)
STUFEN = 3  # aus, halb, ganz
Erlebnis = collections.namedtuple("Erlebnis", "vorher stufe lohn nachher")


class Zimmer:
    """Kühlt zur Außenluft hin ab; gelobt wird, wer nahe bei 20 Grad bleibt."""

    def __init__(self, r):
        self.innen, self.aussen = r.uniform(12, 26), r.uniform(-5, 12)

    def blick(self):
        return np.array([(self.innen - 20) / 8, self.aussen / 10], "float32")

    def heizen(self, stufe):
        self.innen += 2.5 * stufe - 0.12 * (self.innen - self.aussen)
        return max(-1.0, 1 - abs(self.innen - 20) / 3)


class Regler:
    def __init__(self, r):
        self.r, self.gedaechtnis = r, collections.deque(maxlen=600)
        self.flink, self.traege = self._netz(), self._netz()
        self.angleichen()
        self.optimierer = keras.optimizers.Adam(learning_rate=0.01, clipnorm=5.0)
        self.strenge = keras.losses.Huber(delta=0.5)

    @staticmethod
    def _netz():
        return keras.Sequential([keras.Input((2,)), layers.Dense(20, activation="tanh"),
                                 layers.Dense(16, activation="relu"), layers.Dense(STUFEN)])

    def angleichen(self):
        self.traege.set_weights(self.flink.get_weights())

    def waehlen(self, blick, neugier):
        if self.r.random() < neugier:
            return int(self.r.integers(STUFEN))
        werte = self.flink(tf.expand_dims(tf.convert_to_tensor(blick), 0), training=False)
        return int(tf.argmax(werte[0]).numpy())

    def ueben(self, menge=24, weitblick=0.6):
        gezogen = self.r.choice(len(self.gedaechtnis), menge, replace=False)
        stapel = Erlebnis(*map(np.array, zip(*(self.gedaechtnis[i] for i in gezogen))))
        spaeter = self.traege.predict(stapel.nachher, verbose=0)
        ziel = tf.cast(stapel.lohn, tf.float32) + weitblick * tf.reduce_max(spaeter, axis=-1)
        with tf.GradientTape() as band:
            gewaehlt = self.flink(stapel.vorher, training=True) * tf.one_hot(stapel.stufe, STUFEN)
            verlust = self.strenge(ziel, tf.reduce_sum(gewaehlt, axis=-1))
        gewichte = self.flink.trainable_variables
        self.optimierer.apply_gradients(zip(band.gradient(verlust, gewichte), gewichte))
        return float(verlust)


def tag(regler, neugier, lernen=True, stunden=16):
    zimmer, summe = Zimmer(regler.r), 0.0
    for stunde in range(stunden):
        vorher = zimmer.blick()
        stufe = regler.waehlen(vorher, neugier)
        lohn = zimmer.heizen(stufe)
        regler.gedaechtnis.append(Erlebnis(vorher, stufe, lohn, zimmer.blick()))
        summe += lohn
        if lernen and stunde % 2 and len(regler.gedaechtnis) >= 48:
            verluste.append(regler.ueben())
    return summe / stunden


verluste = []
regler = Regler(np.random.default_rng(8))
vorher = np.mean([tag(regler, neugier=1.0, lernen=False) for _ in range(12)])
for nummer in range(36):
    tag(regler, neugier=max(0.1, 0.9 - nummer / 30))
    if nummer % 3 == 2:
        regler.angleichen()
nachher = np.mean([tag(regler, neugier=0.0, lernen=False) for _ in range(12)])
print("Lohn %.2f -> %.2f" % (vorher, nachher))
print("Verluste", len(verluste), bool(np.isfinite(verluste).all()))
