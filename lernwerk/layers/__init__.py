"""The layers, under Keras's names; one family a file."""

from lernwerk.layers.activation_layers import (
    ELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
    ThresholdedReLU,
)
from lernwerk.layers.attention import (
    AdditiveAttention,
    Attention,
)
from lernwerk.layers.batch_normalization import (
    BatchNormalization,
)
from lernwerk.layers.bidirectional import (
    Bidirectional,
)
from lernwerk.layers.conv_lstm import (
    ConvLSTM1D,
    ConvLSTM2D,
    ConvLSTM3D,
)
from lernwerk.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
)
from lernwerk.layers.convolution_transpose import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
)
from lernwerk.layers.core import (
    Activation,
    Dense,
    Identity,
    Masking,
)
from lernwerk.layers.depthwise import (
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from lernwerk.layers.einsum_dense import (
    EinsumDense,
)
from lernwerk.layers.embedding import (
    Embedding,
)
from lernwerk.layers.encoding import (
    CategoryEncoding,
    Discretization,
)
from lernwerk.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from lernwerk.layers.grouped_query_attention import (
    GroupQueryAttention,
)
from lernwerk.layers.gru import (
    GRU,
    GRUCell,
)
from lernwerk.layers.hashing import (
    Hashing,
)
from lernwerk.layers.image_augmentation import (
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from lernwerk.layers.image_colours import (
    RandomBrightness,
    RandomContrast,
)
from lernwerk.layers.image_preprocessing import (
    CenterCrop,
    Resizing,
)
from lernwerk.layers.input_layer import (
    Input,
    InputLayer,
)
from lernwerk.layers.joining import (
    Concatenate,
    Dot,
)
from lernwerk.layers.lambda_layer import (
    Lambda,
)
from lernwerk.layers.layer import (
    Layer,
)
from lernwerk.layers.lookup import (
    IntegerLookup,
    StringLookup,
)
from lernwerk.layers.lstm import (
    LSTM,
    LSTMCell,
)
from lernwerk.layers.merging import (
    Add,
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
)
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
from lernwerk.layers.multi_head_attention import (
    MultiHeadAttention,
)
from lernwerk.layers.normalization import (
    GroupNormalization,
    LayerNormalization,
    RMSNormalization,
    UnitNormalization,
)
from lernwerk.layers.padding import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from lernwerk.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from lernwerk.layers.recurrent import (
    RNN,
)
from lernwerk.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
)
from lernwerk.layers.reshaping import (
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
)
from lernwerk.layers.scaling import (
    Normalization,
    Rescaling,
)
from lernwerk.layers.simple_rnn import (
    SimpleRNN,
    SimpleRNNCell,
)
from lernwerk.layers.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from lernwerk.layers.spectral_normalization import (
    SpectralNormalization,
)
from lernwerk.layers.stacked_cells import (
    StackedRNNCells,
)
from lernwerk.layers.text_vectorization import (
    TextVectorization,
)
from lernwerk.layers.time_distributed import (
    TimeDistributed,
)
from lernwerk.layers.upsampling import (
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
)
from lernwerk.layers.wrapper import (
    Wrapper,
)

Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
AtrousConvolution1D, AtrousConvolution2D = Conv1D, Conv2D
Deconvolution2D, Deconvolution3D = Conv2DTranspose, Conv3DTranspose

__all__ = [
    "Activation", "ActivityRegularization", "Add", "AdditiveAttention", "AlphaDropout", "Attention",
    "Average", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D",
    "AvgPool3D", "BatchNormalization", "Bidirectional", "CategoryEncoding", "CenterCrop",
    "Concatenate", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D",
    "Conv3DTranspose", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Convolution1D",
    "Convolution1DTranspose", "Convolution2D", "Convolution2DTranspose", "Convolution3D",
    "Convolution3DTranspose", "Cropping1D", "Cropping2D", "Cropping3D", "Dense", "DepthwiseConv1D",
    "DepthwiseConv2D", "Discretization", "Dot", "Dropout", "ELU", "EinsumDense", "Embedding",
    "Flatten", "GRU", "GRUCell", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalAvgPool1D", "GlobalAvgPool2D",
    "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D",
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GroupNormalization",
    "GroupQueryAttention", "Hashing", "Identity", "Input", "InputLayer", "IntegerLookup", "LSTM",
    "LSTMCell", "Lambda", "Layer", "LayerNormalization", "LeakyReLU", "Masking", "MaxPool1D",
    "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Minimum",
    "MultiHeadAttention", "Multiply", "Normalization", "PReLU", "Permute", "RMSNormalization",
    "RNN", "RandomBrightness", "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation",
    "RandomTranslation", "RandomZoom", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Resizing",
    "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D",
    "SimpleRNN", "SimpleRNNCell", "Softmax", "SpatialDropout1D", "SpatialDropout2D",
    "SpatialDropout3D", "SpectralNormalization", "StackedRNNCells", "StringLookup", "Subtract",
    "TextVectorization", "ThresholdedReLU", "TimeDistributed", "UnitNormalization", "UpSampling1D",
    "UpSampling2D", "UpSampling3D", "Wrapper", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
    "add", "average", "concatenate", "dot", "maximum", "merge", "minimum", "multiply", "subtract",
]  # fmt: skip
