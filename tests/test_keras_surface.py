"""The surface of Keras that books, courses and ordinary scripts use: every name exists here.

What the names do is tested beside them, against real Keras.
"""

from __future__ import annotations

import importlib
import inspect

import pytest

SURFACE = {
    "layers": """
        Input InputLayer Dense Activation Flatten Reshape Permute RepeatVector Lambda Masking
        Embedding Dropout SpatialDropout1D SpatialDropout2D BatchNormalization LayerNormalization
        Conv1D Conv2D Conv2DTranspose SeparableConv2D DepthwiseConv2D MaxPooling1D MaxPooling2D
        AveragePooling1D AveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D
        GlobalAveragePooling1D GlobalAveragePooling2D UpSampling1D UpSampling2D ZeroPadding1D
        ZeroPadding2D Cropping1D Cropping2D SimpleRNN LSTM GRU RNN SimpleRNNCell LSTMCell GRUCell
        StackedRNNCells Bidirectional TimeDistributed Concatenate Add Multiply Subtract Average
        Maximum Minimum Dot concatenate add multiply subtract average maximum minimum dot ReLU
        LeakyReLU ELU PReLU Softmax Rescaling Normalization TextVectorization StringLookup
        IntegerLookup CategoryEncoding RandomFlip RandomRotation RandomZoom RandomTranslation
        RandomContrast RandomBrightness RandomCrop Resizing CenterCrop MultiHeadAttention Attention
        GaussianNoise GaussianDropout AlphaDropout Layer GroupNormalization RMSNormalization
        UnitNormalization SpectralNormalization Conv3D MaxPooling3D AveragePooling3D
        Conv1DTranspose SeparableConv1D ConvLSTM2D AdditiveAttention Discretization Hashing
        Convolution1D Convolution2D MaxPool1D MaxPool2D AvgPool1D AvgPool2D GlobalMaxPool1D
        GlobalMaxPool2D GlobalAvgPool1D GlobalAvgPool2D Wrapper ActivityRegularization Identity
    """,
    "activations": """
        softmax relu sigmoid tanh linear elu selu gelu swish silu leaky_relu softplus softsign
        log_softmax hard_sigmoid exponential relu6 mish get serialize deserialize
    """,
    "losses": """
        MeanSquaredError MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError
        Hinge SquaredHinge CategoricalHinge LogCosh Huber CategoricalCrossentropy
        SparseCategoricalCrossentropy BinaryCrossentropy KLDivergence Poisson CosineSimilarity
        BinaryFocalCrossentropy CategoricalFocalCrossentropy CTC Loss mean_squared_error
        mean_absolute_error mean_absolute_percentage_error mean_squared_logarithmic_error hinge
        squared_hinge categorical_hinge log_cosh huber categorical_crossentropy
        sparse_categorical_crossentropy binary_crossentropy kl_divergence poisson
        cosine_similarity cosine_proximity binary_focal_crossentropy categorical_focal_crossentropy
        mse mae mape msle kld MSE MAE MAPE MSLE KLD get serialize deserialize
    """,
    "metrics": """
        Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy
        TopKCategoricalAccuracy SparseTopKCategoricalAccuracy Precision Recall F1Score AUC
        MeanAbsoluteError MeanSquaredError RootMeanSquaredError R2Score Mean Sum IoU MeanIoU
        BinaryIoU TruePositives TrueNegatives FalsePositives FalseNegatives BinaryCrossentropy
        CategoricalCrossentropy SparseCategoricalCrossentropy KLDivergence Poisson Hinge
        SquaredHinge CategoricalHinge CosineSimilarity LogCoshError MeanAbsolutePercentageError
        MeanSquaredLogarithmicError MeanMetricWrapper Metric get serialize deserialize
    """,
    "optimizers": """
        SGD RMSprop Adagrad Adadelta Adam AdamW Adamax Nadam Lion Optimizer schedules legacy get
        serialize deserialize
    """,
    "optimizers.schedules": """
        ExponentialDecay InverseTimeDecay CosineDecay CosineDecayRestarts PiecewiseConstantDecay
        PolynomialDecay LearningRateSchedule
    """,
    "initializers": """
        Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling
        GlorotUniform GlorotNormal HeNormal HeUniform LecunNormal LecunUniform Orthogonal Identity
        zeros ones glorot_uniform he_normal Initializer get serialize deserialize
    """,
    "regularizers": "L1 L2 L1L2 l1 l2 l1_l2 Regularizer get serialize deserialize",
    "constraints": "MaxNorm NonNeg UnitNorm MinMaxNorm Constraint get serialize deserialize",
    "callbacks": """
        Callback EarlyStopping ModelCheckpoint TensorBoard ReduceLROnPlateau LearningRateScheduler
        LambdaCallback CSVLogger TerminateOnNaN BackupAndRestore History ProgbarLogger CallbackList
    """,
    "models": """
        Model Sequential load_model save_model clone_model model_from_json
    """,
    "utils": """
        to_categorical pad_sequences normalize set_random_seed get_file load_img save_img
        img_to_array array_to_img image_dataset_from_directory text_dataset_from_directory
        timeseries_dataset_from_array plot_model model_to_dot Progbar clear_session split_dataset
        PyDataset Sequence register_keras_serializable get_custom_objects custom_object_scope
        CustomObjectScope
    """,
    "datasets": """
        mnist fashion_mnist cifar10 cifar100 imdb reuters boston_housing california_housing digits
        iris wine breast_cancer diabetes
    """,
    "backend": """
        sum mean square exp log random_normal random_uniform shape int_shape function gradients
        epsilon image_data_format set_image_data_format floatx abs sqrt max min maximum minimum
        clip dot batch_dot transpose reshape flatten expand_dims squeeze concatenate stack cast
        argmax equal gather one_hot zeros ones zeros_like ones_like constant variable eval
        get_value set_value batch_set_value learning_phase clear_session stop_gradient repeat
        categorical_crossentropy binary_crossentropy softmax sigmoid relu l2_normalize
        permute_dimensions
        random_bernoulli tile any all std var prod pow cumsum switch rnn
    """,
    "applications": """
        VGG16 VGG19 ResNet50 ResNet101 ResNet152 ResNet18 ResNet34 InceptionV3 MobileNet MobileNetV2
        LeNet5 AlexNet
    """,
    "preprocessing.text": "Tokenizer text_to_word_sequence one_hot tokenizer_from_json",
    "preprocessing.sequence": "pad_sequences skipgrams TimeseriesGenerator",
    "preprocessing.image": "ImageDataGenerator load_img img_to_array array_to_img save_img",
}
METHODS = """
    compile fit evaluate predict train_on_batch test_on_batch predict_on_batch summary save
    save_weights load_weights add pop get_layer layers get_weights set_weights trainable
    count_params to_json get_config from_config add_weight add_loss compute_output_shape train_step
    test_step predict_step inputs outputs input output fit_generator predict_generator
    evaluate_generator predict_classes predict_proba
"""
NAMES = [(module, name) for module, names in SURFACE.items() for name in names.split()]


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda value: value)
def test_the_name_exists_and_is_documented(module: str, name: str) -> None:
    found = getattr(importlib.import_module(f"lernwerk.{module}"), name)
    if callable(found) or inspect.ismodule(found):
        assert (inspect.getdoc(found) or "").strip()


@pytest.mark.parametrize("name", METHODS.split())
def test_the_method_exists(name: str) -> None:
    from lernwerk import Sequential

    assert hasattr(Sequential, name) or hasattr(Sequential(), name)


@pytest.mark.parametrize("name", sorted({m.partition(".")[0] for m in SURFACE}))
def test_the_module_is_reached_from_the_package(name: str) -> None:
    import lernwerk

    assert getattr(lernwerk, name) is importlib.import_module(f"lernwerk.{name}")
