# Modelle speichern und laden wie früher: JSON, .h5, nur Gewichte, ganze Modelle
import json
import numpy as np
from keras.layers import Dense, Input, BatchNormalization, Conv2D, Flatten, LSTM, Embedding
from keras.models import Model, Sequential, load_model, model_from_json, save_model
from keras.models import clone_model
from keras.optimizers import Adam
from keras import backend as K

np.random.seed(0)
X = np.random.rand(60, 8)
Y = np.random.randint(0, 3, 60)
model = Sequential()
model.add(Dense(12, input_dim=8, activation='relu'))
model.add(BatchNormalization())
model.add(Dense(3, activation='softmax'))
model.compile(loss='sparse_categorical_crossentropy', optimizer=Adam(lr=0.01), metrics=['accuracy'])
model.fit(X, Y, epochs=3, verbose=0)
wanted = model.predict(X)

model_json = model.to_json()
with open('model.json', 'w') as json_file:
    json_file.write(model_json)
model.save_weights('model.h5')
print('Saved model to disk')

json_file = open('model.json', 'r')
loaded_model_json = json_file.read()
json_file.close()
loaded = model_from_json(loaded_model_json)
loaded.load_weights('model.h5')
loaded.compile(loss='sparse_categorical_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
score = loaded.evaluate(X, Y, verbose=0)
print('%s: %.2f%%' % (loaded.metrics_names[1], score[1] * 100))
print('same:', np.allclose(loaded.predict(X), wanted, atol=1e-6))

model.save('whole.h5')
del model
K.clear_session()
model = load_model('whole.h5')
print('same:', np.allclose(model.predict(X), wanted, atol=1e-6))
model.fit(X, Y, epochs=1, verbose=0)
print(type(model.optimizer).__name__, round(float(K.get_value(model.optimizer.lr)), 4))

# functional, with one's own objects
inputs = Input(shape=(6, 6, 1))
x = Conv2D(4, 3, activation=lambda t: K.relu(t))(inputs)
out = Dense(1)(Flatten()(x))
m = Model(inputs=inputs, outputs=out)


def rmse(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))


second = Sequential([Embedding(20, 4, input_length=5), LSTM(3), Dense(1)])
second.compile(loss=rmse, optimizer='sgd', metrics=[rmse])
second.fit(np.random.randint(0, 20, (16, 5)), np.random.rand(16), verbose=0)
save_model(second, 'rmse.h5')
third = load_model('rmse.h5', custom_objects={'rmse': rmse})
print('rmse', third.evaluate(np.zeros((4, 5)), np.zeros(4), verbose=0)[1] >= 0)
copy = clone_model(second)
copy.set_weights(second.get_weights())
print('copy:', np.allclose(copy.predict(np.ones((2, 5))), second.predict(np.ones((2, 5)))))
print(sorted(json.loads(loaded_model_json))[:3])
for layer in third.layers:
    print(layer.name, layer.input_shape, layer.output_shape, [w.shape for w in layer.get_weights()])
