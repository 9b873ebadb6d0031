# Transfer learning in functional style: frozen base, new head, then fine-tuning
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(1)
base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3),
                                      alpha=0.35)
base.trainable = False
inputs = keras.Input(shape=(32, 32, 3))
x = keras.applications.mobilenet_v2.preprocess_input(inputs)
x = base(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(), loss="sparse_categorical_crossentropy",
              metrics=["accuracy"])
model.summary(show_trainable=True)
X = np.random.randint(0, 255, (24, 32, 32, 3)).astype("float32")
y = np.arange(24) % 3
before = base.get_weights()
model.fit(X, y, epochs=2, batch_size=8, verbose=2)
print("frozen:", all(np.array_equal(a, b) for a, b in zip(before, base.get_weights())))
print(len(model.trainable_weights), len(model.non_trainable_weights))
base.trainable = True
for layer in base.layers[:-4]:
    layer.trainable = False
model.compile(optimizer=keras.optimizers.RMSprop(1e-5), loss="sparse_categorical_crossentropy")
model.fit(X, y, epochs=1, batch_size=8, verbose=0)
print(len(model.trainable_weights))

vgg = keras.applications.VGG19(weights=None, include_top=True, classes=10, input_shape=(32, 32, 3))
features = keras.Model(vgg.inputs, vgg.layers[-2].output)
for layer in features.layers[:10]:
    layer.trainable = False
new = keras.Sequential([features, layers.Dense(3, activation="softmax")])
new.compile("adam", "sparse_categorical_crossentropy")
print(len(new.layers), new.output_shape, features.count_params())
print(features.predict(X[:2], verbose=0).shape)
