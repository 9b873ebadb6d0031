# Gradient ascent on a picture, saliency, Grad-CAM, style: tf.GradientTape
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(2)
(x, y), _ = keras.datasets.mnist.load_data()
x, y = x[:500, :, :, None].astype("float32") / 255.0, y[:500]
inputs = keras.Input((28, 28, 1))
h = layers.Conv2D(8, 3, activation="relu", name="first")(inputs)
h = layers.MaxPooling2D(name="pool")(h)
h = layers.Conv2D(16, 3, activation="relu", name="last_conv")(h)
h = layers.Flatten()(h)
outputs = layers.Dense(10, activation="softmax")(h)
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3, verbose=0)

feature_extractor = keras.Model(inputs=model.inputs, outputs=model.get_layer("last_conv").output)


def compute_loss(input_image, filter_index):
    activation = feature_extractor(input_image)
    filter_activation = activation[:, 2:-2, 2:-2, filter_index]
    return tf.reduce_mean(filter_activation)


@tf.function
def gradient_ascent_step(img, filter_index, learning_rate):
    with tf.GradientTape() as tape:
        tape.watch(img)
        loss = compute_loss(img, filter_index)
    grads = tape.gradient(loss, img)
    grads = tf.math.l2_normalize(grads)
    img += learning_rate * grads
    return loss, img


img = tf.random.uniform((1, 28, 28, 1))
losses = []
for _ in range(20):
    loss, img = gradient_ascent_step(img, 1, 2.0)
    losses.append(float(loss))
print("filter %.4f -> %.4f" % (losses[0], losses[-1]))

image = tf.Variable(x[:1])
with tf.GradientTape() as tape:
    preds = model(image)
    top = preds[:, int(tf.argmax(preds[0]))]
saliency = tf.reduce_max(tf.abs(tape.gradient(top, image)), axis=-1)
print("saliency", saliency.shape, float(tf.reduce_max(saliency)) > 0)

grad_model = keras.Model(model.inputs, [model.get_layer("last_conv").output, model.output])
with tf.GradientTape() as tape:
    last_conv_layer_output, preds = grad_model(x[:1])
    class_channel = preds[:, tf.argmax(preds[0])]
grads = tape.gradient(class_channel, last_conv_layer_output)
pooled_grads = tf.reduce_mean(grads, axis=(0, 1, 2))
heatmap = last_conv_layer_output[0] @ pooled_grads[..., tf.newaxis]
heatmap = tf.squeeze(heatmap)
heatmap = tf.maximum(heatmap, 0) / (tf.math.reduce_max(heatmap) + 1e-9)
print("heatmap", heatmap.numpy().shape)


def gram(t):
    result = tf.linalg.einsum("bijc,bijd->bcd", t, t)
    return result / tf.cast(tf.shape(t)[1] * tf.shape(t)[2], tf.float32)


style = gram(feature_extractor(x[1:2]))
picture = tf.Variable(x[:1])
opt = tf.optimizers.Adam(learning_rate=0.02)
first = None
for _ in range(15):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((gram(feature_extractor(picture)) - style) ** 2)
        loss += 1e-5 * tf.image.total_variation(picture)[0]
    opt.apply_gradients([(tape.gradient(loss, picture), picture)])
    picture.assign(tf.clip_by_value(picture, 0.0, 1.0))
    first = float(loss) if first is None else first
print("style %.5f -> %.5f" % (first, float(loss)))

# adversarial
loss_object = tf.keras.losses.CategoricalCrossentropy()
probe = tf.convert_to_tensor(x[:1])
with tf.GradientTape() as tape:
    tape.watch(probe)
    loss = loss_object(tf.one_hot([y[0]], 10), model(probe))
signed_grad = tf.sign(tape.gradient(loss, probe))
print("adversarial", float(loss_object(tf.one_hot([y[0]], 10), model(probe + 0.2 * signed_grad))) > float(loss))
