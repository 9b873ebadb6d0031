# Zeitreihen: TimeDistributed, stateful LSTM, TimeseriesGenerator, RepeatVector, Masking
import numpy as np
from keras.layers import (LSTM, GRU, SimpleRNN, Dense, TimeDistributed, RepeatVector, Masking,
                          Bidirectional, Input, Conv2D, Flatten, Permute, Reshape, multiply,
                          Activation, Dot, Concatenate)
from keras.layers.wrappers import TimeDistributed as TD
from keras.models import Sequential, Model
from keras.preprocessing.sequence import TimeseriesGenerator, pad_sequences

np.random.seed(4)
welle = np.sin(np.arange(200) * 0.3)


def create_dataset(dataset, look_back=1):
    dataX, dataY = [], []
    for i in range(len(dataset) - look_back):
        dataX.append(dataset[i:i + look_back])
        dataY.append(dataset[i + look_back])
    return np.array(dataX), np.array(dataY)


X, y = create_dataset(welle, 10)
X = X.reshape(X.shape[0], X.shape[1], 1)
model = Sequential()
model.add(LSTM(16, input_shape=(10, 1)))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer='adam')
h = model.fit(X, y, epochs=15, batch_size=16, verbose=0)
print('wave %.4f -> %.4f' % (h.history['loss'][0], h.history['loss'][-1]))

# Zustand zwischen den Batches
batch = 10
stateful = Sequential()
stateful.add(LSTM(8, batch_input_shape=(batch, 10, 1), stateful=True, return_sequences=True))
stateful.add(LSTM(8, stateful=True))
stateful.add(Dense(1))
stateful.compile(loss='mse', optimizer='adam')
for i in range(3):
    stateful.fit(X, y, epochs=1, batch_size=batch, verbose=0, shuffle=False)
    stateful.reset_states()
print('stateful', stateful.predict(X, batch_size=batch).shape)

gen = TimeseriesGenerator(welle.reshape(-1, 1), welle, length=8, batch_size=20)
print(len(gen), gen[0][0].shape, gen[0][1].shape)
rnn = Sequential([SimpleRNN(8, input_shape=(8, 1)), Dense(1)])
rnn.compile('rmsprop', 'mse')
rnn.fit_generator(gen, epochs=2, verbose=0)

# Folge -> Folge
s2s = Sequential()
s2s.add(Masking(mask_value=-1., input_shape=(6, 2)))
s2s.add(GRU(12))
s2s.add(RepeatVector(4))
s2s.add(GRU(12, return_sequences=True))
s2s.add(TimeDistributed(Dense(3, activation='softmax')))
s2s.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'],
            sample_weight_mode=None)
ziel = np.eye(3)[np.random.randint(0, 3, (40, 4))]
s2s.fit(np.random.rand(40, 6, 2), ziel, epochs=2, verbose=0)
print('s2s', s2s.predict(np.random.rand(2, 6, 2)).shape)

# Film: ein Faltungsnetz je Bild
film = Sequential()
film.add(TD(Conv2D(4, (3, 3), activation='relu'), input_shape=(5, 8, 8, 1)))
film.add(TD(Flatten()))
film.add(LSTM(6))
film.add(Dense(2, activation='softmax'))
film.compile('adam', 'categorical_crossentropy')
film.fit(np.random.rand(12, 5, 8, 8, 1), np.eye(2)[np.arange(12) % 2], epochs=1, verbose=0)
print('film', film.output_shape)

# Aufmerksamkeit aus Bausteinen
eingabe = Input(shape=(7, 4))
zustaende = Bidirectional(LSTM(8, return_sequences=True))(eingabe)
a = Permute((2, 1))(zustaende)
a = Dense(7, activation='softmax')(a)
a_probs = Permute((2, 1), name='attention_vec')(a)
gewichtet = multiply([zustaende, a_probs])
e = Dense(1, activation='tanh')(zustaende)
e = Flatten()(e)
e = Activation('softmax')(e)
e = RepeatVector(16)(e)
e = Permute([2, 1])(e)
zusammen = Dot(axes=1)([e, gewichtet])
aus = Dense(1)(Flatten()(Concatenate()([gewichtet, multiply([zustaende, e])])))
m = Model([eingabe], [aus, zusammen])
m.compile('adam', ['mse', None])
m.fit(np.random.rand(20, 7, 4), np.random.rand(20, 1), verbose=0, epochs=1)
print('attention', [o.shape for o in m.predict(np.random.rand(3, 7, 4))])
