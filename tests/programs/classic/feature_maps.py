# Was sieht das Netz? Aktivierungen, Filter und Ableitungen mit K.function und K.gradients
import numpy as np
from keras import backend as K
from keras import models
from keras.datasets import mnist
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential, Model

np.random.seed(0)
(x_train, y_train), _ = mnist.load_data()
x = x_train[:500].reshape(-1, 28, 28, 1) / 255.
model = Sequential()
model.add(Conv2D(6, (3, 3), activation='relu', input_shape=(28, 28, 1), name='c1'))
model.add(MaxPooling2D())
model.add(Conv2D(8, (3, 3), activation='relu', name='c2'))
model.add(Flatten())
model.add(Dense(10, activation='softmax', name='ausgabe'))
model.compile('adam', 'sparse_categorical_crossentropy')
model.fit(x, y_train[:500], epochs=2, verbose=0)

layer_outputs = [layer.output for layer in model.layers[:3]]
activation_model = models.Model(inputs=model.input, outputs=layer_outputs)
for activation in activation_model.predict(x[:1]):
    print(activation.shape)
get_3rd_layer_output = K.function([model.layers[0].input, K.learning_phase()],
                                  [model.layers[2].output])
print(get_3rd_layer_output([x[:2], 0])[0].shape)

# welches Bild erregt einen Filter am meisten?
layer_dict = dict([(layer.name, layer) for layer in model.layers])
layer_output = layer_dict['c2'].output
for filter_index in range(2):
    loss = K.mean(layer_output[:, :, :, filter_index])
    grads = K.gradients(loss, model.input)[0]
    grads /= (K.sqrt(K.mean(K.square(grads))) + 1e-5)
    iterate = K.function([model.input], [loss, grads])
    bild = np.random.random((1, 28, 28, 1)) * 0.1 + 0.5
    werte = []
    for i in range(10):
        loss_value, grads_value = iterate([bild])
        bild += grads_value * 0.5
        werte.append(float(loss_value))
    print('Filter %d: %.4f -> %.4f' % (filter_index, werte[0], werte[-1]))

# Grad-CAM
klasse = model.output[:, 3]
last_conv_layer = model.get_layer('c2')
grads = K.gradients(klasse, last_conv_layer.output)[0]
pooled_grads = K.mean(grads, axis=(0, 1, 2))
iterate = K.function([model.input], [pooled_grads, last_conv_layer.output[0]])
pooled_grads_value, conv_layer_output_value = iterate([x[:1]])
for i in range(8):
    conv_layer_output_value[:, :, i] *= pooled_grads_value[i]
heatmap = np.mean(conv_layer_output_value, axis=-1)
heatmap = np.maximum(heatmap, 0)
print('heatmap', heatmap.shape)

# Empfindlichkeit der Eingabe
saliency = K.function([model.layers[0].input],
                      K.gradients(K.max(model.output, axis=-1), [model.layers[0].input]))
print('saliency', np.abs(saliency([x[:2]])[0]).max() > 0)
