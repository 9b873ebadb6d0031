# Wasserstand im Hafen: Fenster aus einer Reihe schneiden, vorhersagen, Schritt um Schritt weiter
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(33)
FENSTER, VORAUS = 18, 5
stunde = np.arange(840)
mond = 1.6 * np.sin(2 * np.pi * stunde / 12.4) + 0.5 * np.sin(2 * np.pi * stunde / 25.8)
wind = np.convolve(np.random.randn(840), np.ones(8) / 8, mode="same")
reihe = np.column_stack([mond + 0.4 * wind, wind, np.gradient(mond)]).astype("float32")
pegel = reihe[:, 0].copy()
skala = layers.Normalization()
skala.adapt(reihe[:560])


def schneiden(von, bis, mischen=False):
    """Paare aus Fenster und dem Pegel, der VORAUS Stunden nach dem Fenster kommt."""
    return keras.utils.timeseries_dataset_from_array(
        reihe, pegel[FENSTER * 2 - 2 + VORAUS:], sequence_length=FENSTER, sampling_rate=2,
        start_index=von, end_index=bis, batch_size=28, shuffle=mischen, seed=33)


lernen, pruefen = schneiden(0, 560, mischen=True), schneiden(560, 800)
fenster, ziel = next(iter(lernen))
print("Fenster", tuple(fenster.shape), tuple(ziel.shape))
fehler = np.concatenate([np.abs(f[:, -1, 0] - z) for f, z in pruefen])
print("wie jetzt: %.2f" % fehler.mean())

eingang = keras.Input((FENSTER, 3))
h = skala(eingang)
h = layers.Conv1D(10, 3, activation="tanh", padding="causal")(h)
h = layers.LSTM(12, recurrent_dropout=0.05)(h)
netz = keras.Model(eingang, layers.Dense(1)(layers.Dropout(0.05)(h)))
netz.compile(keras.optimizers.RMSprop(0.01), "mae")
verlauf = netz.fit(lernen, validation_data=pruefen, epochs=7, verbose=2,
                   callbacks=[keras.callbacks.ReduceLROnPlateau(patience=2)]).history
print("loss %.2f -> %.2f" % (verlauf["loss"][0], verlauf["loss"][-1]))
print("besser:", bool(netz.evaluate(pruefen, verbose=0) < fehler.mean()))

auswahl = {
    "gestapelt": [layers.GRU(7, return_sequences=True), layers.SimpleRNN(4)],
    "beidseitig": [layers.Bidirectional(layers.LSTM(5), merge_mode="sum")],
    "Zellen": [layers.RNN([layers.GRUCell(6), layers.LSTMCell(4)])],
}
for name, schichten in auswahl.items():
    versuch = keras.Sequential([keras.Input((FENSTER, 3)), *schichten, layers.Dense(1)])
    versuch.compile("nadam", "mse")
    versuch.fit(lernen, epochs=1, verbose=0)
    print(name, versuch.count_params())

# ein Netz, das sich den Zustand von Aufruf zu Aufruf merkt, sagt die Welle Schritt um Schritt weiter
welle = np.sin(stunde[:241] * 0.4).astype("float32")
merker = keras.Sequential([keras.Input(batch_shape=(1, 1, 1)), layers.GRU(6, stateful=True)])
stelle = welle[1:2].reshape(1, 1, 1)
erst, dann = merker.predict(stelle, verbose=0), merker.predict(stelle, verbose=0)
merker.layers[0].reset_states()
print("Zustand:", np.allclose(erst, dann), np.allclose(erst, merker.predict(stelle, verbose=0)))
schritt = keras.Sequential([keras.Input((8,)), layers.Dense(1)])
schritt.compile(keras.optimizers.Adam(0.05), "mse")
ausschnitte = np.lib.stride_tricks.sliding_window_view(welle, 9)
schritt.fit(ausschnitte[:, :8], ausschnitte[:, 8], epochs=15, verbose=0)
gesagt = list(welle[:8])
for _ in range(10):
    gesagt.append(schritt.predict(np.array([gesagt[-8:]]), verbose=0)[0, 0])
print("Abweichung %.2f" % np.abs(np.array(gesagt) - welle[:18]).max())
