"""Old names of arguments: one table for everything that Keras 1 and 2 called otherwise.

``translate`` brings a call to the names of today and notes what it changed; ``lernwerk run`` shows
the notes when a program has ended. It stands above everything on the map, because layers, models
and optimizers all use it: through ``OldNames``, the metaclass of classes with old arguments, and
``old_names``, the decorator of functions. Nothing is ever ignored silently: an old argument is
mapped, or it is listed in ``DROPPED`` with its reason and noted, or it is refused as unknown.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABCMeta
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lernwerk.errors import check_keywords

Arguments = dict[str, Any]

# ---- the notes

NOTES: dict[str, str] = {}  # old -> new, each once, in the order of its first use


def note(old: str, new: str) -> None:
    """Remember that an old name was used and what stands for it."""
    NOTES.setdefault(old, new)


def summary() -> str:
    """All notes as one short text; empty where there are none."""
    listed = ", ".join(f"{old} -> {new}" for old, new in NOTES.items())
    return f"Old names: {listed}" if listed else ""


# ---- names of values: in the logs and histories of training

_VALUES = (("acc", "accuracy"), ("lr", "learning_rate"))


def present_name(name: str, known: Mapping[str, Any]) -> str:
    """The name under which a value is known: ``val_acc`` where there is ``val_accuracy`` only."""
    if name in known:
        return name
    start, bare = ("val_", name[4:]) if name.startswith("val_") else ("", name)
    output, _, last = bare.rpartition("_")  # of several outputs, the one that is measured
    output = f"{output}_" if output else ""
    for old, new in _VALUES:
        for front, bare_name in ((start, bare), (f"{start}{output}", last)):
            other = {old: new, new: old}.get(bare_name)
            if other is not None and f"{front}{other}" in known:
                note(name, f"{front}{other}")
                return f"{front}{other}"
    return name


class Values(dict[str, Any]):
    """Values by name, found by the names of earlier years too: ``history["acc"]``."""

    def __missing__(self, name: str) -> Any:
        found = present_name(name, self)
        if found == name:
            raise KeyError(name)
        return self[found]


# ---- arguments whose values changed with their names


def _ordering(value: Any) -> Any:
    return {"tf": "channels_last", "th": "channels_first", "default": None}.get(value, value)


def _is_one(value: Any) -> Any:
    return value in ("one", "ones", True)


# ---- the table: class or function -> old argument -> new one, or (new one, what its value becomes)

_WEIGHTS = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
_FORMAT = {"dim_ordering": ("data_format", _ordering)}
_PLACES = {**_FORMAT, "border_mode": "padding"}
_CONVOLUTION = {
    **_WEIGHTS, **_PLACES, "nb_filter": "filters", "filter_length": "kernel_size",
    "filters_length": "kernel_size", "subsample": "strides", "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
}  # fmt: skip
_SPATIAL = {
    **_PLACES, "subsample": "strides", "b_regularizer": "bias_regularizer", "bias": "use_bias",
}  # fmt: skip
_DEPTHWISE = {**_SPATIAL, "init": "depthwise_initializer"}
_SEPARABLE = {
    **_SPATIAL, "nb_filter": "filters", "filter_length": "kernel_size",
    "init": "depthwise_initializer",
}  # fmt: skip
_SIMPLE = {
    "output_dim": "units", "init": "kernel_initializer", "inner_init": "recurrent_initializer",
    "W_regularizer": "kernel_regularizer", "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer", "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
}  # fmt: skip
_GRU = {**_SIMPLE, "inner_activation": "recurrent_activation"}
_LSTM = {**_GRU, "forget_bias_init": ("unit_forget_bias", _is_one)}
_POOLING = {
    **_PLACES, "pool_length": "pool_size", "stride": "strides",
}  # fmt: skip
_RATE = {"p": "rate"}
_OPTIMIZER = {"lr": "learning_rate"}

ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "Dense": {**_WEIGHTS, "output_dim": "units"},
    "Conv1D": _CONVOLUTION, "Conv2D": _CONVOLUTION, "Conv3D": _CONVOLUTION,
    "Conv2DTranspose": _CONVOLUTION, "Conv1DTranspose": _CONVOLUTION,
    "Conv3DTranspose": _CONVOLUTION,
    "SeparableConv1D": _SEPARABLE, "SeparableConv2D": _SEPARABLE, "DepthwiseConv2D": _DEPTHWISE,
    "SimpleRNN": _SIMPLE, "LSTM": _LSTM, "GRU": _GRU,
    "SimpleRNNCell": _SIMPLE, "LSTMCell": _LSTM, "GRUCell": _GRU,
    "MaxPooling1D": _POOLING, "AveragePooling1D": _POOLING,
    "MaxPooling2D": _POOLING, "AveragePooling2D": _POOLING,
    "MaxPooling3D": _POOLING, "AveragePooling3D": _POOLING,
    "GlobalMaxPooling2D": _FORMAT, "GlobalAveragePooling2D": _FORMAT, "Flatten": _FORMAT,
    "UpSampling1D": {"length": "size"}, "UpSampling2D": _FORMAT, "UpSampling3D": _FORMAT,
    "ZeroPadding2D": _FORMAT, "ZeroPadding3D": _FORMAT, "Cropping2D": _FORMAT,
    "Reshape": {"dims": "target_shape"},
    "Embedding": {
        "init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "Dropout": _RATE, "SpatialDropout1D": _RATE, "SpatialDropout2D": _RATE,
    "SpatialDropout3D": _RATE, "GaussianDropout": _RATE, "AlphaDropout": _RATE,
    "GaussianNoise": {"sigma": "stddev"},
    "LeakyReLU": {"alpha": "negative_slope"},
    "PReLU": {"init": "alpha_initializer"},
    "BatchNormalization": {
        "beta_init": "beta_initializer", "gamma_init": "gamma_initializer",
        "gamma_regularizer": "gamma_regularizer",
    },
    "Model": {"input": "inputs", "output": "outputs"},
    "SGD": _OPTIMIZER, "RMSprop": _OPTIMIZER, "Adagrad": _OPTIMIZER, "Adadelta": _OPTIMIZER,
    "Adam": _OPTIMIZER, "AdamW": _OPTIMIZER, "Adamax": _OPTIMIZER, "Nadam": _OPTIMIZER,
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "fit": {"nb_epoch": "epochs"},
    "fit_generator": {"nb_epoch": "epochs"},
    "evaluate_generator": {"val_samples": "samples"},
    "predict_generator": {"val_samples": "samples"},
    "to_categorical": {"nb_classes": "num_classes"},
    "load_img": {"grayscale": ("color_mode", lambda grey: "grayscale" if grey else "rgb")},
    "ImageDataGenerator": _FORMAT,
    "relu": {"alpha": "negative_slope"}, "leaky_relu": {"alpha": "negative_slope"},
}  # fmt: skip

# Old arguments that mean nothing here, with the values that lose nothing; others are refused.
ANY = object()
_SPEED = {
    "consume_less": ANY, "time_major": (False,),
}  # fmt: skip
_QUEUE = dict.fromkeys(
    ("max_queue_size", "workers", "use_multiprocessing", "max_q_size", "nb_worker", "pickle_safe"),
    ANY,
)
DROPPED: Mapping[str, Mapping[str, Any]] = {
    "SimpleRNN": _SPEED, "LSTM": _SPEED, "GRU": _SPEED,
    "BatchNormalization": {
        "mode": (0,), "renorm": (False,), "fused": ANY, "virtual_batch_size": (None,),
    },
    "Dense": {"lora_rank": (None,)},
    "fit": {**_QUEUE, "show_accuracy": ANY}, "evaluate": {**_QUEUE, "show_accuracy": ANY},
    "predict": _QUEUE, "fit_generator": _QUEUE, "evaluate_generator": _QUEUE,
    "predict_generator": _QUEUE,
    "compile": {
        "class_mode": ANY, "sample_weight_mode": ANY, "target_tensors": (None,),
        "experimental_run_tf_function": ANY, "experimental_steps_per_execution": ANY,
    },
    "LeakyReLU": {}, "ModelCheckpoint": {"period": (1,), "options": (None,)},
    "Embedding": {"dropout": (0, 0.0)},
}  # fmt: skip
# Dropped without a note: how fast, never what.
_QUIET = {*_QUEUE, "implementation", "fused"}


def translate(
    name: str, arguments: tuple[Any, ...], keywords: Arguments
) -> tuple[tuple[Any, ...], Arguments]:
    """A call of the class or function of that name with the arguments of today.

    ``name`` may be an old alias with a positional form of its own: ``Convolution2D(32, 3, 3)``.
    """
    if name in _POSITIONAL:
        current, arguments, keywords = _POSITIONAL[name](arguments, keywords)
        return translate(current, arguments, keywords)
    renamed, dropped = ARGUMENTS.get(name, {}), DROPPED.get(name, {})
    if not (keywords.keys() & renamed.keys() or keywords.keys() & dropped.keys()
            or keywords.keys() & _JOINED.keys()):  # fmt: skip
        return arguments, keywords
    made: Arguments = {}
    for key, value in _joined(name, keywords).items():
        if key in renamed and _is_old(name, key, keywords):
            new, convert = _target(renamed[key])
            note(f"{name}({key}=)", new)
            made.setdefault(new, convert(value))
        elif key in dropped and (dropped[key] is ANY or value in dropped[key]):
            if key not in _QUIET:
                note(f"{name}({key}=)", "nothing")
        else:
            made[key] = value
    return arguments, made


def _target(row: Any) -> tuple[str, Callable[[Any], Any]]:
    return row if isinstance(row, tuple) else (row, lambda value: value)


def _is_old(name: str, key: str, keywords: Arguments) -> bool:
    """Whether the old argument stands alone: beside its new name it is refused as unknown."""
    return _target(ARGUMENTS[name][key])[0] not in keywords


# ---- old arguments that belong together

_JOINED = {"nb_row": 0, "nb_col": 1, "kernel_dim1": 0, "kernel_dim2": 1, "kernel_dim3": 2}


def _joined(name: str, keywords: Arguments) -> Arguments:
    """``nb_row`` and ``nb_col`` as one ``kernel_size``."""
    parts = {key: keywords[key] for key in _JOINED if key in keywords}
    if not parts or "kernel_size" in keywords:
        return keywords
    note(f"{name}({', '.join(f'{key}=' for key in parts)})", "kernel_size")
    rest = {key: value for key, value in keywords.items() if key not in parts}
    return {**rest, "kernel_size": tuple(parts.values())}


# ---- old positional forms

Form = tuple[str, tuple[Any, ...], Arguments]


def _kernel_form(current: str, axes: int) -> Callable[[tuple[Any, ...], Arguments], Form]:
    """Keras 1's ``Convolution2D(filters, rows, columns, init, activation, ...)``."""

    def form(arguments: tuple[Any, ...], keywords: Arguments) -> Form:
        filters, size, rest = arguments[:1], arguments[1 : axes + 1], arguments[axes + 1 :]
        if len(size) < axes or not all(isinstance(n, int) for n in size):
            return current, arguments, keywords
        whole = tuple(size) if axes > 1 else size[0]
        if axes > 1:
            shown = ", ".join(map(str, (*filters, *size)))
            note(f"Convolution{axes}D({shown})", f"{current}({filters[0]}, {whole})")
        more = dict(zip(("kernel_initializer", "activation"), rest, strict=False))
        return current, (*filters, whole), {**more, **keywords}

    return form


