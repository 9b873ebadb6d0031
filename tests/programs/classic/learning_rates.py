# Die Lernrate ändern: zwischen zwei fits, durch K.set_value und durch Callbacks
import math
import numpy as np
from keras import backend as K
from keras.callbacks import Callback, LearningRateScheduler, ReduceLROnPlateau
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

np.random.seed(0)
X = np.random.randn(256, 4)
y = X @ np.array([[1.], [-2.], [3.], [0.5]]) + 1
model = Sequential([Dense(8, activation='tanh', input_shape=(4,)), Dense(1)])
model.compile(loss='mse', optimizer=SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True))
first = model.fit(X, y, epochs=5, verbose=0).history['loss']
model.optimizer.lr = 0.01
print('lr', round(float(K.get_value(model.optimizer.lr)), 6))
second = model.fit(X, y, epochs=5, verbose=0).history['loss']
K.set_value(model.optimizer.lr, 0.001)
print('lr', round(float(K.eval(model.optimizer.lr)), 6))
K.set_value(model.optimizer.lr, 0.5 * K.get_value(model.optimizer.lr))
print('lr', round(float(K.get_value(model.optimizer.lr)), 6))
third = model.fit(X, y, epochs=5, verbose=0).history['loss']
print('loss %.4f -> %.4f' % (first[0], third[-1]))


def step_decay(epoch):
    return 0.1 * math.pow(0.5, math.floor((1 + epoch) / 2.0))


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []
        self.lr = []

    def on_epoch_end(self, batch, logs={}):
        self.losses.append(logs.get('loss'))
        self.lr.append(step_decay(len(self.losses)))


loss_history = LossHistory()
h = model.fit(X, y, epochs=4, verbose=0, callbacks=[loss_history, LearningRateScheduler(step_decay)])
print(['%.4f' % lr for lr in h.history['lr']], len(loss_history.losses))
print('lr', round(float(K.get_value(model.optimizer.lr)), 6))

h = model.fit(X, np.random.randn(256), epochs=6, validation_split=0.25, verbose=0, callbacks=[
    ReduceLROnPlateau(monitor='val_loss', factor=0.2, patience=1, min_lr=0.001, verbose=1,
                      epsilon=10.)])
print('lr', round(float(K.get_value(model.optimizer.lr)), 6))


class Drop(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        lr = float(K.get_value(self.model.optimizer.lr))
        K.set_value(self.model.optimizer.lr, lr * 0.1)


model.fit(X, y, epochs=2, verbose=0, callbacks=[Drop()])
print('lr', round(float(K.get_value(model.optimizer.lr)), 6))
