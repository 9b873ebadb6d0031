import tensorflow as tf
from tensorflow.keras import datasets, layers, models

tf.random.set_seed(3)
(train_images, train_labels), (test_images, test_labels) = datasets.mnist.load_data()
train_images, train_labels = train_images[:1500, ..., None] / 255.0, train_labels[:1500]
test_images, test_labels = test_images[:400, ..., tf.newaxis] / 255.0, test_labels[:400]

model = models.Sequential()
model.add(layers.Conv2D(16, (3, 3), activation="relu", input_shape=(28, 28, 1)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(32, (3, 3), activation="relu"))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(10))
model.summary()
model.compile(optimizer="adam",
              loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=["accuracy"])
history = model.fit(train_images, train_labels, epochs=3,
                    validation_data=(test_images, test_labels))
print(history.history["accuracy"], history.history["val_accuracy"])
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)
print("Test accuracy:", test_acc)
probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
print(tf.argmax(probability_model(test_images[:5]), axis=1).numpy(), test_labels[:5])
print(tf.nn.softmax(model(test_images[:1])).numpy().sum())
