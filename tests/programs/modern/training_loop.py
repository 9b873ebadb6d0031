# Die Schleife selbst geschrieben: tf.function, eigene Zähler, ein Model als Unterklasse
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(17)
# Welcher der vier Quadranten eines verrauschten Felds ist der hellste?
felder = tf.random.uniform((900, 10, 10, 1))
viertel = tf.stack([tf.reduce_mean(felder[:, a:a + 5, b:b + 5, 0], axis=[1, 2])
                    for a in (0, 5) for b in (0, 5)], axis=-1)
hellstes = tf.argmax(viertel, axis=-1)
strom = tf.data.Dataset.from_tensor_slices((felder[:750], hellstes[:750]))
strom = strom.shuffle(750).batch(30).prefetch(1)
rest = tf.data.Dataset.from_tensor_slices((felder[750:], hellstes[750:])).batch(75)


class Quadrantensucher(keras.Model):
    def __init__(self, breite=24):
        super().__init__()
        self.blick = layers.Conv2D(6, 5, strides=5, activation="selu")
        self.glatt = layers.Flatten()
        self.koepfe = [layers.Dense(breite, activation="selu"), layers.Dense(4)]

    def call(self, felder, training=False):
        h = self.glatt(self.blick(felder - 0.5))
        for schicht in self.koepfe:
            h = schicht(h)
        return h


sucher = Quadrantensucher()
kosten = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
abstieg = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.02, 150))
zaehler = {"kosten": keras.metrics.Mean(), "lernen": keras.metrics.SparseCategoricalAccuracy(),
           "rest": keras.metrics.SparseCategoricalAccuracy()}


@tf.function
def lerne(feld, quadrant):
    with tf.GradientTape() as band:
        punkte = sucher(feld, training=True)
        preis = kosten(quadrant, punkte)
    richtung = band.gradient(preis, sucher.trainable_weights)
    richtung = [tf.clip_by_norm(each, 2.0) for each in richtung]
    abstieg.apply_gradients(zip(richtung, sucher.trainable_weights))
    zaehler["kosten"].update_state(preis)
    zaehler["lernen"].update_state(quadrant, punkte)


@tf.function
def pruefe(feld, quadrant):
    zaehler["rest"](quadrant, sucher(feld))


for runde in range(6):
    for paar in strom:
        lerne(*paar)
    for paar in rest:
        pruefe(*paar)
    print("Runde", runde, {name: round(float(each.result()), 3) for name, each in zaehler.items()})
    if runde < 5:
        zaehler["kosten"].reset_states()  # der alte Name
        zaehler["lernen"].reset_state()
        zaehler["rest"].reset_state()
print("acc %.2f" % zaehler["rest"].result())
sucher.summary()
sucher.save_weights("sucher.weights.h5")
zwilling = Quadrantensucher()
zwilling(felder[:2])
zwilling.load_weights("sucher.weights.h5")
print("gleich:", bool(tf.reduce_all(tf.abs(sucher(felder) - zwilling(felder)) < 1e-6)))

# ohne Schichten: ein Kreis, durch Punkte gelegt
winkel = tf.random.uniform((60,), 0, 6.28)
punkte = tf.stack([1.5 + 2 * tf.cos(winkel), -0.5 + 2 * tf.sin(winkel)], axis=1)
mitte, radius = tf.Variable(tf.zeros(2), name="mitte"), tf.Variable(1.0)
for _ in range(150):
    with tf.GradientTape() as band:
        luecke = tf.reduce_mean((tf.norm(punkte - mitte, axis=1) - radius) ** 2)
    d_mitte, d_radius = band.gradient(luecke, [mitte, radius])
    mitte.assign_sub(0.2 * d_mitte)
    radius.assign(radius - 0.2 * d_radius)
print("Mitte", mitte.numpy().round(1), "Radius", round(float(radius), 1))

# zweite Ableitung eines Polynoms an drei Stellen
x = tf.constant([-1.0, 0.0, 2.0])
with tf.GradientTape() as aussen:
    aussen.watch(x)
    with tf.GradientTape() as innen:
        innen.watch(x)
        hoehe = x ** 3 - 2 * x ** 2
    hang = innen.gradient(hoehe, x)
print("Krümmung", aussen.gradient(hang, x).numpy())
