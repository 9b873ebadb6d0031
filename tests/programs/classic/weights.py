# Ungleiche Klassen: class_weight, sample_weight, loss_weights, zeitliche Gewichte
import numpy as np
from sklearn.utils import class_weight
from keras.layers import Dense, Input, LSTM, TimeDistributed
from keras.models import Model, Sequential

np.random.seed(8)
X = np.random.randn(400, 5)
y = (X[:, 0] + 0.3 * np.random.randn(400) > 1.3).astype(int)


def modell():
    np.random.seed(1)
    m = Sequential()
    m.add(Dense(8, input_dim=5, activation='relu'))
    m.add(Dense(1, activation='sigmoid'))
    m.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
    return m


ohne = modell()
ohne.fit(X, y, epochs=15, verbose=0)
gewichte = class_weight.compute_class_weight(class_weight='balanced', classes=np.unique(y), y=y)
mit = modell()
mit.fit(X, y, epochs=15, class_weight=dict(enumerate(gewichte)), verbose=0)
print('mehr Einsen: %s' % (mit.predict(X).mean() > ohne.predict(X).mean()))
einzeln = modell()
einzeln.fit(X, y, sample_weight=np.where(y == 1, 5., 1.), epochs=5, verbose=0,
            validation_data=(X, y, np.ones(400)))
print(einzeln.evaluate(X, y, sample_weight=np.ones(400), verbose=0)[1] > 0.5)
print(einzeln.train_on_batch(X[:10], y[:10], class_weight={0: 1., 1: 3.}))

ein = Input(shape=(5,))
h = Dense(8, activation='relu')(ein)
klasse = Dense(2, activation='softmax', name='klasse')(h)
wert = Dense(1, name='wert')(h)
m = Model(ein, [klasse, wert])
m.compile('adam', loss=['categorical_crossentropy', 'mse'], loss_weights={'klasse': 1., 'wert': 0.1},
          metrics={'klasse': ['accuracy'], 'wert': 'mae'})
verlauf = m.fit(X, [np.eye(2)[y], X[:, :1]], epochs=5, verbose=0, validation_split=0.1,
                sample_weight={'klasse': np.ones(400), 'wert': np.ones(400)})
print('loss %.4f -> %.4f' % (verlauf.history['loss'][0], verlauf.history['loss'][-1]))
print(sorted(verlauf.history)[:5])

zeit = Sequential()
zeit.add(LSTM(6, return_sequences=True, input_shape=(4, 3)))
zeit.add(TimeDistributed(Dense(2, activation='softmax')))
zeit.compile('adam', 'categorical_crossentropy', sample_weight_mode='temporal')
zeit.fit(np.random.rand(20, 4, 3), np.eye(2)[np.random.randint(0, 2, (20, 4))],
         sample_weight=np.random.rand(20, 4), verbose=0)
print('fertig')
