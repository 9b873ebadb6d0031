# Triplet- und Siamesische Netze mit keras.ops
import numpy as np
import keras
from keras import layers, ops

keras.utils.set_random_seed(17)
(x, y), _ = keras.datasets.mnist.load_data()
x, y = x[:1500].astype("float32") / 255, y[:1500]
rng = np.random.default_rng(0)
groups = [np.flatnonzero(y == d) for d in range(10)]
left, right, same = [], [], []
for _ in range(600):
    d = rng.integers(10)
    i, j = rng.choice(groups[d], 2)
    k = rng.choice(groups[(d + rng.integers(1, 10)) % 10])
    left += [x[i], x[i]]
    right += [x[j], x[k]]
    same += [0.0, 1.0]
left, right, same = np.array(left), np.array(right), np.array(same)

net = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.BatchNormalization(),
                        layers.Dense(64, activation="tanh"), layers.Dense(16)])


def euclidean_distance(vects):
    a, b = vects
    sum_square = ops.sum(ops.square(a - b), axis=1, keepdims=True)
    return ops.sqrt(ops.maximum(sum_square, keras.backend.epsilon()))


def loss(margin=1):
    def contrastive_loss(y_true, y_pred):
        square_pred = ops.square(y_pred)
        margin_square = ops.square(ops.maximum(margin - y_pred, 0))
        return ops.mean((1 - y_true) * square_pred + y_true * margin_square)
    return contrastive_loss


a, b = keras.Input((28, 28)), keras.Input((28, 28))
merged = layers.Lambda(euclidean_distance, output_shape=(1,))([net(a), net(b)])
outputs = layers.Dense(1, activation="sigmoid")(layers.BatchNormalization()(merged))
siamese = keras.Model(inputs=[a, b], outputs=outputs)
siamese.compile(loss=loss(margin=1), optimizer="RMSprop", metrics=["accuracy"])
h = siamese.fit([left, right], same, batch_size=32, epochs=5, verbose=2)
print("acc %.3f" % h.history["accuracy"][-1])


class DistanceLayer(layers.Layer):
    def call(self, anchor, positive, negative):
        ap = ops.sum(ops.square(anchor - positive), -1)
        an = ops.sum(ops.square(anchor - negative), -1)
        return ap, an


class TripletModel(keras.Model):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def call(self, inputs):
        return self.network(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        ap, an = y_pred
        return ops.mean(ops.maximum(ap - an + 0.5, 0.0))


anchor, pos, neg = (keras.Input((28, 28), name=n) for n in ("anchor", "positive", "negative"))
distances = DistanceLayer()(net(anchor), net(pos), net(neg))
triplets = TripletModel(keras.Model([anchor, pos, neg], distances))
triplets.compile(optimizer=keras.optimizers.Adam(1e-3))
h = triplets.fit([left[::2], right[::2], right[1::2]], epochs=2, verbose=0)
print("triplet %.4f -> %.4f" % (h.history["loss"][0], h.history["loss"][-1]))
