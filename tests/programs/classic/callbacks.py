import glob
import os
import numpy as np
from keras.callbacks import (EarlyStopping, ModelCheckpoint, CSVLogger, TensorBoard, Callback,
                             TerminateOnNaN, History, BaseLogger)
from keras.layers import Dense, Dropout
from keras.models import Sequential, load_model

np.random.seed(0)
X = np.random.rand(300, 10)
y = (X.sum(axis=1) > 5).astype(int)
model = Sequential()
model.add(Dense(16, input_dim=10, activation='relu', name='eins'))
model.add(Dropout(0.1))
model.add(Dense(1, activation='sigmoid', name='zwei'))
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['acc'])


class Fortschritt(Callback):
    def on_train_begin(self, logs=None):
        print('Training mit', self.params['epochs'], 'Epochen')

    def on_batch_end(self, batch, logs=None):
        self.letzter = batch

    def on_epoch_end(self, epoch, logs=None):
        if logs.get('val_acc') > 0.99:
            self.model.stop_training = True
        print(epoch, self.letzter, sorted(logs))


os.makedirs('gewichte')
history = model.fit(X, y, epochs=12, batch_size=30, validation_split=0.2, verbose=0, callbacks=[
    Fortschritt(),
    EarlyStopping(monitor='val_acc', min_delta=0.0001, patience=4, mode='max', verbose=1),
    ModelCheckpoint('gewichte/weights.{epoch:02d}-{val_loss:.2f}.hdf5', monitor='val_loss',
                    save_best_only=True, save_weights_only=False, mode='auto', period=1),
    ModelCheckpoint('best.h5', monitor='val_acc', save_best_only=True, save_weights_only=True),
    CSVLogger('log.csv', append=False, separator=';'),
    TensorBoard(log_dir='./logs', histogram_freq=1, write_graph=True, write_images=False),
    TerminateOnNaN()])
print(len(glob.glob('gewichte/*.hdf5')) > 0, os.path.exists('best.h5'))
print(open('log.csv').readline().strip())
print(len(glob.glob('logs/**/events*', recursive=True)) > 0)
best = sorted(glob.glob('gewichte/*.hdf5'))[-1]
again = load_model(best)
print(np.allclose(again.predict(X[:3]).shape, (3, 1)))
model.load_weights('best.h5')
print('epochs', len(history.epoch))
