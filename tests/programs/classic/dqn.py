# Ein Fahrstuhl mit sieben Stockwerken lernt, ins mittlere zu fahren: Q-Werte aus einem Netz,
# die Ziele dazu aus einer älteren Kopie
import collections
import random

import numpy as np
from keras.layers import Activation, Dense
from keras.models import Sequential
from keras.optimizers import RMSprop
from keras.utils.np_utils import to_categorical

STOCKWERKE, MITTE, GEDULD = 7, 3, 10
Erlebnis = collections.namedtuple('Erlebnis', 'hier tat lohn dort schluss')


def fahre(stock, tat):
    """0: hinunter, 1: hinauf. Jede Fahrt kostet Strom, die Ankunft bringt etwas ein."""
    stock = int(np.clip(stock + 2 * tat - 1, 0, STOCKWERKE - 1))
    return stock, 2. if stock == MITTE else -.1


def anzeige(stock):
    return to_categorical([stock], STOCKWERKE)


def schaltwerk():
    netz = Sequential()
    netz.add(Dense(12, input_shape=(STOCKWERKE,)))
    netz.add(Activation('tanh'))
    netz.add(Dense(2))
    netz.compile(optimizer=RMSprop(lr=0.02), loss='mse')
    return netz


random.seed(6)
np.random.seed(6)
lernend, ruhend = schaltwerk(), schaltwerk()
ruhend.set_weights(lernend.get_weights())
tagebuch = collections.deque(maxlen=200)
neugier, geduldig = 0.9, 0.8

for tag in range(1, 31):
    stock, fahrten, summe = random.choice([0, 1, 2, 4, 5, 6]), 0, 0.
    while stock != MITTE and fahrten < GEDULD:
        if random.random() < neugier:
            tat = random.randint(0, 1)
        else:
            tat = int(np.argmax(lernend.predict(anzeige(stock)), axis=-1)[0])
        ziel, lohn = fahre(stock, tat)
        tagebuch.append(Erlebnis(stock, tat, lohn, ziel, ziel == MITTE))
        stock, fahrten, summe = ziel, fahrten + 1, summe + lohn

    # abends: zwölf Erinnerungen, jede für sich
    for e in random.choices(tagebuch, k=12):
        soll = lernend.predict(anzeige(e.hier))
        spaeter = 0. if e.schluss else ruhend.predict(anzeige(e.dort)).max()
        soll[0, e.tat] = e.lohn + geduldig * spaeter
        lernend.fit(anzeige(e.hier), soll, batch_size=1, epochs=1, verbose=0)
    neugier = max(0.2, neugier - 0.03)
    if tag % 3 == 0:
        ruhend.set_weights(lernend.get_weights())
    if tag % 10 == 0:
        print('Tag %d: %d Fahrten, Lohn %.1f, Neugier %.2f' % (tag, fahrten, summe, neugier))

lernend.save_weights('fahrstuhl.h5')
frisch = schaltwerk()
frisch.load_weights('fahrstuhl.h5')
werte = frisch.predict(np.eye(STOCKWERKE))
print('geladen:', np.array_equal(werte, lernend.predict(np.eye(STOCKWERKE))))
pfeile = ''.join('v^'[tat] for tat in werte.argmax(axis=1))
print('Plan: ' + pfeile[:MITTE] + 'o' + pfeile[MITTE + 1:])
