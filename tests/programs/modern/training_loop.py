# A loop of one's own: tf.data, tf.function, metrics by hand, a subclassed model
import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import Conv2D, Dense, Flatten

tf.random.set_seed(5)
mnist = tf.keras.datasets.mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = x_train[:1000] / 255.0, x_test[:300] / 255.0
y_train, y_test = y_train[:1000], y_test[:300]
x_train = x_train[..., tf.newaxis].astype("float32")
x_test = x_test[..., tf.newaxis].astype("float32")
train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1000).batch(50)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(50)


class MyModel(Model):
    def __init__(self):
        super().__init__()
        self.conv1 = Conv2D(8, 3, strides=2, activation="relu")
        self.flatten = Flatten()
        self.d1 = Dense(32, activation="relu")
        self.d2 = Dense(10)

    def call(self, x):
        x = self.conv1(x)
        x = self.flatten(x)
        x = self.d1(x)
        return self.d2(x)


model = MyModel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam()
train_loss = tf.keras.metrics.Mean(name="train_loss")
train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(images, labels):
    test_accuracy(labels, model(images, training=False))


for epoch in range(3):
    train_loss.reset_states()
    train_accuracy.reset_state()
    test_accuracy.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
    for test_images, test_labels in test_ds:
        test_step(test_images, test_labels)
    print(f"Epoch {epoch + 1}, Loss: {train_loss.result():0.3f}, "
          f"Accuracy: {train_accuracy.result() * 100:0.2f}, "
          f"Test: {test_accuracy.result() * 100}")
model.summary()
model.save_weights("mine.weights.h5")
checkpoint = MyModel()
checkpoint(x_test[:1])
checkpoint.load_weights("mine.weights.h5")
print("same:", float(tf.reduce_max(tf.abs(model(x_test[:5]) - checkpoint(x_test[:5])))) < 1e-6)

# linear regression with bare variables
W = tf.Variable(tf.random.normal(shape=(2, 1)), name="w")
b = tf.Variable(initial_value=tf.zeros(shape=(1,)))
X = tf.random.normal((200, 2))
Y = tf.matmul(X, tf.constant([[2.0], [-1.0]])) + 0.5
for step in range(60):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(X, W) + b - Y))
    dW, db = tape.gradient(loss, [W, b])
    W.assign_sub(0.1 * dW)
    b.assign_sub(0.1 * db)
print("W", W.numpy().ravel().round(1), "b", b.numpy().round(1))
with tf.GradientTape() as outer:
    t = tf.Variable(3.0)
    with tf.GradientTape() as inner:
        position = 4.9 * t ** 2
    speed = inner.gradient(position, t)
print("acceleration", round(float(outer.gradient(speed, t)), 2))
