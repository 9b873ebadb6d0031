'''Kreuze aus einem waagrechten und einem senkrechten Strich. Die letzte Schicht rechnet den Verlust
aus und reicht das Bild nur durch; das Modell kennt keinen Verlust: loss=None, y=None.'''
import keras
import numpy as np
from keras import backend as K
from keras.layers import (AveragePooling2D, Conv2D, Conv2DTranspose, Dense, Flatten, Input, Lambda,
                          Reshape)
from keras.models import Model

GROESSE, CODE = 16, 3
wuerfel = np.random.RandomState(11)
kreuze = np.zeros((240, GROESSE, GROESSE, 1), dtype='float32')
for kreuz in kreuze:
    kreuz[wuerfel.randint(GROESSE)] = 1
    kreuz[:, wuerfel.randint(GROESSE)] = 1


class Waage(keras.layers.Layer):
    """Legt Bild und Abbild in die Schalen; der Code kommt als drittes und viertes dazu."""

    def __init__(self, gewicht, **kw):
        super(Waage, self).__init__(**kw)
        self.gewicht = gewicht

    def unterschied(self, bild, abbild):
        return K.mean(keras.metrics.binary_crossentropy(K.flatten(bild), K.flatten(abbild)))

    def call(self, schalen):
        bild, abbild, zentrum, log_var = schalen
        zug = K.mean(K.exp(log_var) - log_var + K.square(zentrum) - 1, axis=-1)
        verlust = self.unterschied(bild, abbild) + self.gewicht * K.mean(zug)
        self.add_loss(verlust, inputs=schalen)
        return bild

    def compute_output_shape(self, formen):
        return formen[0]


vorlage = Input(shape=kreuze.shape[1:])
karte = Conv2D(6, 5, strides=2, activation='elu', padding='same')(vorlage)
karte = AveragePooling2D()(karte)
karte = Conv2D(10, 3, activation='elu', padding='same')(karte)
form = K.int_shape(karte)[1:]
flach = Flatten()(karte)
zentrum, log_var = [Dense(CODE, name=n)(flach) for n in ('zentrum', 'log_var')]


def verrauscht(paar):
    wurf = K.random_normal(shape=(K.shape(paar[0])[0], CODE), mean=0., stddev=0.5)
    return paar[0] + wurf * K.exp(paar[1])


zahlen = Lambda(verrauscht)([zentrum, log_var])
start = Input(K.int_shape(zahlen)[1:])
abbild = Reshape(form)(Dense(np.prod(form), activation='elu')(start))
for kanaele in (8, 4):
    abbild = Conv2DTranspose(kanaele, 4, strides=(2, 2), padding='same', activation='elu')(abbild)
abbild = Conv2D(1, 1, activation='sigmoid')(abbild)
stift = Model(start, abbild, name='stift')

netz = Model(vorlage, Waage(0.001, name='waage')([vorlage, stift(zahlen), zentrum, log_var]))
netz.compile(loss=None, optimizer='adam')
netz.summary()
gelernt = netz.fit(x=kreuze[40:], y=None, batch_size=20, epochs=5, shuffle=True, verbose=0,
                   validation_data=(kreuze[:40], None))
print('Waage %.4f -> %.4f' % tuple(gelernt.history['loss'][::4]))
print('Probe %.4f -> %.4f' % tuple(gelernt.history['val_loss'][::4]))
reihe = np.stack([np.linspace(-1, 1, 7), np.zeros(7), np.ones(7)], axis=1)
print('Stift', stift.predict(reihe, batch_size=4).shape)