_POSITIONAL: Mapping[str, Callable[[tuple[Any, ...], Arguments], Form]] = {
    "Convolution1D": _kernel_form("Conv1D", 1),
    "Convolution2D": _kernel_form("Conv2D", 2),
    "Convolution3D": _kernel_form("Conv3D", 3),
    "Deconvolution2D": _kernel_form("Conv2DTranspose", 2),
    "SeparableConvolution2D": _kernel_form("SeparableConv2D", 2),
    "AtrousConvolution2D": _kernel_form("Conv2D", 2),
}


# ---- where the table is applied


class OldNames(ABCMeta):
    """The metaclass of classes of Lernwerk whose arguments have old names too."""

    @property
    def __signature__(cls) -> inspect.Signature:
        """The arguments of ``__init__``, which help and editors show."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        arguments, keywords = cls.today(arguments, keywords)
        return super().__call__(*arguments, **keywords)

    def today(
        cls, arguments: tuple[Any, ...], keywords: Arguments
    ) -> tuple[tuple[Any, ...], Arguments]:
        """The arguments under the names of today."""
        if keywords and cls.__name__ in _WITH_OLD and cls.__module__.startswith("lernwerk."):
            return translate(cls.__name__, arguments, keywords)
        return arguments, keywords


_WITH_OLD = ARGUMENTS.keys() | DROPPED.keys()
_Function = TypeVar("_Function", bound=Callable[..., Any])


def old_names(function: _Function) -> _Function:
    """Let a function take the old names of its arguments; unknown ones are refused."""
    name = function.__name__
    parameters = inspect.signature(function).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        if keywords and not keywords.keys() <= parameters.keys():
            arguments, keywords = translate(name, arguments, keywords)
            if not open_ended:
                check_keywords(f"{name}(...)", keywords, [p for p in parameters if p != "self"])
        return function(*arguments, **keywords)

    return wrapper  # type: ignore[return-value]
