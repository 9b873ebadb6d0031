'''Wie viele Löcher hat die Ziffer? Keins, eins oder zwei - mit den Wörtern von Keras 1.'''
from keras import backend as K
from keras.datasets import mnist
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.regularizers import l2
from keras.utils import np_utils
import numpy as np

np.random.seed(8)
LOECHER = np.array([1, 0, 0, 0, 1, 0, 1, 0, 2, 1])  # von 0 bis 9, die 4 oben zu
kanal = 1 if K.image_dim_ordering() == 'th' else -1


def auswahl(bilder, ziffern, anzahl):
    """Gleich viele von jeder Sorte, auf halbe Größe gemittelt."""
    sorte = LOECHER[ziffern]
    wer = np.concatenate([np.flatnonzero(sorte == s)[:anzahl] for s in range(3)])
    klein = bilder[wer].reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) / 255
    return np.expand_dims(klein, kanal), np_utils.to_categorical(sorte[wer], 3)


(viele, welche), (andere, deren) = mnist.load_data()
bilder, soll = auswahl(viele, welche, 500)
pruef_bilder, pruef_soll = auswahl(andere, deren, 90)

netz = Sequential([
    Convolution2D(10, 5, 5, border_mode='same', subsample=(1, 1), init='glorot_normal',
                  activation='tanh', input_shape=bilder.shape[1:]),
    MaxPooling2D(pool_size=(2, 2), strides=(2, 2)),
    Convolution2D(14, 3, 3, border_mode='valid', bias=False),
    Activation('relu'),
    Convolution2D(14, 3, 3, subsample=(2, 2), border_mode='same', W_regularizer=l2(0.001)),
    Activation('relu'),
    Flatten(),
])
netz.add(Dropout(p=0.2))
netz.add(Dense(output_dim=20, init='he_uniform', b_regularizer=l2(0.001)))
netz.add(Activation('tanh'))
netz.add(Dense(output_dim=3, activation='softmax'))

netz.compile(optimizer='adagrad', loss='categorical_crossentropy', metrics=['accuracy'])
K.set_value(netz.optimizer.lr, 0.03)
lauf = netz.fit(bilder, soll, nb_epoch=5, batch_size=50, verbose=2,
                validation_data=(pruef_bilder, pruef_soll))
print('Verlauf:', ' '.join('%.2f' % wert for wert in lauf.history['val_acc']))
verlust, richtig = netz.evaluate(pruef_bilder, pruef_soll, verbose=0)
print('Verlust %.3f' % verlust)
print('Loecher richtig gezaehlt: %.3f' % richtig)
