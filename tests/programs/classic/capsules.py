# A layer of capsules with routing by agreement: K.batch_dot, K.squeeze, K.softmax, squash
import numpy as np
from keras import backend as K
from keras import initializers, layers, models
from keras.layers import Conv2D, Input, Layer, Reshape, Lambda
from keras.utils import to_categorical
from keras.datasets import mnist

np.random.seed(0)


def squash(vectors, axis=-1):
    s_squared_norm = K.sum(K.square(vectors), axis, keepdims=True)
    scale = s_squared_norm / (1 + s_squared_norm) / K.sqrt(s_squared_norm + K.epsilon())
    return scale * vectors


class Length(Layer):
    def call(self, inputs, **kwargs):
        return K.sqrt(K.sum(K.square(inputs), -1) + K.epsilon())

    def compute_output_shape(self, input_shape):
        return input_shape[:-1]


class CapsuleLayer(Layer):
    def __init__(self, num_capsule, dim_capsule, routings=3, **kwargs):
        super(CapsuleLayer, self).__init__(**kwargs)
        self.num_capsule = num_capsule
        self.dim_capsule = dim_capsule
        self.routings = routings

    def build(self, input_shape):
        assert len(input_shape) >= 3
        self.input_num = input_shape[1]
        self.input_dim = input_shape[2]
        self.W = self.add_weight(shape=[self.num_capsule, self.input_num, self.input_dim,
                                        self.dim_capsule],
                                 initializer=initializers.glorot_uniform(), name='W')
        self.built = True

    def call(self, inputs, training=None):
        # (batch, input_num, input_dim) -> (batch, num_capsule, input_num, 1, input_dim)
        expanded = K.expand_dims(K.expand_dims(inputs, 1), 3)
        tiled = K.tile(expanded, [1, self.num_capsule, 1, 1, 1])
        weights = K.expand_dims(self.W, 0)
        inputs_hat = K.sum(K.permute_dimensions(tiled, (0, 1, 2, 4, 3)) * weights, axis=3)
        b = K.zeros_like(inputs_hat[:, :, :, 0])
        for i in range(self.routings):
            c = K.softmax(b, axis=1)
            outputs = squash(K.sum(K.expand_dims(c) * inputs_hat, axis=2))
            if i < self.routings - 1:
                b += K.squeeze(K.batch_dot(inputs_hat, K.expand_dims(outputs, -1)), -1) \
                    if K.ndim(outputs) == 2 else K.sum(inputs_hat * K.expand_dims(outputs, 2), -1)
        return outputs

    def compute_output_shape(self, input_shape):
        return tuple([None, self.num_capsule, self.dim_capsule])


def margin_loss(y_true, y_pred):
    L = y_true * K.square(K.maximum(0., 0.9 - y_pred)) + \
        0.5 * (1 - y_true) * K.square(K.maximum(0., y_pred - 0.1))
    return K.mean(K.sum(L, 1))


x = Input(shape=(28, 28, 1))
conv1 = Conv2D(filters=8, kernel_size=9, strides=2, padding='valid', activation='relu')(x)
primary = Conv2D(filters=16, kernel_size=5, strides=2, padding='valid')(conv1)
primary = Reshape(target_shape=[-1, 8])(primary)
primary = Lambda(squash, name='primarycap_squash')(primary)
digits = CapsuleLayer(num_capsule=10, dim_capsule=8, routings=3, name='digitcaps')(primary)
out_caps = Length(name='capsnet')(digits)
model = models.Model(x, out_caps)
model.summary()
model.compile('adam', margin_loss, metrics=['accuracy'])
(x_train, y_train), _ = mnist.load_data()
x_train = x_train[:600].reshape(-1, 28, 28, 1) / 255.
h = model.fit(x_train, to_categorical(y_train[:600], 10), batch_size=50, epochs=4, verbose=2)
print('loss %.4f -> %.4f' % (h.history['loss'][0], h.history['loss'][-1]))
