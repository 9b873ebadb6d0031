# Datenströme: Bilder aus einem Ordner, Drehen und Spiegeln im Netz, Abbildungen, Generatoren
import pathlib
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.utils import image_dataset_from_directory, plot_model

keras.utils.set_random_seed(3)
VON_SELBST = tf.data.AUTOTUNE
ordner = pathlib.Path("flaggen")


def flagge(art):
    """Drei Streifen, waagrecht oder senkrecht, oder ein Kreuz."""
    tuch = np.tile(np.random.randint(0, 110, 3), (30, 30, 1))
    farbe = np.random.randint(150, 255, 3)
    if art in ("quer", "kreuz"):
        tuch[10:20] = farbe
    if art in ("hoch", "kreuz"):
        tuch[:, 10:20] = farbe
    return tuch.astype("uint8")


for teil, menge in {"lernen": 14, "pruefen": 5}.items():
    for art in ("quer", "hoch", "kreuz"):
        (ordner / teil / art).mkdir(parents=True)
        for nummer in range(menge):
            keras.utils.save_img(ordner / teil / art / f"f{nummer:02}.png", flagge(art))

lernen = image_dataset_from_directory(
    ordner / "lernen", label_mode="categorical", image_size=(24, 24), batch_size=7, seed=3)
pruefen = tf.keras.preprocessing.image_dataset_from_directory(
    str(ordner / "pruefen"), label_mode="categorical", image_size=(24, 24), batch_size=5)
arten = lernen.class_names
bilder, namen = next(iter(lernen))
print(arten, bilder.shape, namen.shape)
lernen = lernen.cache().shuffle(12).prefetch(VON_SELBST)
pruefen = pruefen.prefetch(buffer_size=VON_SELBST).cache()

unruhe = keras.Sequential([layers.RandomContrast(0.2), layers.RandomZoom(0.1),
                           layers.RandomFlip("vertical"), layers.RandomRotation(0.02)])
eingang = keras.Input((24, 24, 3))
h = layers.Rescaling(1 / 127.5, offset=-1)(unruhe(eingang))
h = layers.Conv2D(12, 5, strides=2, padding="same", activation="relu")(h)
seitenweg = layers.SeparableConv2D(12, 3, padding="same", activation="relu")(h)
h = layers.BatchNormalization()(layers.Add()([h, seitenweg]))
h = layers.Flatten()(layers.MaxPooling2D(3)(h))
ausgang = layers.Dense(len(arten), activation="softmax")(layers.Dropout(0.1)(h))
netz = keras.Model(eingang, ausgang)
netz.compile(keras.optimizers.AdamW(0.004), "categorical_crossentropy", metrics=["accuracy"])
beste = keras.callbacks.ModelCheckpoint("flaggen.keras", monitor="val_accuracy", mode="max",
                                        save_best_only=True)
netz.fit(lernen, validation_data=pruefen, epochs=10, callbacks=[beste], verbose=0)
print("acc %.2f" % keras.models.load_model("flaggen.keras").evaluate(pruefen, verbose=0)[1])
plot_model(netz, show_shapes=True, to_file="netz.png")
print("gezeichnet:", pathlib.Path("netz.png").stat().st_size > 1000)

# Strom von Preisen: filtern, umrechnen, überspringen, wiederholen
preise = tf.data.Dataset.from_tensor_slices({"euro": np.arange(1.0, 13.0), "stueck": range(12)})
preise = preise.filter(lambda ware: ware["stueck"] % 3 != 0)
preise = preise.map(lambda ware: (ware["euro"] * 100, ware["stueck"]), num_parallel_calls=VON_SELBST)
for cent, stueck in preise.skip(2).repeat(2).take(7).batch(3, drop_remainder=True):
    print(cent.numpy().astype(int), stueck.numpy())
paare = tf.data.Dataset.zip((tf.data.Dataset.range(10, 50, 10), preise.map(lambda c, s: s)))
print([tuple(int(wert) for wert in paar) for paar in paare.as_numpy_iterator()])


def messwerte():
    for stunde in range(12):
        yield np.linspace(stunde, stunde + 1, 5, dtype="float32"), [stunde / 12]


strom = tf.data.Dataset.from_generator(messwerte, output_signature=(
    tf.TensorSpec((5,), tf.float32), tf.TensorSpec((1,), tf.float32)))
waage = keras.Sequential([layers.Normalization(), layers.Dense(1)])
waage.layers[0].adapt(strom.map(lambda werte, _: werte).batch(6))
waage.compile("adam", "mae")
print("Strom:", len(waage.fit(strom.batch(6), epochs=2, verbose=0).history["loss"]))
roh = tf.io.read_file(str(ordner / "lernen" / "hoch" / "f00.png"))
bild = tf.image.convert_image_dtype(tf.io.decode_image(roh, channels=3), tf.float32)
bild = tf.image.flip_up_down(tf.image.resize(bild, [10, 20]))
print(bild.shape, bool(tf.reduce_max(bild) <= 1.0))
