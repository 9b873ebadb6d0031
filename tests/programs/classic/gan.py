# Gegeneinander lernen in der Ebene: erfundene Punkte sollen auf einem Ring liegen
import numpy as np
from keras import initializers
from keras.initializers import RandomNormal
from keras.layers import Activation, Dense, Dropout, Input, LeakyReLU
from keras.layers.advanced_activations import LeakyReLU as Knick
from keras.models import Model, Sequential
from keras.optimizers import Adam

np.random.seed(77)
N_ZUFALL = 4
HALB = 50


def ring(n):
    winkel = np.random.uniform(0, 2 * np.pi, n)
    radius = np.random.normal(0.7, 0.02, n)
    return np.stack([radius * np.cos(winkel), radius * np.sin(winkel)], axis=1)


def zufall(n):
    return np.random.randn(n, N_ZUFALL)


optimierer = Adam(lr=0.002, beta_1=0.6)  # einer für alle drei Modelle

pruefer = Sequential(name='pruefer')
pruefer.add(Dense(40, input_dim=2, kernel_initializer=initializers.RandomNormal(stddev=0.3)))
pruefer.add(Knick(0.1))
pruefer.add(Dropout(0.1))
pruefer.add(Dense(20))
pruefer.add(LeakyReLU(0.1))
pruefer.add(Dense(1))
pruefer.add(Activation('sigmoid'))
pruefer.compile(optimizer=optimierer, loss='binary_crossentropy')

erfinder = Sequential(name='erfinder')
erfinder.add(Dense(24, input_dim=N_ZUFALL, kernel_initializer=RandomNormal(stddev=0.3)))
erfinder.add(LeakyReLU(0.3))
erfinder.add(Dense(2, activation='tanh'))
erfinder.compile(optimizer=optimierer, loss='mse')  # wird nie gebraucht; man schrieb es so

pruefer.trainable = False
eingang = Input(shape=(N_ZUFALL,))
kette = Model(inputs=eingang, outputs=pruefer(erfinder(eingang)))
kette.compile(optimizer=optimierer, loss='binary_crossentropy')

marken = np.r_[np.full(HALB, 0.95), np.zeros(HALB)]  # nie ganz sicher: 0.95 statt 1
for abschnitt in range(3):
    for _ in range(12):
        # Der Schalter geht hin und her, ohne dass neu übersetzt wird.
        pruefer.trainable = True
        gemischt = np.vstack([ring(HALB), erfinder.predict(zufall(HALB))])
        verlust_p = pruefer.train_on_batch(gemischt, marken)
        pruefer.trainable = False
        vorher = [w.copy() for w in pruefer.get_weights()]
        erfunden = erfinder.get_weights()[0].copy()
        verlust_e = kette.train_on_batch(zufall(HALB), np.ones((HALB, 1)))
        assert all(np.array_equal(a, b) for a, b in zip(vorher, pruefer.get_weights()))
        assert not np.array_equal(erfunden, erfinder.get_weights()[0])
    abstand = np.linalg.norm(erfinder.predict(zufall(200)), axis=1).mean()
    print('pruefer %.4f | erfinder %.4f | mittlerer Radius %.3f' % (verlust_p, verlust_e, abstand))
