# Two branches, one net: how far apart are two digits? (contrastive loss)
import random
import numpy as np
from keras.datasets import mnist
from keras.models import Model, Sequential
from keras.layers import Input, Flatten, Dense, Dropout, Lambda
from keras.optimizers import RMSprop
from keras import backend as K

random.seed(0)
np.random.seed(0)


def euclidean_distance(vects):
    a, b = vects
    return K.sqrt(K.maximum(K.sum(K.square(a - b), axis=1, keepdims=True), K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    margin = 1
    y_true = K.cast(y_true, 'float32')
    return K.mean(y_true * K.square(y_pred) +
                  (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))


def pairs_of(x, y, count):
    by_digit = [np.where(y == d)[0] for d in range(10)]
    pairs, same = [], []
    for _ in range(count):
        d = random.randrange(10)
        other = (d + random.randrange(1, 10)) % 10
        i, j = np.random.choice(by_digit[d], 2)
        k = np.random.choice(by_digit[other])
        pairs += [[x[i], x[j]], [x[i], x[k]]]
        same += [1, 0]
    return np.array(pairs), np.array(same)


(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[:2000] / 255., y_train[:2000]
x_test, y_test = x_test[:500] / 255., y_test[:500]
tr_pairs, tr_y = pairs_of(x_train, y_train, 800)
te_pairs, te_y = pairs_of(x_test, y_test, 200)

inner = Input(shape=(28, 28))
x = Flatten()(inner)
x = Dense(64, activation='relu')(x)
x = Dropout(0.1)(x)
x = Dense(32, activation='relu')(x)
base_network = Model(inner, x)

input_a = Input(shape=(28, 28))
input_b = Input(shape=(28, 28))
processed_a = base_network(input_a)
processed_b = base_network(input_b)
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)([processed_a, processed_b])
model = Model([input_a, input_b], distance)


def accuracy(y_true, y_pred):
    return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))


model.compile(loss=contrastive_loss, optimizer=RMSprop(), metrics=[accuracy])
model.fit([tr_pairs[:, 0], tr_pairs[:, 1]], tr_y, batch_size=64, epochs=6, verbose=2,
          validation_data=([te_pairs[:, 0], te_pairs[:, 1]], te_y))
y_pred = model.predict([te_pairs[:, 0], te_pairs[:, 1]])
print('* Accuracy on test set: %0.2f%%' % (100 * np.mean((y_pred.ravel() < 0.5) == te_y)))

# the other way: the absolute difference and a sigmoid
L1_layer = Lambda(lambda tensors: K.abs(tensors[0] - tensors[1]))
L1_distance = L1_layer([processed_a, processed_b])
prediction = Dense(1, activation='sigmoid', bias_initializer='zeros')(L1_distance)
siamese_net = Model(inputs=[input_a, input_b], outputs=prediction)
siamese_net.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
siamese_net.fit([tr_pairs[:, 0], tr_pairs[:, 1]], tr_y, epochs=1, verbose=0)
print(siamese_net.count_params())
