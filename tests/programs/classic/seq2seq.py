# Zahlen lesen: römische Ziffern hinein, arabische heraus (tensorflow.keras um 2019)
import numpy as np
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.models import Model, load_model
from tensorflow.keras.optimizers import Adam
import tensorflow as tf

tf.random.set_seed(4)
mischer = np.random.RandomState(4)
WERTE = [(100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'),
         (1, 'I')]
ROEMISCH, ARABISCH = ' CLXVI', ' 0123456789<>'
BREITE, STELLEN, MERKER = 10, 4, 40


def roemisch(zahl):
    text = ''
    for wert, ziffern in WERTE:
        text += ziffern * (zahl // wert)
        zahl %= wert
    return text


def einzeln(texte, alphabet, laenge):
    """Jedes Zeichen als Zeile der Einheitsmatrix, kürzere Texte mit Leerzeichen am Ende."""
    stellen = [[alphabet.index(z) for z in text.ljust(laenge)] for text in texte]
    return np.eye(len(alphabet), dtype='float32')[np.array(stellen)]


zahlen = mischer.permutation(np.arange(1, 300))
lesen = einzeln([roemisch(z) for z in zahlen], ROEMISCH, BREITE)
schreiben = einzeln(['<%d' % z for z in zahlen], ARABISCH, STELLEN)
erwartet = einzeln(['%d>' % z for z in zahlen], ARABISCH, STELLEN)

# Der Leser gibt nur sein Gedächtnis weiter, der Schreiber fängt damit an.
stein = Input(shape=(None, len(ROEMISCH)), name='stein')
gemerkt = LSTM(MERKER, return_state=True, name='leser')(stein)[1:]
tafel = Input(shape=(None, len(ARABISCH)), name='tafel')
schreiber = LSTM(MERKER, return_state=True, return_sequences=True, name='schreiber')
wahl = Dense(len(ARABISCH), activation='softmax', name='wahl')
gelehrt = Model([stein, tafel], wahl(schreiber(tafel, initial_state=gemerkt)[0]))
gelehrt.compile(loss='categorical_crossentropy', optimizer=Adam(0.01), metrics=['accuracy'])
kurve = gelehrt.fit([lesen, schreiben], erwartet, epochs=40, batch_size=32, verbose=0,
                    validation_split=0.1).history
print('Lesefehler %.3f -> %.3f' % (kurve['loss'][0], kurve['loss'][-1]))
print('Zeichen acc: %.3f' % kurve['accuracy'][-1])

gelehrt.save('zahlen.h5')
wieder = load_model('zahlen.h5')
print('geladen:', np.allclose(wieder.predict([lesen[:5], schreiben[:5]]),
                              gelehrt.predict([lesen[:5], schreiben[:5]]), atol=1e-6))

# Zum Gebrauch in zwei Teile zerlegt; die Schichten und ihre Gewichte bleiben dieselben.
leser_teil = Model(stein, gemerkt)
alt = [Input(shape=(MERKER,), name='alt_%s' % teil) for teil in 'hc']
naechste, *neu = schreiber(tafel, initial_state=alt)
schreiber_teil = Model([tafel] + alt, [wahl(naechste)] + neu)


def lies_vor(steine):
    """Alle Inschriften zugleich, Stelle für Stelle das wahrscheinlichste Zeichen."""
    merk = leser_teil.predict(steine)
    letztes = einzeln(['<'] * len(steine), ARABISCH, 1)
    antworten = [''] * len(steine)
    for _ in range(STELLEN):
        chance, *merk = schreiber_teil.predict([letztes] + merk)
        zeichen = [ARABISCH[k] for k in chance[:, -1].argmax(axis=-1)]
        antworten = [a + z for a, z in zip(antworten, zeichen)]
        letztes = einzeln(zeichen, ARABISCH, 1)
    return [a.partition('>')[0] for a in antworten]


gelesen = lies_vor(lesen[:100])
print([(roemisch(z), g) for z, g in zip(zahlen[:4], gelesen)])
print('gelesen: %d von 100' % sum(g == str(z) for g, z in zip(gelesen, zahlen)))
