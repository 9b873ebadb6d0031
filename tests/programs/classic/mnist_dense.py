# Ziffern erkennen mit einem dichten Netz (Keras 2, 2017)
from __future__ import print_function

import numpy as np
np.random.seed(42)

import keras
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers import Dense, Dropout
from keras.optimizers import RMSprop
from keras.utils import np_utils

anzahl_klassen = 10
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train[:4000].reshape(4000, 784).astype('float32') / 255
X_test = X_test[:1000].reshape(1000, 784).astype('float32') / 255
print(X_train.shape[0], 'train samples')

# one-hot
Y_train = np_utils.to_categorical(y_train[:4000], anzahl_klassen)
Y_test = np_utils.to_categorical(y_test[:1000], anzahl_klassen)

model = Sequential()
model.add(Dense(128, activation='relu', input_shape=(784,)))
model.add(Dropout(0.2))
model.add(Dense(64, kernel_initializer='he_normal', activation='relu'))
model.add(Dropout(0.2))
model.add(Dense(anzahl_klassen, activation='softmax'))
model.summary()

model.compile(loss='categorical_crossentropy', optimizer=RMSprop(), metrics=['accuracy'])
history = model.fit(X_train, Y_train, batch_size=128, epochs=4, verbose=2,
                    validation_data=(X_test, Y_test))
print(sorted(history.history.keys()))

score = model.evaluate(X_test, Y_test, verbose=0)
print('Test loss:', score[0])
print('Test accuracy:', score[1])

predictions = model.predict(X_test[:3])
for p in predictions:
    print(p)
    print('erkannt: %d' % np.argmax(p))
print('Klassen:', model.predict_classes(X_test[:5]))
print('Wahrscheinlichkeiten:', model.predict_proba(X_test[:5]).shape)
