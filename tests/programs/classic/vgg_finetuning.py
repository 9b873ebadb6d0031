# Transfer learning: the last layer of VGG19 goes, the first ten layers stay as they are
import numpy as np
from keras.applications.vgg19 import VGG19, preprocess_input
from keras.applications import VGG16
from keras.layers import Dense, Flatten, Dropout
from keras.models import Model, Sequential
from keras.optimizers import SGD
from keras import optimizers

np.random.seed(5)
n = 12
pictures = np.random.randint(0, 255, (n, 32, 32, 3)).astype('float32')
pictures[: n // 2, :, :, 0] = 255.
labels = np.array([0] * (n // 2) + [1] * (n // 2))
X = preprocess_input(pictures.copy())
Y = np.eye(2)[labels]

vgg = VGG19(include_top=False, weights=None, input_shape=(32, 32, 3))
for layer in vgg.layers[:10]:
    layer.trainable = False
x = vgg.output
x = Flatten()(x)
x = Dense(32, activation='relu')(x)
x = Dropout(0.5)(x)
predictions = Dense(2, activation='softmax')(x)
model = Model(input=vgg.input, output=predictions)
before = [w.copy() for w in model.layers[1].get_weights()]
late = model.layers[12].get_weights()[0].copy()
model.compile(loss='categorical_crossentropy', optimizer=SGD(lr=0.001, momentum=0.9),
              metrics=['accuracy'])
print(len(model.trainable_weights), len(model.non_trainable_weights))
model.fit(X, Y, batch_size=4, epochs=1, verbose=2)
print('frozen:', all(np.array_equal(a, b) for a, b in zip(before, model.layers[1].get_weights())))
print('trained:', not np.array_equal(late, model.layers[12].get_weights()[0]))

# features first, then a small net on them
conv_base = VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
features = conv_base.predict(X / 255., batch_size=4)
print(features.shape)
features = np.reshape(features, (n, 1 * 1 * 512))
top = Sequential()
top.add(Dense(16, activation='relu', input_dim=512))
top.add(Dense(1, activation='sigmoid'))
top.compile(optimizer=optimizers.RMSprop(lr=2e-5), loss='binary_crossentropy', metrics=['acc'])
h = top.fit(features, labels, epochs=3, batch_size=4, verbose=0)
print(len(h.history['acc']))

# the base as a layer of a new model
model = Sequential()
model.add(conv_base)
model.add(Flatten())
model.add(Dense(1, activation='sigmoid'))
print('This is the number of trainable weights before freezing:', len(model.trainable_weights))
conv_base.trainable = False
print('This is the number of trainable weights after freezing:', len(model.trainable_weights))
conv_base.trainable = True
set_trainable = False
for layer in conv_base.layers:
    if layer.name == 'block5_conv1':
        set_trainable = True
    layer.trainable = set_trainable
print('block 5 only:', len(model.trainable_weights))
model.compile(loss='binary_crossentropy', optimizer='sgd')
print('loss %.3f' % model.train_on_batch(X[:2], labels[:2]))
