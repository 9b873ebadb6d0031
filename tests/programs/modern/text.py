# Text: TextVectorization im Modell, Embedding, Bidirectional, Conv1D
import os
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(9)
folder = os.path.join(os.environ["LERNWERK_DATA"], "text")
texts, labels = [], []
for label, name in enumerate(("rt-polarity.neg", "rt-polarity.pos")):
    with open(os.path.join(folder, name), encoding="latin-1") as f:
        lines = [line.strip() for line in f][:1500]
    texts += lines
    labels += [label] * len(lines)
texts, labels = np.array(texts), np.array(labels)
order = np.random.permutation(len(texts))
texts, labels = texts[order], labels[order]
split = int(0.8 * len(texts))

vectorize = layers.TextVectorization(max_tokens=3000, output_mode="int", output_sequence_length=24)
vectorize.adapt(texts[:split])
vocabulary = vectorize.get_vocabulary()
print(len(vocabulary), vocabulary[:4])
print(vectorize(["a great film", "dull"]).shape)
x_train, x_test = vectorize(texts[:split]), vectorize(texts[split:])

inputs = keras.Input(shape=(None,), dtype="int64")
x = layers.Embedding(3000, 24)(inputs)
x = layers.Dropout(0.3)(x)
x = layers.Conv1D(32, 3, padding="same", activation="relu")(x)
x = layers.GlobalMaxPooling1D()(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
cnn = keras.Model(inputs, outputs)
cnn.compile("adam", "binary_crossentropy", metrics=["accuracy"])
h = cnn.fit(np.asarray(x_train), labels[:split], epochs=6, batch_size=64, verbose=0,
            validation_data=(np.asarray(x_test), labels[split:]))
print("cnn acc %.3f" % max(h.history["val_accuracy"]))

rnn = keras.Sequential([
    keras.Input((None,), dtype="int32"),
    layers.Embedding(3000, 16, mask_zero=True),
    layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
    layers.Bidirectional(layers.GRU(8)),
    layers.Dense(1, activation="sigmoid"),
])
rnn.compile(keras.optimizers.Adam(5e-3), "binary_crossentropy", metrics=["accuracy"])
h = rnn.fit(x_train, labels[:split], epochs=2, batch_size=64, verbose=2)
print("rnn acc %.3f" % h.history["accuracy"][-1])

string_input = keras.Input(shape=(1,), dtype="string")
end_to_end = keras.Model(string_input, cnn(vectorize(string_input)))
print(end_to_end.predict(np.array([["a moving and wonderful film"], ["boring and bad"]])).shape)
bow = layers.TextVectorization(max_tokens=500, output_mode="multi_hot")
bow.adapt(texts[:split])
linear = keras.Sequential([keras.Input((500,)), layers.Dense(1, activation="sigmoid")])
linear.compile("adam", "binary_crossentropy", metrics=["accuracy"])
linear.fit(np.asarray(bow(texts[:split])), labels[:split], epochs=6, verbose=0)
print("bag of words acc %.3f" % linear.evaluate(bow(texts[split:]), labels[split:], verbose=0)[1])
