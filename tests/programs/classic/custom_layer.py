# Own layers, losses, metrics, activations, initializers, regularizers, constraints
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import initializers, regularizers, constraints, activations
from keras.constraints import max_norm
from keras.engine.topology import Layer, InputSpec
from keras.layers import Dense, Activation, Input, Lambda
from keras.models import Sequential, Model, load_model
from keras.utils.generic_utils import get_custom_objects
from keras.optimizers import Adam

np.random.seed(3)


class MyLayer(Layer):
    def __init__(self, output_dim, activation=None, **kwargs):
        self.output_dim = output_dim
        self.activation = activations.get(activation)
        super(MyLayer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.kernel = self.add_weight(name='kernel', shape=(input_shape[1], self.output_dim),
                                      initializer='uniform', trainable=True)
        self.bias = self.add_weight((self.output_dim,), initializer='zero', name='bias',
                                    regularizer=regularizers.l2(0.01))
        super(MyLayer, self).build(input_shape)  # be sure to call this at the end

    def call(self, x):
        return self.activation(K.dot(x, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)

    def get_config(self):
        config = {'output_dim': self.output_dim,
                  'activation': activations.serialize(self.activation)}
        base_config = super(MyLayer, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))


class AttentionWeighted(Layer):
    """Weights the steps of a sequence and adds them up."""

    def __init__(self, **kwargs):
        self.init = initializers.get('normal')
        self.supports_masking = True
        super().__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.input_spec = [InputSpec(ndim=3)]
        self.W = self.add_weight(shape=(input_shape[2], 1), name='%s_W' % self.name,
                                 initializer=self.init)
        self.trainable_weights = [self.W]
        super().build(input_shape)

    def call(self, x, mask=None):
        logits = K.squeeze(K.dot(x, self.W), -1)
        ai = K.exp(logits - K.max(logits, axis=-1, keepdims=True))
        if mask is not None:
            ai = ai * K.cast(mask, K.floatx())
        att_weights = ai / (K.sum(ai, axis=1, keepdims=True) + K.epsilon())
        return K.sum(x * K.expand_dims(att_weights), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[2])

    def compute_mask(self, inputs, mask=None):
        return None


def swish(x):
    return x * K.sigmoid(x)


get_custom_objects().update({'my_swish': Activation(swish)})


def my_init(shape, dtype=None):
    return K.random_normal(shape, dtype=dtype) * 0.1


def l1_small(weight_matrix):
    return 0.001 * K.sum(K.abs(weight_matrix))


def recall(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    return true_positives / (possible_positives + K.epsilon())


def mean_pred(y_true, y_pred):
    return K.mean(y_pred)


def weighted_loss(weight):
    def loss(y_true, y_pred):
        return K.mean(weight * K.binary_crossentropy(y_true, y_pred), axis=-1)
    return loss


X = np.random.randn(200, 6)
y = (X[:, 0] > X[:, 1]).astype('float32').reshape(-1, 1)
model = Sequential()
model.add(MyLayer(12, activation='tanh', input_shape=(6,)))
model.add(Dense(8, activation=swish, kernel_initializer=my_init, kernel_regularizer=l1_small,
                kernel_constraint=max_norm(3.)))
model.add(Activation('my_swish'))
model.add(Lambda(lambda x: x ** 2 + 1, output_shape=(8,)))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss=weighted_loss(2.0), optimizer=Adam(0.02), metrics=['accuracy', recall, mean_pred])
h = model.fit(X, y, epochs=15, verbose=0)
print(sorted(h.history))
print('acc %.3f recall %.3f' % (h.history['acc'][-1], h.history['recall'][-1]))

small = Sequential([MyLayer(2, input_shape=(6,)), Dense(1)])
small.compile('sgd', 'mse')
small.save('own.h5')
again = load_model('own.h5', custom_objects={'MyLayer': MyLayer})
print('same:', np.allclose(small.predict(X), again.predict(X)))

seq = Input(shape=(7, 3))
out = Dense(1)(AttentionWeighted()(seq))
m = Model(seq, out)
m.compile('adam', 'mse')
m.fit(np.random.rand(32, 7, 3), np.random.rand(32), verbose=0)
m.summary()
