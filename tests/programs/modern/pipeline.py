# tf.data: map, cache, prefetch, Abbildungen; Bilder aus Ordnern; Augmentation als Schichten
import os
import pathlib
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.utils import image_dataset_from_directory, plot_model

keras.utils.set_random_seed(0)
base = pathlib.Path("bilder")
for part, count in (("train", 12), ("validation", 6)):
    for kind, channel in (("rot", 0), ("blau", 2)):
        folder = base / part / kind
        folder.mkdir(parents=True)
        for i in range(count):
            a = np.random.randint(0, 80, (36, 36, 3)).astype("uint8")
            a[..., channel] += 150
            keras.utils.save_img(folder / f"{i}.jpg", a)

train_ds = image_dataset_from_directory(base / "train", image_size=(32, 32), batch_size=6)
val_ds = tf.keras.preprocessing.image_dataset_from_directory(
    str(base / "validation"), image_size=(32, 32), batch_size=6, label_mode="int")
print(train_ds.class_names)
for data_batch, labels_batch in train_ds:
    print("data batch shape:", data_batch.shape, "labels batch shape:", labels_batch.shape)
    break
AUTOTUNE = tf.data.AUTOTUNE
train_ds = train_ds.cache().shuffle(100).prefetch(buffer_size=AUTOTUNE)
val_ds = val_ds.cache().prefetch(buffer_size=AUTOTUNE)
data_augmentation = keras.Sequential([
    layers.RandomFlip("horizontal"),
    layers.RandomRotation(0.1),
    layers.RandomZoom(0.2),
    layers.RandomContrast(0.1),
])
inputs = keras.Input(shape=(32, 32, 3))
x = data_augmentation(inputs)
x = layers.Rescaling(1.0 / 255)(x)
for size in (8, 16):
    residual = x
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.SeparableConv2D(size, 3, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    residual = layers.Conv2D(size, 1, strides=2, padding="same", use_bias=False)(residual)
    x = layers.add([x, residual])
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
callbacks = [keras.callbacks.ModelCheckpoint(filepath="bilder.keras", save_best_only=True,
                                             monitor="val_loss")]
history = model.fit(train_ds, epochs=8, validation_data=val_ds, callbacks=callbacks, verbose=0)
print("acc %.2f" % model.evaluate(train_ds, verbose=0)[1])
test_model = keras.models.load_model("bilder.keras")
print(f"{len(test_model.layers)} layers", test_model.evaluate(val_ds, verbose=0)[0] >= 0)
plot_model(model, to_file="modell.png", show_shapes=True)
print("drawn:", os.path.getsize("modell.png") > 1000)

ds = tf.data.Dataset.from_tensor_slices((np.arange(20).astype("float32"), np.arange(20)))
ds = ds.map(lambda a, b: (a * 2.0, b + 1), num_parallel_calls=AUTOTUNE).filter(lambda a, b: b > 3)
ds = ds.repeat(2).skip(1).take(10).batch(4, drop_remainder=True)
for a, b in ds:
    print(a.numpy(), b.numpy())
print(len(list(tf.data.Dataset.range(7).batch(3).as_numpy_iterator())))
zipped = tf.data.Dataset.zip((tf.data.Dataset.range(3), tf.data.Dataset.range(3, 6)))
print([(int(a), int(b)) for a, b in zipped])


def generator():
    for i in range(8):
        yield np.ones(4, "float32") * i, i % 2


made = tf.data.Dataset.from_generator(generator, output_signature=(
    tf.TensorSpec(shape=(4,), dtype=tf.float32), tf.TensorSpec(shape=(), dtype=tf.int32)))
small = keras.Sequential([layers.Dense(1, activation="sigmoid")])
small.compile("sgd", "binary_crossentropy")
small.fit(made.batch(4), epochs=1, verbose=0)
img = tf.io.decode_image(tf.io.read_file(str(base / "train" / "rot" / "0.jpg")), channels=3)
img = tf.image.resize(tf.image.convert_image_dtype(img, tf.float32), [16, 16])
print(img.shape, float(tf.reduce_max(tf.image.flip_left_right(img))) <= 1)
