'''Writes like the text it has read: an LSTM over characters, drawn from with a temperature.'''
from __future__ import print_function
from keras.callbacks import LambdaCallback
from keras.models import Sequential
from keras.layers import Dense, Activation
from keras.layers import LSTM
from keras.optimizers import RMSprop
import numpy as np
import random
import sys
import os

random.seed(2)
path = os.path.join(os.environ['LERNWERK_DATA'], 'text', 'tinyshakespeare.txt')
with open(path) as f:
    text = f.read().lower()[:6000]
print('corpus length:', len(text))
chars = sorted(list(set(text)))
to_number = dict((c, i) for i, c in enumerate(chars))
to_char = dict((i, c) for i, c in enumerate(chars))

window, stride = 20, 3
pieces, following = [], []
for i in range(0, len(text) - window, stride):
    pieces.append(text[i: i + window])
    following.append(text[i + window])
x = np.zeros((len(pieces), window, len(chars)), dtype=bool)
y = np.zeros((len(pieces), len(chars)), dtype=bool)
for i, piece in enumerate(pieces):
    for t, char in enumerate(piece):
        x[i, t, to_number[char]] = 1
    y[i, to_number[following[i]]] = 1

model = Sequential()
model.add(LSTM(32, input_shape=(window, len(chars))))
model.add(Dense(len(chars)))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=0.01))


def draw(probabilities, temperature=1.0):
    probabilities = np.asarray(probabilities).astype('float64')
    probabilities = np.exp(np.log(probabilities + 1e-9) / temperature)
    probabilities = probabilities / np.sum(probabilities)
    return np.argmax(np.random.multinomial(1, probabilities, 1))


def write(epoch, _):
    start = random.randint(0, len(text) - window - 1)
    for diversity in [0.5, 1.2]:
        sentence = text[start: start + window]
        written = ''
        for _ in range(15):
            x_pred = np.zeros((1, window, len(chars)))
            for t, char in enumerate(sentence):
                x_pred[0, t, to_number[char]] = 1.
            preds = model.predict(x_pred, verbose=0)[0]
            next_char = to_char[draw(preds, diversity)]
            sentence = sentence[1:] + next_char
            written += next_char
        sys.stdout.write('%d %s %r\n' % (epoch, diversity, written))
        sys.stdout.flush()


history = model.fit(x, y, batch_size=128, epochs=3, verbose=0,
                    callbacks=[LambdaCallback(on_epoch_end=write)])
print('loss %.3f -> %.3f' % (history.history['loss'][0], history.history['loss'][-1]))
