# VGG19 als Sequential, letzte Schicht weg, zehn Schichten fest, neuer Kopf
import numpy as np
import keras
from keras.applications.vgg19 import VGG19
from keras.layers import Dense
from keras.models import Sequential

np.random.seed(1)
vgg19 = VGG19(weights=None, classes=20, input_shape=(32, 32, 3))
model = Sequential()
for layer in vgg19.layers[:-1]:
    model.add(layer)
print(len(model.layers))
model.pop()
model.pop()
for layer in model.layers[:10]:
    layer.trainable = False
model.add(Dense(64, activation='relu'))
model.add(Dense(3, activation='softmax', name='kopf'))
model.summary()
model.compile(optimizer=keras.optimizers.Adam(lr=0.0001), loss='sparse_categorical_crossentropy',
              metrics=['accuracy'])
x = np.random.rand(9, 32, 32, 3)
y = np.arange(9) % 3
model.fit(x, y, batch_size=3, epochs=1)
for p in model.predict(x[:2]):
    print(p, p.argmax())
print(model.get_layer('kopf').output_shape, model.get_layer('kopf').get_weights()[0].shape)

vgg19.layers.pop()
print(vgg19.layers[-1].name, vgg19.layers[-1].output)
