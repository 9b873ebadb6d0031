"""The small ``tf`` of Lernwerk: what introductory Keras programs mix in; see docs/compat.md.

Everything works on Lernwerk's own tensors. Submodules (``tf.nn``, ``tf.random``, ...) are the files
of this folder; ``tf.keras`` is Lernwerk itself.
"""

from __future__ import annotations

from typing import Any

from lernwerk.compat.tensorflow.arrays import (
    argsort,
    boolean_mask,
    broadcast_to,
    cast,
    concat,
    constant,
    convert_to_tensor,
    ensure_shape,
    expand_dims,
    eye,
    fill,
    gather,
    gather_nd,
    identity,
    is_tensor,
    linspace,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    pad,
    range,
    rank,
    repeat,
    reshape,
    reverse,
    roll,
    scatter_nd,
    searchsorted,
    sequence_mask,
    shape,
    size,
    slice,
    sort,
    split,
    squeeze,
    stack,
    stop_gradient,
    tensor_scatter_nd_add,
    tensor_scatter_nd_update,
    tile,
    to_float,
    transpose,
    unique,
    unstack,
    where,
    zeros,
    zeros_like,
)
from lernwerk.compat.tensorflow.clipping import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    global_norm,
)
from lernwerk.compat.tensorflow.debugging import (
    Assert,
)
from lernwerk.compat.tensorflow.devices import (
    device,
)
from lernwerk.compat.tensorflow.dtypes import (
    DType,
    as_dtype,
    bool,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from lernwerk.compat.tensorflow.functions import (
    case,
    cond,
    control_dependencies,
    custom_gradient,
    executing_eagerly,
    foldl,
    function,
    group,
    map_fn,
    no_op,
    numpy_function,
    print,
    py_function,
    scan,
    vectorized_map,
    while_loop,
)
from lernwerk.compat.tensorflow.linalg import (
    norm,
)
from lernwerk.compat.tensorflow.logging import (
    get_logger,
)
from lernwerk.compat.tensorflow.math import (
    abs,
    acos,
    add,
    add_n,
    argmax,
    argmin,
    asin,
    atan,
    bincount,
    cos,
    cosh,
    cumprod,
    cumsum,
    divide,
    divide_no_nan,
    einsum,
    equal,
    exp,
    floor,
    floordiv,
    greater,
    greater_equal,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    matmul,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    not_equal,
    pow,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    squared_difference,
    subtract,
    tan,
    tanh,
    tensordot,
    truediv,
)
from lernwerk.compat.tensorflow.tape import (
    GradientTape,
    UnconnectedGradients,
    gradients,
)
from lernwerk.compat.tensorflow.v1 import (
    ConfigProto,
    GPUOptions,
    InteractiveSession,
    Session,
    disable_eager_execution,
    enable_eager_execution,
    get_default_graph,
    global_variables_initializer,
    random_normal,
    random_shuffle,
    random_uniform,
    reset_default_graph,
    set_random_seed,
    truncated_normal,
)
from lernwerk.compat.tensorflow.variables import (
    Tensor,
    TensorShape,
    TensorSpec,
    Variable,
    constant_initializer,
)

newaxis = None


class Module:
    """A base class for objects that hold Variables: ``trainable_variables`` finds them."""

    @property
    def variables(self) -> tuple[Any, ...]:
        """All Variables in the attributes, and in those of modules and lists among them."""
        return tuple(_variables(vars(self).values()))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those that an optimizer may change."""
        return tuple(each for each in self.variables if each.trainable)


def _variables(values: Any) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, Variable):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _variables(value)
        elif isinstance(value, dict):
            found += _variables(value.values())
        elif hasattr(value, "trainable_variables"):
            found += list(getattr(value, "variables", value.trainable_variables))
    return found


__all__ = [
    "Assert", "ConfigProto", "DType", "GPUOptions", "GradientTape", "InteractiveSession", "Module",
    "Session", "Tensor", "TensorShape", "TensorSpec", "UnconnectedGradients", "Variable", "abs",
    "acos", "add", "add_n", "argmax", "argmin", "argsort", "as_dtype", "asin", "atan", "bincount",
    "bool", "boolean_mask", "broadcast_to", "case", "cast", "clip_by_global_norm", "clip_by_norm",
    "clip_by_value", "concat", "cond", "constant", "constant_initializer", "control_dependencies",
    "convert_to_tensor", "cos", "cosh", "cumprod", "cumsum", "custom_gradient", "device",
    "disable_eager_execution", "divide", "divide_no_nan", "double", "einsum",
    "enable_eager_execution", "ensure_shape", "equal", "executing_eagerly", "exp", "expand_dims",
    "eye", "fill", "float16", "float32", "float64", "floor", "floordiv", "foldl", "function",
    "gather", "gather_nd", "get_default_graph", "get_logger", "global_norm",
    "global_variables_initializer", "gradients", "greater", "greater_equal", "group", "half",
    "identity", "int16", "int32", "int64", "int8", "is_tensor", "less", "less_equal", "linspace",
    "log", "log1p", "logical_and", "logical_not", "logical_or", "logical_xor", "map_fn", "matmul",
    "maximum", "meshgrid", "minimum", "mod", "multiply", "negative", "newaxis", "no_op", "norm",
    "not_equal", "numpy_function", "one_hot", "ones", "ones_like", "pad", "pow", "print",
    "py_function", "random_normal", "random_shuffle", "random_uniform", "range", "rank",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_sum", "repeat", "reset_default_graph", "reshape", "reverse", "roll",
    "round", "rsqrt", "scan", "scatter_nd", "searchsorted", "sequence_mask", "set_random_seed",
    "shape", "sigmoid", "sign", "sin", "sinh", "size", "slice", "sort", "split", "sqrt", "square",
    "squared_difference", "squeeze", "stack", "stop_gradient", "string", "subtract", "tan", "tanh",
    "tensor_scatter_nd_add", "tensor_scatter_nd_update", "tensordot", "tile", "to_float",
    "transpose", "truediv", "truncated_normal", "uint16", "uint32", "uint64", "uint8", "unique",
    "unstack", "vectorized_map", "where", "while_loop", "zeros", "zeros_like",
]  # fmt: skip
