# Hauspreise aus einer Tabelle schätzen: BatchNormalization und Dropout
import numpy as np
import pandas as pd
from keras.models import Sequential
from keras.layers import Dense, Dropout, BatchNormalization, Activation
from keras import regularizers
from keras.callbacks import EarlyStopping

np.random.seed(7)
n = 600
tabelle = pd.DataFrame({
    'flaeche': np.random.uniform(40, 200, n),
    'zimmer': np.random.randint(1, 7, n),
    'alter': np.random.uniform(0, 100, n),
    'lage': np.random.choice(['stadt', 'land', 'vorort'], n),
})
tabelle['preis'] = (3.0 * tabelle.flaeche + 20 * tabelle.zimmer - 0.8 * tabelle.alter
                    + tabelle.lage.map({'stadt': 150, 'vorort': 60, 'land': 0})
                    + np.random.normal(0, 10, n))
tabelle = pd.get_dummies(tabelle, columns=['lage'])
training = tabelle.sample(frac=0.8, random_state=1)
test = tabelle.drop(training.index)
y_training = training.pop('preis')
y_test = test.pop('preis')

mittel, streuung = training.mean(), training.std()
x_training = (training - mittel) / streuung
x_test = (test - mittel) / streuung
skala = y_training.std()


def baue_modell():
    modell = Sequential()
    modell.add(Dense(64, kernel_initializer='normal', input_dim=x_training.shape[1],
                     kernel_regularizer=regularizers.l2(1e-4)))
    modell.add(BatchNormalization())
    modell.add(Activation('relu'))
    modell.add(Dropout(0.1))
    modell.add(Dense(32, kernel_initializer='normal', activation='relu'))
    modell.add(BatchNormalization())
    modell.add(Dense(1, kernel_initializer='normal'))
    modell.compile(loss='mean_squared_error', optimizer='adam', metrics=['mae', 'mse'])
    return modell


modell = baue_modell()
verlauf = modell.fit(x_training, y_training / skala, epochs=60, batch_size=32, verbose=0,
                     validation_split=0.2,
                     callbacks=[EarlyStopping(monitor='val_loss', patience=15)])
hist = pd.DataFrame(verlauf.history)
hist['epoch'] = verlauf.epoch
print(hist.tail())
verlust, mae, mse = modell.evaluate(x_test, y_test / skala, verbose=0)
print('MAE: %.3f' % mae)
vorhersage = modell.predict(x_test).flatten() * skala
fehler = vorhersage - y_test
print('mittlerer Fehler %.1f' % np.abs(fehler).mean())
print('Bestimmtheitsmass: %.3f' % (1 - np.sum(fehler ** 2) / np.sum((y_test - y_test.mean()) ** 2)))
