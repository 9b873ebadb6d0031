# Wortvektoren: skipgrams und Embedding; vorgegebene Vektoren einsetzen
import os
import numpy as np
from keras.layers import Input, Embedding, Reshape, Dense, dot, Flatten
from keras.models import Model, Sequential
from keras.preprocessing.sequence import skipgrams, make_sampling_table
from keras.preprocessing import text
from keras.preprocessing.text import Tokenizer, one_hot, text_to_word_sequence

np.random.seed(0)
pfad = os.path.join(os.environ['LERNWERK_DATA'], 'text', 'tinyshakespeare.txt')
zeilen = [z for z in open(pfad).read().split('\n') if len(z) > 20][:80]
print(text_to_word_sequence(zeilen[0])[:3], len(one_hot(zeilen[0], 50)))
tokenizer = text.Tokenizer()
tokenizer.fit_on_texts(zeilen)
word2id = tokenizer.word_index
id2word = {v: k for k, v in word2id.items()}
vocab_size = len(word2id) + 1
embed_size = 16
wids = tokenizer.texts_to_sequences(zeilen)

word_in = Input(shape=(1,))
context_in = Input(shape=(1,))
embedding = Embedding(vocab_size, embed_size, embeddings_initializer='glorot_uniform',
                      input_length=1, name='vektoren')
target = Reshape((embed_size, 1))(embedding(word_in))
context = Reshape((embed_size, 1))(embedding(context_in))
similarity = Flatten()(dot([target, context], axes=1, normalize=False))
output = Dense(1, kernel_initializer='glorot_uniform', activation='sigmoid')(similarity)
model = Model(inputs=[word_in, context_in], outputs=output)
model.compile(loss='mean_squared_error', optimizer='rmsprop')
losses = []
for epoch in range(2):
    loss = 0
    for wid in wids[:40]:
        pairs, labels = skipgrams(wid, vocabulary_size=vocab_size, window_size=3)
        if not pairs:
            continue
        first, second = [np.array(x, dtype='int32') for x in zip(*pairs)]
        loss += model.train_on_batch([first, second], np.array(labels, dtype='int32'))
    losses.append(loss)
    print('Epoch:', epoch, 'Loss:', loss)
weights = model.get_layer('vektoren').get_weights()[0][1:]
print(weights.shape)

# Vektoren aus einer Datei, nicht lernbar
matrix = np.random.rand(vocab_size, 10)
zweites = Sequential()
zweites.add(Embedding(vocab_size, 10, weights=[matrix], input_length=6, trainable=False))
zweites.add(Flatten())
zweites.add(Dense(1, activation='sigmoid'))
zweites.compile('adam', 'binary_crossentropy')
zweites.fit(np.random.randint(0, vocab_size, (32, 6)), np.random.randint(0, 2, 32), verbose=0)
print('fest:', np.allclose(zweites.layers[0].get_weights()[0], matrix))
drittes = Sequential()
drittes.add(Embedding(vocab_size, 10, input_length=6))
drittes.add(Flatten())
drittes.add(Dense(1, activation='sigmoid'))
drittes.layers[0].set_weights([matrix])
drittes.layers[0].trainable = False
drittes.summary()
matrix01 = tokenizer.texts_to_matrix(zeilen[:5], mode='binary')
print(matrix01.shape)
