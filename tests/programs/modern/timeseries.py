# Temperaturen vorhersagen: timeseries_dataset_from_array, LSTM mit recurrent_dropout
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(6)
t = np.arange(900)
temperature = 10 + 8 * np.sin(t / 24 * 2 * np.pi) + np.random.randn(900) * 0.5
raw_data = np.stack([temperature, np.cos(t / 24 * 2 * np.pi)], axis=1)
num_train, num_val = 500, 200
mean, std = raw_data[:num_train].mean(axis=0), raw_data[:num_train].std(axis=0)
raw_data = (raw_data - mean) / std
sequence_length, delay = 24, 24
options = dict(sampling_rate=1, sequence_length=sequence_length, batch_size=32)
train = keras.utils.timeseries_dataset_from_array(
    raw_data[:-delay], targets=temperature[delay:], shuffle=True, start_index=0,
    end_index=num_train, **options)
val = keras.utils.timeseries_dataset_from_array(
    raw_data[:-delay], targets=temperature[delay:], start_index=num_train,
    end_index=num_train + num_val, **options)
for samples, targets in train:
    print("samples shape:", samples.shape, "targets shape:", targets.shape)
    break


def evaluate_naive_method(dataset):
    total, seen = 0.0, 0
    for samples, targets in dataset:
        preds = samples[:, -1, 0] * std[0] + mean[0]
        total += np.sum(np.abs(preds - targets))
        seen += samples.shape[0]
    return total / seen


print("naive %.2f" % evaluate_naive_method(val))
inputs = keras.Input(shape=(sequence_length, 2))
x = layers.LSTM(16, recurrent_dropout=0.1)(inputs)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.RMSprop(0.02), loss="mse", metrics=["mae"])
history = model.fit(train, epochs=6, validation_data=val, verbose=2)
print("loss %.2f -> %.2f" % (history.history["loss"][0], history.history["loss"][-1]))
for build in (lambda: layers.Bidirectional(layers.GRU(8)), lambda: layers.SimpleRNN(8),
              lambda: layers.RNN([layers.LSTMCell(6), layers.GRUCell(5)])):
    m = keras.Sequential([keras.Input((sequence_length, 2)), build(), layers.Dense(1)])
    m.compile("adam", "mse")
    m.fit(train, epochs=1, verbose=0)
    print(m.layers[0].__class__.__name__, m.count_params())
stateful = keras.Sequential([keras.Input(batch_shape=(4, 3, 1)), layers.LSTM(4, stateful=True)])
a = stateful.predict(np.ones((4, 3, 1)), batch_size=4, verbose=0)
b = stateful.predict(np.ones((4, 3, 1)), batch_size=4, verbose=0)
stateful.layers[0].reset_states()
c = stateful.predict(np.ones((4, 3, 1)), batch_size=4, verbose=0)
print("stateful:", not np.allclose(a, b), np.allclose(a, c))
