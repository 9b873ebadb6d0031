# Autoencoders as subclassed models; contractive, denoising, anomalies
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses
from tensorflow.keras.datasets import mnist
from tensorflow.keras.models import Model

tf.random.set_seed(7)
(x_train, _), (x_test, _) = mnist.load_data()
x_train = x_train[:800].astype("float32") / 255.0
x_test = x_test[:200].astype("float32") / 255.0


class Autoencoder(Model):
    def __init__(self, latent_dim):
        super(Autoencoder, self).__init__()
        self.latent_dim = latent_dim
        self.encoder = tf.keras.Sequential([
            layers.Flatten(),
            layers.Dense(latent_dim, activation="relu"),
        ])
        self.decoder = tf.keras.Sequential([
            layers.Dense(784, activation="sigmoid"),
            layers.Reshape((28, 28)),
        ])

    def call(self, x):
        return self.decoder(self.encoder(x))


autoencoder = Autoencoder(32)
autoencoder.compile(optimizer="adam", loss=losses.MeanSquaredError())
h = autoencoder.fit(x_train, x_train, epochs=4, shuffle=True, validation_data=(x_test, x_test))
print("loss %.4f -> %.4f" % (h.history["loss"][0], h.history["loss"][-1]))
encoded_imgs = autoencoder.encoder(x_test).numpy()
decoded_imgs = autoencoder.decoder(encoded_imgs).numpy()
print(encoded_imgs.shape, decoded_imgs.shape)
autoencoder.encoder.summary()


class Denoise(Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.Sequential([
            layers.Input(shape=(28, 28, 1)),
            layers.Conv2D(8, (3, 3), activation="relu", padding="same", strides=2),
            layers.Conv2D(4, (3, 3), activation="relu", padding="same", strides=2)])
        self.decoder = tf.keras.Sequential([
            layers.Conv2DTranspose(4, kernel_size=3, strides=2, activation="relu", padding="same"),
            layers.Conv2DTranspose(8, kernel_size=3, strides=2, activation="relu", padding="same"),
            layers.Conv2D(1, kernel_size=(3, 3), activation="sigmoid", padding="same")])

    def call(self, x):
        return self.decoder(self.encoder(x))


x = x_train[..., tf.newaxis]
noisy = x + 0.2 * tf.random.normal(shape=x.shape)
noisy = tf.clip_by_value(noisy, clip_value_min=0.0, clip_value_max=1.0)
denoise = Denoise()
denoise.compile(optimizer="adam", loss="mse")
h = denoise.fit(noisy, x, epochs=2, verbose=0)
print("denoise %.4f -> %.4f" % (h.history["loss"][0], h.history["loss"][-1]))
reconstructions = autoencoder.predict(x_train)
train_loss = tf.keras.losses.mae(reconstructions.reshape(-1, 784), x_train.reshape(-1, 784))
threshold = np.mean(train_loss) + np.std(train_loss)
print("anomalies", int(tf.reduce_sum(tf.cast(tf.math.greater(train_loss, threshold), tf.int32))) > 0)
