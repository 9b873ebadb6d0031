# Autoencoder: dicht, dünn besetzt, tief, mit Faltungen, und zum Entrauschen
from keras.layers import Input, Dense, Conv2D, MaxPooling2D, UpSampling2D
from keras.models import Model
from keras import regularizers
from keras.datasets import mnist
from keras.callbacks import TensorBoard
import numpy as np
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt

(x_train, _), (x_test, _) = mnist.load_data()
x_train = x_train[:1500].astype('float32') / 255.
x_test = x_test[:300].astype('float32') / 255.
flat_train = x_train.reshape((len(x_train), np.prod(x_train.shape[1:])))
flat_test = x_test.reshape((len(x_test), np.prod(x_test.shape[1:])))
print(flat_train.shape, flat_test.shape)

encoding_dim = 32
input_img = Input(shape=(784,))
encoded = Dense(encoding_dim, activation='relu',
                activity_regularizer=regularizers.l1(10e-9))(input_img)
decoded = Dense(784, activation='sigmoid')(encoded)
autoencoder = Model(input_img, decoded)
encoder = Model(input_img, encoded)
encoded_input = Input(shape=(encoding_dim,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(encoded_input, decoder_layer(encoded_input))
autoencoder.compile(optimizer='adadelta', loss='binary_crossentropy')
autoencoder.optimizer.lr = 1.0
h = autoencoder.fit(flat_train, flat_train, epochs=4, batch_size=128, shuffle=True, verbose=2,
                    validation_data=(flat_test, flat_test))
print('dicht: %.4f -> %.4f' % (h.history['loss'][0], h.history['loss'][-1]))
encoded_imgs = encoder.predict(flat_test)
decoded_imgs = decoder.predict(encoded_imgs)
print(encoded_imgs.shape, decoded_imgs.shape)

# Faltungen, verrauschte Bilder
x_train = np.reshape(x_train, (len(x_train), 28, 28, 1))[:512]
x_test = np.reshape(x_test, (len(x_test), 28, 28, 1))
noise_factor = 0.5
x_train_noisy = x_train + noise_factor * np.random.normal(loc=0.0, scale=1.0, size=x_train.shape)
x_test_noisy = x_test + noise_factor * np.random.normal(loc=0.0, scale=1.0, size=x_test.shape)
x_train_noisy = np.clip(x_train_noisy, 0., 1.)
x_test_noisy = np.clip(x_test_noisy, 0., 1.)

input_img = Input(shape=(28, 28, 1))
x = Conv2D(16, (3, 3), activation='relu', padding='same')(input_img)
x = MaxPooling2D((2, 2), padding='same')(x)
x = Conv2D(8, (3, 3), activation='relu', padding='same')(x)
encoded = MaxPooling2D((2, 2), padding='same')(x)
x = Conv2D(8, (3, 3), activation='relu', padding='same')(encoded)
x = UpSampling2D((2, 2))(x)
x = Conv2D(16, (3, 3), activation='relu', padding='same')(x)
x = UpSampling2D((2, 2))(x)
decoded = Conv2D(1, (3, 3), activation='sigmoid', padding='same')(x)
autoencoder = Model(input_img, decoded)
autoencoder.compile(optimizer='adam', loss='binary_crossentropy')
h = autoencoder.fit(x_train_noisy, x_train, epochs=2, batch_size=64, shuffle=True, verbose=0,
                    validation_data=(x_test_noisy, x_test),
                    callbacks=[TensorBoard(log_dir='tb', histogram_freq=0, write_graph=False)])
print('Faltung: %.4f -> %.4f' % (h.history['loss'][0], h.history['loss'][-1]))
decoded_imgs = autoencoder.predict(x_test_noisy)
n = 5
plt.figure(figsize=(10, 4))
for i in range(n):
    ax = plt.subplot(2, n, i + 1)
    plt.imshow(x_test_noisy[i].reshape(28, 28))
    plt.gray()
    ax.get_xaxis().set_visible(False)
    ax = plt.subplot(2, n, i + 1 + n)
    plt.imshow(decoded_imgs[i].reshape(28, 28))
plt.savefig('entrauscht.png')
