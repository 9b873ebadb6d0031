"""The layers, under Keras's names; one family a file."""

from lernwerk.layers.convolution import Conv1D, Conv2D, Conv3D
from lernwerk.layers.core import Activation, Dense, Embedding
from lernwerk.layers.encoding import CategoryEncoding, Discretization
from lernwerk.layers.hashing import Hashing
from lernwerk.layers.image_augmentation import (
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from lernwerk.layers.image_colours import RandomBrightness, RandomContrast
from lernwerk.layers.image_preprocessing import CenterCrop, Resizing
from lernwerk.layers.input_layer import Input, InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.lookup import IntegerLookup, StringLookup
from lernwerk.layers.normalization import BatchNormalization
from lernwerk.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from lernwerk.layers.recurrent import GRU, LSTM, SimpleRNN
from lernwerk.layers.regularization import Dropout
from lernwerk.layers.reshaping import Flatten, Reshape
from lernwerk.layers.scaling import Normalization, Rescaling
from lernwerk.layers.text_vectorization import TextVectorization

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D

__all__ = [
    "Activation", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D",
    "AvgPool2D", "AvgPool3D", "BatchNormalization", "CategoryEncoding", "CenterCrop", "Conv1D",
    "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D", "Dense",
    "Discretization", "Dropout", "Embedding", "Flatten", "GRU", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalMaxPool1D",
    "GlobalMaxPool2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "Hashing", "Input",
    "InputLayer", "IntegerLookup", "LSTM", "Layer", "MaxPool1D", "MaxPool2D", "MaxPool3D",
    "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Normalization", "RandomBrightness",
    "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation",
    "RandomZoom", "Rescaling", "Reshape", "Resizing", "SimpleRNN", "StringLookup",
    "TextVectorization",
]  # fmt: skip
