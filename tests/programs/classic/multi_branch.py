# Bestellungen in einer Kantine: Was wurde gewählt (Folge von Gerichten), wie ist das Wetter
# (Zahlen)? Vorhergesagt werden zwei Dinge auf einmal.
import numpy as np
from keras.layers import LSTM, Dense, Dropout, Embedding, Input, concatenate
from keras.models import Model

zufall = np.random.RandomState(21)
TAGE, GERICHTE = 9, 30
gerichte = zufall.randint(1, GERICHTE, size=(320, TAGE)).astype('int32')
wetter = zufall.normal(size=(320, 3))
# Suppe, wenn es kalt oder nass ist; dazu die Frage, ob zuletzt eine Nachspeise (ab 20) dabei war
suppe = (wetter[:, 0] - wetter[:, 1] < 0).astype('float32').reshape(-1, 1)
satt = np.stack([gerichte[:, -1] >= 20, gerichte[:, -1] < 20], axis=1).astype('float32')

himmel = Input(shape=(3,), name='himmel')
teller = Input(shape=(TAGE,), dtype='int32', name='teller')
gedaechtnis = Embedding(input_dim=GERICHTE, output_dim=6, input_length=TAGE)(teller)
gedaechtnis = LSTM(12, name='gedaechtnis')(gedaechtnis)
nachtisch = Dense(2, activation='softmax', name='nachtisch')(gedaechtnis)
beides = concatenate([Dense(10, activation='tanh')(himmel), gedaechtnis])
beides = Dropout(0.1)(Dense(24, activation='tanh')(beides))
urteil = Dense(1, activation='sigmoid', name='urteil')(beides)
kantine = Model(inputs=[teller, himmel], outputs=[urteil, nachtisch])
kantine.summary()

# Erst mit Namen ...
kantine.compile(loss={'nachtisch': 'categorical_crossentropy', 'urteil': 'binary_crossentropy'},
                loss_weights={'nachtisch': 0.5, 'urteil': 1.5}, optimizer='adam',
                metrics={'urteil': 'accuracy'})
lauf = kantine.fit({'himmel': wetter, 'teller': gerichte},
                   {'nachtisch': satt, 'urteil': suppe},
                   validation_split=0.2, batch_size=16, epochs=8, verbose=2)
print('Spalten:', sorted(lauf.history))
for teil, wert in zip(kantine.metrics_names,
                      kantine.evaluate([gerichte, wetter], [suppe, satt], verbose=0)):
    print('  %s = %.3f' % (teil, wert))
print('urteil acc: %.3f' % lauf.history['urteil_acc'][-1])

# ... dann noch einmal der Reihe nach, mit anderem Gewicht
kantine.compile('rmsprop', ['binary_crossentropy', 'categorical_crossentropy'],
                loss_weights=[1., 0.1])
kantine.fit([gerichte, wetter], [suppe, satt], epochs=1, batch_size=64)
antworten = kantine.predict({'teller': gerichte[-6:], 'himmel': wetter[-6:]})
print('Antworten', [antwort.shape for antwort in antworten])

# Ein Gedächtnis für zwei Wochen: dieselbe Schicht an zwei Eingängen
wochen = [Input(shape=(7, 2)) for _ in range(2)]
woche_lesen = LSTM(5)
codes = [woche_lesen(woche) for woche in wochen]
waermer = Model(inputs=wochen, outputs=Dense(1, activation='sigmoid')(concatenate(codes, axis=1)))
waermer.compile(loss='binary_crossentropy', optimizer='sgd', metrics=['accuracy'])
erste, zweite = zufall.normal(size=(2, 80, 7, 2))
waermer.fit([erste, zweite], zweite.mean(axis=(1, 2)) > erste.mean(axis=(1, 2)), verbose=0)
print('geteilt', *[woche_lesen.get_output_at(stelle).shape for stelle in (0, 1)])
