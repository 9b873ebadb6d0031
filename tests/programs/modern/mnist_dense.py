# Dense net on MNIST, as one writes it today
import numpy as np
import keras
from keras import layers

keras.utils.set_random_seed(812)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[:4000].reshape(-1, 784).astype("float32") / 255.0
x_test = x_test[:1000].reshape(-1, 784).astype("float32") / 255.0
y_train = keras.utils.to_categorical(y_train[:4000], 10)
y_test = keras.utils.to_categorical(y_test[:1000], num_classes=10)

model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3),
              loss="categorical_crossentropy", metrics=["accuracy"])
model.summary()
history = model.fit(x_train, y_train, batch_size=64, epochs=4, validation_split=0.1)
print(history.history.keys())
test_loss, test_acc = model.evaluate(x_test, y_test)
print(f"Test accuracy: {test_acc:.4f}")
predictions = model.predict(x_test[:3])
for p in predictions:
    print(p)
print(predictions[0].argmax(), predictions[0].sum())
