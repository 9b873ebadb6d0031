# Englisch -> Deutsch, Zeichen für Zeichen: Encoder und Decoder mit LSTM (tensorflow.keras, 2019)
import gzip
import os
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Input, LSTM, Dense
from tensorflow.keras.models import Model, load_model

tf.random.set_seed(1)
np.random.seed(1)
ordner = os.path.join(os.environ['LERNWERK_DATA'], 'text', 'multi30k')


def lies(name, anzahl):
    with gzip.open(os.path.join(ordner, name), 'rt', encoding='utf-8') as datei:
        return [datei.readline().strip().lower()[:14] for _ in range(anzahl)]


anzahl = 200
quellen = lies('train.en.gz', anzahl)
ziele = ['\t' + satz + '\n' for satz in lies('train.de.gz', anzahl)]
zeichen_q = sorted(set(''.join(quellen)))
zeichen_z = sorted(set(''.join(ziele)))
num_encoder_tokens, num_decoder_tokens = len(zeichen_q), len(zeichen_z)
max_q, max_z = max(map(len, quellen)), max(map(len, ziele))
index_q = {z: i for i, z in enumerate(zeichen_q)}
index_z = {z: i for i, z in enumerate(zeichen_z)}
rueck_z = {i: z for z, i in index_z.items()}

encoder_daten = np.zeros((anzahl, max_q, num_encoder_tokens), dtype='float32')
decoder_daten = np.zeros((anzahl, max_z, num_decoder_tokens), dtype='float32')
decoder_ziel = np.zeros((anzahl, max_z, num_decoder_tokens), dtype='float32')
for i, (q, z) in enumerate(zip(quellen, ziele)):
    for t, c in enumerate(q):
        encoder_daten[i, t, index_q[c]] = 1.
    for t, c in enumerate(z):
        decoder_daten[i, t, index_z[c]] = 1.
        if t > 0:
            decoder_ziel[i, t - 1, index_z[c]] = 1.

latent_dim = 32
encoder_inputs = Input(shape=(None, num_encoder_tokens))
encoder = LSTM(latent_dim, return_state=True)
_, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, num_decoder_tokens))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(num_decoder_tokens, activation='softmax')
decoder_outputs = decoder_dense(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(optimizer='rmsprop', loss='categorical_crossentropy', metrics=['accuracy'])
verlauf = model.fit([encoder_daten, decoder_daten], decoder_ziel, batch_size=32, epochs=4,
                    validation_split=0.2, verbose=2)
print('loss %.3f -> %.3f' % (verlauf.history['loss'][0], verlauf.history['loss'][-1]))
model.save('s2s.h5')
model = load_model('s2s.h5')
print([layer.name for layer in model.layers])

# Schlussfolgerung: zwei Modelle aus denselben Schichten
encoder_model = Model(encoder_inputs, encoder_states)
in_h = Input(shape=(latent_dim,))
in_c = Input(shape=(latent_dim,))
decoder_outputs, h, c = decoder_lstm(decoder_inputs, initial_state=[in_h, in_c])
decoder_outputs = decoder_dense(decoder_outputs)
decoder_model = Model([decoder_inputs] + [in_h, in_c], [decoder_outputs] + [h, c])


def uebersetze(eingabe):
    zustand = encoder_model.predict(eingabe)
    ziel = np.zeros((1, 1, num_decoder_tokens))
    ziel[0, 0, index_z['\t']] = 1.
    satz = ''
    while True:
        tokens, h, c = decoder_model.predict([ziel] + zustand)
        index = np.argmax(tokens[0, -1, :])
        zeichen = rueck_z[index]
        satz += zeichen
        if zeichen == '\n' or len(satz) > max_z:
            return satz
        ziel = np.zeros((1, 1, num_decoder_tokens))
        ziel[0, 0, index] = 1.
        zustand = [h, c]


for i in range(2):
    print(repr(quellen[i]), '->', repr(uebersetze(encoder_daten[i:i + 1])))
