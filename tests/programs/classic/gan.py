# Ein GAN, das Punkte auf einem Kreis erzeugt - Training mit train_on_batch
import numpy as np
from keras.layers import Input, Dense, Dropout, LeakyReLU
from keras.layers.advanced_activations import LeakyReLU as Leaky
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras.initializers import RandomNormal
from keras import initializers

np.random.seed(1000)
random_dim = 10
X_train = (np.random.rand(500, 784) > 0.8) * 2.0 - 1.0


def get_optimizer():
    return Adam(lr=0.0002, beta_1=0.5)


def get_generator(optimizer):
    generator = Sequential()
    generator.add(Dense(64, input_dim=random_dim,
                        kernel_initializer=initializers.RandomNormal(stddev=0.02)))
    generator.add(LeakyReLU(0.2))
    generator.add(Dense(128))
    generator.add(Leaky(0.2))
    generator.add(Dense(784, activation='tanh'))
    generator.compile(loss='binary_crossentropy', optimizer=optimizer)
    return generator


def get_discriminator(optimizer):
    discriminator = Sequential()
    discriminator.add(Dense(128, input_dim=784, kernel_initializer=RandomNormal(stddev=0.02)))
    discriminator.add(LeakyReLU(0.2))
    discriminator.add(Dropout(0.3))
    discriminator.add(Dense(1, activation='sigmoid'))
    discriminator.compile(loss='binary_crossentropy', optimizer=optimizer)
    return discriminator


def get_gan_network(discriminator, random_dim, generator, optimizer):
    discriminator.trainable = False
    gan_input = Input(shape=(random_dim,))
    x = generator(gan_input)
    gan_output = discriminator(x)
    gan = Model(inputs=gan_input, outputs=gan_output)
    gan.compile(loss='binary_crossentropy', optimizer=optimizer)
    return gan


adam = get_optimizer()
generator = get_generator(adam)
discriminator = get_discriminator(adam)
gan = get_gan_network(discriminator, random_dim, generator, adam)
batch_size = 32
for e in range(1, 3):
    for _ in range(X_train.shape[0] // batch_size):
        noise = np.random.normal(0, 1, size=[batch_size, random_dim])
        image_batch = X_train[np.random.randint(0, X_train.shape[0], size=batch_size)]
        generated_images = generator.predict(noise)
        X = np.concatenate([image_batch, generated_images])
        y_dis = np.zeros(2 * batch_size)
        y_dis[:batch_size] = 0.9  # one-sided label smoothing
        discriminator.trainable = True
        d_loss = discriminator.train_on_batch(X, y_dis)
        noise = np.random.normal(0, 1, size=[batch_size, random_dim])
        discriminator.trainable = False
        before = discriminator.get_weights()[0].copy()
        g_loss = gan.train_on_batch(noise, np.ones(batch_size))
        assert np.array_equal(before, discriminator.get_weights()[0])
    print('Epoch %d: d_loss %.4f, g_loss %.4f' % (e, d_loss, g_loss))
