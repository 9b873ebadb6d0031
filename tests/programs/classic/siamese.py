# Sind zwei Kritzeleien vom selben Ding? Ein Zwillingsnetz, gefragt auf zwei Arten
import os
import numpy as np
from keras import backend as K
from keras.layers import BatchNormalization, Dense, Dropout, Input, Lambda
from keras.models import Model, Sequential
from keras.optimizers import SGD

losen = np.random.RandomState(9)
DINGE, PUNKTE, GRENZE = ('fish', 'diamond', 'bicycle', 'apple'), 14 * 14, 1.2


def hefte(von, bis):
    """Für jedes Ding ein Heft mit verkleinerten Bildern."""
    ordner = os.path.join(os.environ['LERNWERK_DATA'], 'quickdraw')
    alle = [np.load(os.path.join(ordner, ding + '.npy'))[von:bis] for ding in DINGE]
    return [h.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, PUNKTE) / 255 for h in alle]


def ziehe_paare(hefte, anzahl):
    links = losen.randint(len(DINGE), size=anzahl)
    gleich = losen.rand(anzahl) < 0.5
    rechts = np.where(gleich, links, (links + losen.randint(1, len(DINGE), anzahl)) % len(DINGE))
    seiten = [np.stack([hefte[d][losen.randint(len(hefte[d]))] for d in seite])
              for seite in (links, rechts)]
    return seiten, gleich.astype('float32')


paare, gleich = ziehe_paare(hefte(0, 400), 1200)
neue_paare, neu_gleich = ziehe_paare(hefte(400, 600), 300)

auge = Sequential(name='auge')
auge.add(Dense(48, activation='tanh', input_shape=(PUNKTE,)))
auge.add(BatchNormalization())
auge.add(Dropout(0.2))
auge.add(Dense(12))
seiten = [Input(shape=(PUNKTE,), name=name) for name in ('links', 'rechts')]
blicke = [auge(seite) for seite in seiten]

# Erste Art: Unterschied Zahl für Zahl, dann ein Urteil
differenz = Lambda(lambda zwei: K.abs(zwei[1] - zwei[0]), name='differenz')(blicke)
richter = Model(inputs=seiten, outputs=Dense(1, activation='sigmoid')(differenz))
richter.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
richter.fit(paare, gleich, batch_size=40, epochs=5, verbose=2)
print('Richter acc: %.3f' % richter.evaluate(neue_paare, neu_gleich, verbose=0)[1])


# Zweite Art: Gleiches soll beieinander liegen, Verschiedenes weiter als GRENZE auseinander
def strecke(zwei):
    quadrate = K.sum(K.square(zwei[0] - zwei[1]), axis=-1, keepdims=True)
    return K.sqrt(K.clip(quadrate, K.epsilon(), None))


def eine_spalte(formen):
    return formen[0][0], 1


def zug_und_druck(soll, weite):
    druck = K.square(K.relu(GRENZE - weite))
    return K.mean(K.switch(K.greater(soll, 0.5), K.square(weite), druck))


def richtig_getrennt(soll, weite):
    nah = K.less(weite, GRENZE / 2)
    return K.mean(K.cast(K.equal(K.cast(nah, K.floatx()), soll), K.floatx()))


masz = Model(seiten, Lambda(strecke, output_shape=eine_spalte, name='strecke')(blicke))
masz.compile(optimizer=SGD(0.05, momentum=0.8), loss=zug_und_druck, metrics=[richtig_getrennt])
log = masz.fit({'links': paare[0], 'rechts': paare[1]}, gleich, batch_size=40, epochs=6, verbose=0,
               validation_data=(neue_paare, neu_gleich)).history
print('Masz %.4f -> %.4f' % (log['loss'][0], log['loss'][-1]))
print('getrennt: %.3f' % log['val_richtig_getrennt'][-1])
weiten = masz.predict(neue_paare)[:, 0]
print('gleiche naeher:', weiten[neu_gleich == 1].mean() < weiten[neu_gleich == 0].mean())
print('Gewichte', auge.count_params(), richter.count_params() - auge.count_params())
