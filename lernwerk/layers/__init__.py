"""The layers, under Keras's names; one family a file."""

from lernwerk.layers.batch_normalization import BatchNormalization
from lernwerk.layers.convolution import Conv1D, Conv2D, Conv3D
from lernwerk.layers.core import Activation, Dense, Embedding
from lernwerk.layers.input_layer import Input, InputLayer
from lernwerk.layers.layer import Layer
from lernwerk.layers.normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
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

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D

__all__ = [
    "Activation", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D",
    "AvgPool2D", "AvgPool3D", "BatchNormalization", "Conv1D", "Conv2D", "Conv3D", "Convolution1D",
    "Convolution2D", "Convolution3D", "Dense", "Dropout", "Embedding", "Flatten", "GRU",
    "GroupNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAvgPool1D", "GlobalAvgPool2D",
    "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "Input",
    "InputLayer", "LSTM", "Layer", "MaxPool1D", "MaxPool2D", "MaxPool3D", "MaxPooling1D",
    "MaxPooling2D", "MaxPooling3D", "Normalization", "Rescaling", "Reshape", "SimpleRNN",
]  # fmt: skip
