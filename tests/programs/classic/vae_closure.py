'''Lichtflecke auf einer Platte, zusammengefasst zu zwei Zahlen. Die Verlustfunktion bekommt nur
Bild und Ergebnis; mu und lv holt sie sich von draußen.'''
import numpy as np
from keras import backend as K
from keras import metrics, objectives
from keras.layers import Dense, Input, Lambda
from keras.models import Model

nb_epoch, n_batch = 5, 50
kante = 12
n_pixel = kante ** 2
streuung = 0.8


def flecke(anzahl, samen):
    ort = np.random.RandomState(samen).uniform(2, kante - 3, size=(2, anzahl, 1, 1))
    zeile, spalte = np.mgrid[:kante, :kante]
    return np.exp(-((zeile - ort[0]) ** 2 + (spalte - ort[1]) ** 2) / 6).reshape(anzahl, n_pixel)


# Rückweg: Schichten, die später noch einmal an einem anderen Eingang hängen
auf = [Dense(20, activation='tanh'), Dense(40, activation='relu'),
       Dense(n_pixel, activation='sigmoid')]


def male(punkt):
    for schicht in auf:
        punkt = schicht(punkt)
    return punkt


bild = Input(batch_shape=(n_batch, n_pixel))
ab = Dense(20, activation='tanh')(Dense(40, activation='relu')(bild))
mu, lv = Dense(2, name='mu')(ab), Dense(2, name='lv')(ab)
punkt = Lambda(
    lambda p: p[0] + K.sqrt(K.exp(p[1])) * K.random_normal(shape=(n_batch, 2), mean=0.,
                                                          stddev=streuung),
    output_shape=(2,))([mu, lv])
gemalt = male(punkt)


def kosten(soll, ist):
    zwang = 0.5 * K.sum(K.square(mu) + K.exp(lv) - lv - 1, axis=-1)
    return zwang + n_pixel * objectives.binary_crossentropy(soll, ist)


def je_pixel(soll, ist):
    return K.mean(metrics.binary_crossentropy(soll, ist))


flecken_netz = Model(input=bild, output=gemalt)
flecken_netz.compile(loss=kosten, optimizer='adam', metrics=[je_pixel])
platten, neue = flecke(1500, samen=1), flecke(200, samen=2)
log = flecken_netz.fit(platten, platten, batch_size=n_batch, nb_epoch=nb_epoch, verbose=2,
                       validation_data=(neue, neue))
for name in ('loss', 'je_pixel', 'val_loss'):
    print('%s: %.3f -> %.3f' % (name, log.history[name][0], log.history[name][-1]))

wohin = Model(bild, mu).predict(neue, batch_size=n_batch)
print('mu', wohin.shape)
frei = Input(shape=(2,))
zeichner = Model(frei, male(frei))
achse = (-1.2, -0.4, 0.4, 1.2)
karte = np.vstack([np.hstack([zeichner.predict(np.array([[u, v]]))[0].reshape(kante, kante)
                              for u in achse]) for v in achse])
print('Karte', karte.shape, 0 <= karte.min() and karte.max() <= 1)
