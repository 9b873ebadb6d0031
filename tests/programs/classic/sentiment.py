"""Good or bad film? Embedding with convolution, LSTM, GRU and a bidirectional net."""
import os
import numpy as np
from keras.preprocessing.text import Tokenizer
from keras.preprocessing.sequence import pad_sequences
from keras.models import Sequential
from keras.layers import Dense, Embedding, LSTM, GRU, Bidirectional, Dropout
from keras.layers import Conv1D, MaxPooling1D, GlobalMaxPooling1D, SpatialDropout1D, Flatten

np.random.seed(3)
folder = os.path.join(os.environ['LERNWERK_DATA'], 'text')
texts, labels = [], []
for label, name in enumerate(['rt-polarity.neg', 'rt-polarity.pos']):
    with open(os.path.join(folder, name), encoding='latin-1') as f:
        for line in f.readlines()[:1500]:
            texts.append(line.strip())
            labels.append(label)

maxlen = 30
max_words = 2000
tokenizer = Tokenizer(num_words=max_words)
tokenizer.fit_on_texts(texts)
sequences = tokenizer.texts_to_sequences(texts)
word_index = tokenizer.word_index
print('Found %s unique tokens.' % len(word_index))
data = pad_sequences(sequences, maxlen=maxlen)
labels = np.asarray(labels)
print('Shape of data tensor:', data.shape)
indices = np.arange(data.shape[0])
np.random.shuffle(indices)
data, labels = data[indices], labels[indices]


def conv():
    m = Sequential()
    m.add(Embedding(max_words, 32, input_length=maxlen))
    m.add(SpatialDropout1D(0.2))
    m.add(Conv1D(32, 5, activation='relu'))
    m.add(MaxPooling1D(2))
    m.add(Conv1D(32, 3, activation='relu'))
    m.add(GlobalMaxPooling1D())
    return m


def flat():
    m = Sequential()
    m.add(Embedding(max_words, 8, input_length=maxlen))
    m.add(Flatten())
    return m


def lstm():
    m = Sequential()
    m.add(Embedding(max_words, 16, mask_zero=True))
    m.add(LSTM(16, dropout=0.1, recurrent_dropout=0.1))
    return m


def gru():
    m = Sequential()
    m.add(Embedding(max_words, 16))
    m.add(GRU(16, return_sequences=True))
    m.add(GRU(16))
    return m


def bidirectional():
    m = Sequential()
    m.add(Embedding(max_words, 16, input_length=maxlen))
    m.add(Bidirectional(LSTM(16, return_sequences=True), merge_mode='concat'))
    m.add(Bidirectional(LSTM(8)))
    return m


for build, epochs in [(flat, 8), (conv, 6), (lstm, 2), (gru, 2), (bidirectional, 2)]:
    model = build()
    model.add(Dropout(0.2))
    model.add(Dense(1, activation='sigmoid'))
    model.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['acc'])
    history = model.fit(data, labels, epochs=epochs, batch_size=64, validation_split=0.2, verbose=0)
    print('%s: acc %.3f val_acc %.3f' % (build.__name__, history.history['acc'][-1],
                                         history.history['val_acc'][-1]))

vector = tokenizer.texts_to_sequences(['a wonderful and moving film'])
print('Beispiel:', model.predict(pad_sequences(vector, maxlen=maxlen))[0][0])
