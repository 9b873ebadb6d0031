import numpy as np
from keras.layers import Input, Embedding, LSTM, Dense, concatenate
from keras.models import Model

np.random.seed(0)
headline_data = np.round(np.abs(np.random.rand(256, 20) * 99)).astype('int32')
additional_data = np.random.randn(256, 5)
headline_labels = (additional_data.sum(axis=1, keepdims=True) > 0).astype('float32')
additional_labels = (additional_data[:, :1] > 0).astype('float32')

main_input = Input(shape=(20,), dtype='int32', name='main_input')
x = Embedding(output_dim=16, input_dim=100, input_length=20)(main_input)
lstm_out = LSTM(16)(x)
auxiliary_output = Dense(1, activation='sigmoid', name='aux_output')(lstm_out)
auxiliary_input = Input(shape=(5,), name='aux_input')
x = concatenate([lstm_out, auxiliary_input])
x = Dense(32, activation='relu')(x)
x = Dense(32, activation='relu')(x)
main_output = Dense(1, activation='sigmoid', name='main_output')(x)
model = Model(inputs=[main_input, auxiliary_input], outputs=[main_output, auxiliary_output])
model.summary()

model.compile(optimizer='rmsprop', loss='binary_crossentropy', loss_weights=[1., 0.2])
model.fit([headline_data, additional_data], [headline_labels, additional_labels],
          epochs=2, batch_size=32)

# the same by names
model.compile(optimizer='rmsprop',
              loss={'main_output': 'binary_crossentropy', 'aux_output': 'binary_crossentropy'},
              loss_weights={'main_output': 1., 'aux_output': 0.2},
              metrics={'main_output': 'accuracy'})
history = model.fit({'main_input': headline_data, 'aux_input': additional_data},
                    {'main_output': headline_labels, 'aux_output': additional_labels},
                    epochs=10, batch_size=32, verbose=2, validation_split=0.25)
print(sorted(history.history))
results = model.evaluate([headline_data, additional_data], [headline_labels, additional_labels],
                         verbose=0)
print(dict(zip(model.metrics_names, results)))
main, aux = model.predict({'main_input': headline_data[:4], 'aux_input': additional_data[:4]})
print(main.shape, aux.shape)
print('main acc: %.3f' % history.history['main_output_acc'][-1])

# a layer that two inputs share
tweet_a = Input(shape=(14, 6))
tweet_b = Input(shape=(14, 6))
shared_lstm = LSTM(8)
merged = concatenate([shared_lstm(tweet_a), shared_lstm(tweet_b)], axis=-1)
answer = Dense(1, activation='sigmoid')(merged)
pair = Model(inputs=[tweet_a, tweet_b], outputs=answer)
pair.compile(optimizer='rmsprop', loss='binary_crossentropy', metrics=['accuracy'])
a, b = np.random.rand(64, 14, 6), np.random.rand(64, 14, 6)
pair.fit([a, b], np.random.randint(0, 2, 64), epochs=2, verbose=0)
print(shared_lstm.get_output_at(0).shape, shared_lstm.get_output_at(1).shape)
