"""The layers, under Keras's names; one family a file."""

from lernwerk.layers.activation_layers import (
    ELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
    ThresholdedReLU,
)
from lernwerk.layers.batch_normalization import BatchNormalization
from lernwerk.layers.convolution import Conv1D, Conv2D, Conv3D
from lernwerk.layers.core import Activation, Dense, Identity, Masking
from lernwerk.layers.einsum_dense import EinsumDense
from lernwerk.layers.embedding import Embedding
from lernwerk.layers.input_layer import Input, InputLayer
from lernwerk.layers.joining import Concatenate, Dot
from lernwerk.layers.lambda_layer import Lambda
from lernwerk.layers.layer import Layer
from lernwerk.layers.merging import Add, Average, Maximum, Minimum, Multiply, Subtract
from lernwerk.layers.merging_functions import (
    add,
    average,
    concatenate,
    dot,
    maximum,
    merge,
    minimum,
    multiply,
    subtract,
)
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
from lernwerk.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
)
from lernwerk.layers.reshaping import Flatten, Reshape
from lernwerk.layers.scaling import Normalization, Rescaling
from lernwerk.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from lernwerk.layers.spectral_normalization import SpectralNormalization
from lernwerk.layers.wrapper import Wrapper

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D

__all__ = [
    "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average",
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D",
    "AvgPool3D", "BatchNormalization", "Concatenate", "Conv1D", "Conv2D", "Conv3D",
    "Convolution1D", "Convolution2D", "Convolution3D", "Dense", "Dot", "Dropout", "ELU",
    "EinsumDense", "Embedding", "Flatten", "GRU", "GaussianDropout", "GaussianNoise",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAvgPool1D", "GlobalAvgPool2D",
    "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
    "GroupNormalization", "Identity", "Input", "InputLayer", "LSTM", "Lambda", "Layer",
    "LayerNormalization", "LeakyReLU", "Masking", "MaxPool1D", "MaxPool2D", "MaxPool3D",
    "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Minimum", "Multiply",
    "Normalization", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Reshape", "SimpleRNN",
    "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
    "SpectralNormalization", "Subtract", "ThresholdedReLU", "UnitNormalization", "Wrapper",
    "add", "average", "concatenate", "dot", "maximum", "merge", "minimum", "multiply",
    "subtract",
]  # fmt: skip
