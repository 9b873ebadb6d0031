'''Zwei Zahlen für ein Echo: ein VAE über den Sonar-Daten, der Verlust wird dem Modell angehängt.'''
from __future__ import print_function

import argparse
import os

import matplotlib.pyplot as plt
import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda, Layer
from keras.losses import binary_crossentropy, mse
from keras.models import Model

wahl = argparse.ArgumentParser(description='VAE über Echos')
wahl.add_argument('--quadrate', action='store_true', help='mittlere Quadrate statt Kreuzentropie')
wahl.add_argument('--gewichte', help='Datei mit fertigen Gewichten')
wahl = wahl.parse_args()

tabelle = np.loadtxt(os.path.join(os.environ['LERNWERK_DATA'], 'sonar', 'sonar.all-data'),
                     delimiter=',', dtype=str)
np.random.RandomState(5).shuffle(tabelle)
echos, metall = tabelle[:, :-1].astype('float32'), tabelle[:, -1] == 'M'
lern, probe = echos[:160], echos[160:]
BAENDER = echos.shape[1]


def ziehe(mitte_und_breite):
    mitte, breite = mitte_und_breite
    stoerung = K.random_normal(shape=(K.shape(mitte)[0], K.int_shape(mitte)[1]))
    return stoerung * K.exp(breite / 2) + mitte


def abweichung(mitte, breite):
    """Wie weit die Verteilung des Codes von der Normalverteilung entfernt ist."""
    return K.sum(K.exp(breite) + K.square(mitte) - breite - 1, axis=-1) / 2


# Der Decoder entsteht zuerst.
code = Input(shape=(2,), name='code')
decoder = Model(code, Dense(BAENDER, activation='sigmoid')(Dense(24, activation='tanh')(code)),
                name='decoder')
echo = Input(shape=(BAENDER,), name='echo')
merkmale = Dense(24, activation='tanh')(echo)
mitte = Dense(2, name='mitte')(merkmale)
breite = Dense(2, name='breite')(merkmale)
probe_z = Lambda(ziehe, output_shape=(2,), name='zug')([mitte, breite])
encoder = Model(echo, [mitte, breite, probe_z], name='encoder')
zurueck = decoder(encoder(echo)[2])
ganzes = Model(echo, zurueck, name='ganzes')

fehler = (mse if wahl.quadrate else binary_crossentropy)(echo, zurueck)
fehler *= BAENDER
ganzes.add_loss(K.mean(fehler + abweichung(mitte, breite)))
ganzes.compile(optimizer='rmsprop')
ganzes.summary()
if wahl.gewichte:
    ganzes.load_weights(wahl.gewichte)
else:
    lauf = ganzes.fit(lern, epochs=8, batch_size=20, validation_data=(probe, None), verbose=2)
    ganzes.save_weights('echo.h5')
    print('Verlust %.3f -> %.3f' % (lauf.history['loss'][0], lauf.history['loss'][-1]))
ort = encoder.predict(echos, batch_size=52)[0]
print('Karte', ort.shape)
plt.scatter(*ort.T, c=metall, cmap='coolwarm')
plt.title('Metall oder Fels')
plt.show()


# Dasselbe noch einmal: hier hängt eine Schicht ihren Teil selbst an.
class Zuegel(Layer):
    def __init__(self, staerke=1., **rest):
        self.is_placeholder = True
        super(Zuegel, self).__init__(**rest)
        self.staerke = staerke

    def call(self, paar):
        self.add_loss(self.staerke * K.mean(abweichung(*paar)), inputs=paar)
        return paar


ein = Input(shape=(BAENDER,))
m, b = Zuegel(staerke=0.01)([Dense(3)(ein), Dense(3)(ein)])
aus = Dense(BAENDER, activation='sigmoid')(Lambda(ziehe)([m, b]))
knapp = Model(ein, aus)
knapp.compile(optimizer='adam', loss='mse')
kurve = knapp.fit(lern, lern, epochs=6, batch_size=16, verbose=0).history['loss']
print('Zuegel %.4f -> %.4f' % (kurve[0], kurve[-1]))
