'''Variational autoencoder whose loss is added to the model: add_loss on symbolic tensors (2018).'''
from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

from keras.layers import Lambda, Input, Dense, Layer
from keras.models import Model
from keras.datasets import mnist
from keras.losses import mse, binary_crossentropy
from keras.utils import plot_model
from keras import backend as K

import numpy as np
import matplotlib.pyplot as plt
import argparse
import os


def sampling(args):
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]
    dim = K.int_shape(z_mean)[1]
    epsilon = K.random_normal(shape=(batch, dim))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon


(x_train, y_train), (x_test, y_test) = mnist.load_data()
image_size = x_train.shape[1]
original_dim = image_size * image_size
x_train = np.reshape(x_train[:2000], [-1, original_dim]).astype('float32') / 255
x_test = np.reshape(x_test[:500], [-1, original_dim]).astype('float32') / 255

input_shape = (original_dim, )
intermediate_dim = 64
latent_dim = 2

inputs = Input(shape=input_shape, name='encoder_input')
x = Dense(intermediate_dim, activation='relu')(inputs)
z_mean = Dense(latent_dim, name='z_mean')(x)
z_log_var = Dense(latent_dim, name='z_log_var')(x)
z = Lambda(sampling, output_shape=(latent_dim,), name='z')([z_mean, z_log_var])
encoder = Model(inputs, [z_mean, z_log_var, z], name='encoder')
encoder.summary()

latent_inputs = Input(shape=(latent_dim,), name='z_sampling')
x = Dense(intermediate_dim, activation='relu')(latent_inputs)
outputs = Dense(original_dim, activation='sigmoid')(x)
decoder = Model(latent_inputs, outputs, name='decoder')
decoder.summary()
outputs = decoder(encoder(inputs)[2])
vae = Model(inputs, outputs, name='vae_mlp')

if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument("-w", "--weights", help="Load trained weights")
    parser.add_argument("-m", "--mse", help="Use mse loss instead of binary cross entropy",
                        action='store_true')
    args = parser.parse_args()
    if args.mse:
        reconstruction_loss = mse(inputs, outputs)
    else:
        reconstruction_loss = binary_crossentropy(inputs, outputs)
    reconstruction_loss *= original_dim
    kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
    kl_loss = K.sum(kl_loss, axis=-1)
    kl_loss *= -0.5
    vae_loss = K.mean(reconstruction_loss + kl_loss)
    vae.add_loss(vae_loss)
    vae.compile(optimizer='adam')
    vae.summary()
    if args.weights:
        vae.load_weights(args.weights)
    else:
        h = vae.fit(x_train, epochs=3, batch_size=128, validation_data=(x_test, None), verbose=2)
        vae.save_weights('vae_mlp_mnist.h5')
        print('loss %.2f -> %.2f' % (h.history['loss'][0], h.history['loss'][-1]))
    z_mean, _, _ = encoder.predict(x_test, batch_size=128)
    print(z_mean.shape)
    plt.figure(figsize=(6, 5))
    plt.scatter(z_mean[:, 0], z_mean[:, 1], c=y_test[:500])
    plt.colorbar()
    plt.xlabel("z[0]")
    plt.ylabel("z[1]")
    plt.show()


# the layer that adds the loss by itself
class KLLayer(Layer):
    def __init__(self, *args, **kwargs):
        self.is_placeholder = True
        super(KLLayer, self).__init__(*args, **kwargs)

    def call(self, inputs):
        mu, log_var = inputs
        kl_batch = - .5 * K.sum(1 + log_var - K.square(mu) - K.exp(log_var), axis=-1)
        self.add_loss(K.mean(kl_batch), inputs=inputs)
        return inputs


x = Input(shape=(original_dim,))
h = Dense(32, activation='relu')(x)
mu = Dense(latent_dim)(h)
log_var = Dense(latent_dim)(h)
mu, log_var = KLLayer()([mu, log_var])
sigma = Lambda(lambda t: K.exp(.5 * t))(log_var)
out = Dense(original_dim, activation='sigmoid')(mu)
second = Model(x, out)
second.compile(optimizer='rmsprop', loss='binary_crossentropy')
hist = second.fit(x_train[:500], x_train[:500], epochs=2, batch_size=50, verbose=0)
print('second loss %.4f -> %.4f' % tuple(hist.history['loss']))
