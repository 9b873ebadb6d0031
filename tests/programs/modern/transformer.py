# Aufmerksamkeit: ein Block als Layer-Unterklasse, dann einer mit kausaler Maske
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(21)
LAENGE, ZEICHEN, BREITE = 12, 12, 24


@keras.saving.register_keras_serializable("uebung")
class Umschau(layers.Layer):
    """Erst normieren, dann umschauen, dann nachdenken; beides mit Abkürzung."""

    def __init__(self, koepfe, faktor=2, vergessen=0.0, **rest):
        super().__init__(**rest)
        self.koepfe, self.faktor, self.vergessen = koepfe, faktor, vergessen
        self.supports_masking = True

    def build(self, form):
        breite = form[-1]
        self.schauen = layers.MultiHeadAttention(self.koepfe, key_dim=breite // self.koepfe,
                                                 dropout=self.vergessen)
        self.denken = keras.Sequential([layers.Dense(self.faktor * breite, activation="silu"),
                                        layers.Dense(breite), layers.Dropout(self.vergessen)])
        self.normen = [layers.LayerNormalization(epsilon=1e-5) for _ in range(2)]
        self.schauen.build(form, form)
        for teil in (self.denken, *self.normen):
            teil.build(form)
        super().build(form)

    def call(self, folge, training=False, mask=None):
        erlaubt = None if mask is None else ops.expand_dims(mask, 1)
        ruhig = self.normen[0](folge)
        folge += self.schauen(query=ruhig, value=ruhig, attention_mask=erlaubt, training=training)
        return folge + self.denken(self.normen[1](folge), training=training)

    def get_config(self):
        eigenes = {name: getattr(self, name) for name in ("koepfe", "faktor", "vergessen")}
        return super().get_config() | eigenes


@keras.saving.register_keras_serializable("uebung")
class Zeichenort(layers.Layer):
    """Vektor des Zeichens plus Vektor seiner Stelle; Zeichen 0 ist leer."""

    def __init__(self, zeichen, laenge, breite, **rest):
        super().__init__(**rest)
        self.masse = {"zeichen": zeichen, "laenge": laenge, "breite": breite}
        self.was = layers.Embedding(zeichen, breite)
        self.wo = layers.Embedding(laenge, breite)

    def compute_mask(self, folge, mask=None):
        return ops.not_equal(folge, 0)

    def call(self, folge):
        return self.wo(ops.arange(ops.shape(folge)[-1])) + self.was(folge)

    def get_config(self):
        return super().get_config() | self.masse


# Gewinnt, wer die 2 öfter als die 1 hat? Am Ende stehen verschieden viele Leerstellen.
folgen = np.random.randint(1, 4, (900, LAENGE))
folgen[np.arange(LAENGE) >= np.random.randint(6, LAENGE + 1, (900, 1))] = 0
mehr = (folgen == 2).sum(1) > (folgen == 1).sum(1)
eingang = keras.Input((LAENGE,), dtype="int32")
h = Zeichenort(4, LAENGE, BREITE)(eingang)
h = Umschau(3, vergessen=0.05, name="umschau")(h)
h = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling1D()(h))
richter = keras.Model(eingang, h)
richter.compile(keras.optimizers.Adam(0.004), "binary_crossentropy", metrics=["accuracy"])
richter.summary(expand_nested=True)
richter.fit(folgen[:700], mehr[:700], batch_size=50, epochs=8, verbose=2)
print("acc %.3f" % richter.evaluate(folgen[700:], mehr[700:], verbose=0)[1])
richter.save("richter.keras")
print("geladen:", keras.models.load_model("richter.keras").get_layer("umschau").koepfe)

# Zahlenreihen mit fester Schrittweite fortsetzen, ohne in die Zukunft zu sehen
start, schritt = np.random.randint(0, ZEICHEN, (2, 400, 1))
reihen = (start + schritt * np.arange(LAENGE + 1)) % ZEICHEN
eingang = keras.Input((None,), dtype="int32")
h = layers.Embedding(ZEICHEN, BREITE)(eingang)
umschau = layers.MultiHeadAttention(num_heads=2, key_dim=10)
h = layers.LayerNormalization()(layers.add([h, umschau(h, h, use_causal_mask=True)]))
h = layers.Dense(ZEICHEN)(layers.Dense(40, activation="gelu")(h))
weiter = keras.Model(eingang, h)
weiter.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
verlust = weiter.fit(reihen[:, :-1], reihen[:, 1:], epochs=6, verbose=0).history["loss"]
print("loss %.3f -> %.3f" % (verlust[0], verlust[-1]))
halb, ganz = (weiter.predict(reihen[:3, :n], verbose=0)[:, :6] for n in (6, 12))
print("kausal:", np.allclose(halb, ganz, atol=1e-5))
