# Few pictures made many: ImageDataGenerator, flow, flow_from_directory, fit_generator
import os
import numpy as np
from keras.datasets import mnist
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.preprocessing import image
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img
from keras.utils import to_categorical

np.random.seed(2)
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train[:600].reshape(-1, 28, 28, 1).astype('float32')
x_test = x_test[:200].reshape(-1, 28, 28, 1).astype('float32') / 255
y_train, y_test = to_categorical(y_train[:600], 10), to_categorical(y_test[:200], 10)

model = Sequential()
model.add(Conv2D(8, (3, 3), activation='relu', input_shape=(28, 28, 1)))
model.add(MaxPooling2D((2, 2)))
model.add(Flatten())
model.add(Dense(32, activation='relu'))
model.add(Dense(10, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['acc'])

datagen = ImageDataGenerator(rotation_range=10, width_shift_range=0.1, height_shift_range=0.1,
                             zoom_range=0.1, rescale=1. / 255, fill_mode='nearest')
datagen.fit(x_train)
batch_size = 32
history = model.fit_generator(datagen.flow(x_train, y_train, batch_size=batch_size),
                              steps_per_epoch=x_train.shape[0] // batch_size, epochs=3, verbose=2,
                              validation_data=(x_test, y_test), workers=4)
print('acc %.3f' % history.history['val_acc'][-1])

# pictures in folders
for part, count in (('train', 8), ('valid', 4)):
    for kind, colour in (('cats', 0), ('dogs', 2)):
        os.makedirs(os.path.join('pets', part, kind))
        for i in range(count):
            pixels = np.random.randint(0, 60, (40, 40, 3))
            pixels[..., colour] += 150
            array_to_img(pixels).save(os.path.join('pets', part, kind, '%d.png' % i))
train_gen = ImageDataGenerator(rescale=1. / 255, shear_range=0.2, horizontal_flip=True)
train = train_gen.flow_from_directory('pets/train', target_size=(32, 32), batch_size=4,
                                      class_mode='binary')
valid = ImageDataGenerator(rescale=1. / 255).flow_from_directory(
    'pets/valid', target_size=(32, 32), batch_size=4, class_mode='binary', shuffle=False)
print(train.class_indices)
for data_batch, labels_batch in train:
    print('data batch shape:', data_batch.shape, 'labels batch shape:', labels_batch.shape)
    break
pets = Sequential()
pets.add(Conv2D(8, 3, strides=2, activation='relu', input_shape=(32, 32, 3)))
pets.add(Flatten())
pets.add(Dense(1, activation='sigmoid'))
pets.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
pets.fit_generator(train, steps_per_epoch=4, epochs=4, validation_data=valid, validation_steps=2,
                   verbose=0)
print('pets acc %.2f' % pets.evaluate_generator(valid, steps=2)[1])
print(pets.predict_generator(valid, steps=2).shape, valid.classes, valid.filenames[0])

img = load_img('pets/train/cats/0.png', target_size=(32, 32))
x = image.img_to_array(img)
x = np.expand_dims(x, axis=0)
print(x.shape)
for i, batch in enumerate(train_gen.flow(x, batch_size=1)):
    if i == 3:
        break
print(batch.max() <= 1)


def endless():
    while True:
        yield x_test[:20], y_test[:20]


model.fit_generator(endless(), steps_per_epoch=5, nb_epoch=1, verbose=0, max_q_size=2)
