# Ein Netz malt Äpfel: Faltungen hier wie dort, die Vorlagen sind gekritzelte Bilder (24 x 24)
import os
import numpy as np
import matplotlib.pyplot as plt
from keras.models import Model, Sequential
from keras.layers import (Activation, BatchNormalization, Dense, Dropout, GlobalAveragePooling2D,
                          Input, Reshape, ZeroPadding2D)
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.convolutional import Conv2D, UpSampling2D
from keras.optimizers import Adam

SEITE, RAUSCHEN, STAPEL = 24, 12, 20


def vorlagen(anzahl):
    datei = os.path.join(os.environ['LERNWERK_DATA'], 'quickdraw', 'apple.npy')
    bilder = np.load(datei)[:anzahl].reshape(-1, 28, 28, 1)[:, 2:26, 2:26]
    return bilder.astype('float32') / 128 - 1


def baue_kritiker():
    bild = Input(shape=(SEITE, SEITE, 1))
    y = ZeroPadding2D(padding=((1, 0), (1, 0)))(bild)
    y = Conv2D(6, (4, 4), strides=(3, 3))(y)
    y = LeakyReLU(alpha=0.1)(y)
    for kanaele in (10, 14):
        y = Conv2D(kanaele, (3, 3), padding='same')(y)
        y = BatchNormalization(momentum=0.7)(y)
        y = LeakyReLU(alpha=0.1)(y)
    y = Dropout(0.2)(GlobalAveragePooling2D()(y))
    return Model(bild, Dense(1, activation='sigmoid')(y), name='kritiker')


def baue_maler():
    schichten = [Dense(6 * 6 * 10, input_shape=(RAUSCHEN,)), Reshape((6, 6, 10))]
    for kanaele in (12, 6):
        schichten += [UpSampling2D(size=(2, 2)), Conv2D(kanaele, (3, 3), padding='same'),
                      BatchNormalization(momentum=0.7), Activation('relu')]
    schichten.append(Conv2D(1, (5, 5), padding='same', activation='tanh'))
    return Sequential(schichten, name='maler')


def wuerfle(anzahl):
    return np.random.uniform(-1, 1, size=(anzahl, RAUSCHEN))


np.random.seed(3)
maler, kritiker = baue_maler(), baue_kritiker()
maler.summary()
schritt = Adam(0.001, 0.6)  # derselbe Optimierer für beide Spiele
kritiker.compile(optimizer=schritt, loss='binary_crossentropy', metrics=['accuracy'])

# Erst nach dem Übersetzen eingefroren: der Kritiker lernt allein, aber nicht im Gespann.
kritiker.trainable = False
idee = Input(shape=(RAUSCHEN,))
gespann = Model(inputs=idee, outputs=kritiker(maler(idee)))
gespann.compile(optimizer=schritt, loss='binary_crossentropy')

aepfel = vorlagen(240)
for runde in range(2):
    np.random.shuffle(aepfel)
    for anfang in range(0, len(aepfel), 4 * STAPEL):
        echte = aepfel[anfang:anfang + STAPEL]
        gemalte = maler.predict(wuerfle(STAPEL))
        auf_echte = kritiker.train_on_batch(echte, np.ones(STAPEL))
        auf_gemalte = kritiker.train_on_batch(gemalte, np.zeros(STAPEL))
        fehler, treffer = np.mean([auf_echte, auf_gemalte], axis=0)
        taeuschung = gespann.train_on_batch(wuerfle(2 * STAPEL), np.ones(2 * STAPEL))
    print('Runde {}: Kritiker {:.4f} (richtig: {:.0%}), Maler {:.4f}'.format(
        runde + 1, fehler, treffer, taeuschung))

galerie = np.hstack(list(maler.predict(wuerfle(5))[..., 0]))
plt.imsave('aepfel.png', galerie, cmap='gray_r')
print('Galerie', galerie.shape, os.path.exists('aepfel.png'))
