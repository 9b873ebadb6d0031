"""TensorFlow's functions in models of tf.keras 2, as the operations of today.

tf.keras kept ``x + y`` as a layer ``TFOpLambda`` with the function's name; the first argument is
the layer's input, the others are keywords of the use. The table covers what programs write between
layers; other functions are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lernwerk.errors import DataError, nearest
from lernwerk.models.operation_table import operation_module

_REDUCTION = {"axis": "axis", "keepdims": "keepdims"}


def _binary(kind: str) -> tuple[str, Sequence[str], Mapping[str, str]]:
    return kind, ("y",), {}


def _unary(kind: str, **options: str) -> tuple[str, Sequence[str], Mapping[str, str]]:
    return kind, (), options


# function: class of the operation, further tensors, options by their names here
_TABLE: Mapping[str, tuple[str, Sequence[str], Mapping[str, str]]] = {
    **{f"{place}.{name}": _binary(kind) for place in ("math", "__operators__") for name, kind in (
        ("add", "Add"), ("subtract", "Subtract"), ("multiply", "Multiply"), ("truediv",
        "TrueDivide"), ("divide", "Divide"), ("pow", "Power"), ("maximum", "Maximum"),
        ("minimum", "Minimum"),
    )},
    **{f"math.reduce_{name}": _unary(kind, **_REDUCTION) for name, kind in (
        ("mean", "Mean"), ("sum", "Sum"), ("max", "Max"), ("min", "Min"), ("prod", "Prod"),
        ("std", "Std"), ("variance", "Var"),
    )},
    **{f"math.{name}": _unary(kind) for name, kind in (
        ("exp", "Exp"), ("log", "Log"), ("sqrt", "Sqrt"), ("square", "Square"), ("abs", "Abs"),
        ("negative", "Negative"), ("tanh", "Tanh"), ("sigmoid", "Sigmoid"), ("rsqrt", "Rsqrt"),
    )},
    "nn.relu": _unary("Relu"), "nn.sigmoid": _unary("Sigmoid"), "nn.tanh": _unary("Tanh"),
    "nn.softmax": _unary("Softmax", axis="axis"), "nn.softplus": _unary("Softplus"),
    "concat": _unary("Concatenate", axis="axis"), "stack": _unary("Stack", axis="axis"),
    "reshape": _unary("Reshape", shape="newshape"),
    "expand_dims": _unary("ExpandDims", axis="axis"),
    "squeeze": _unary("Squeeze", axis="axis"), "transpose": _unary("Transpose", perm="axes"),
    "cast": _unary("Cast", dtype="dtype"), "tile": _unary("Tile", multiples="repeats"),
    "linalg.matmul": ("Matmul", ("b",), {}), "clip_by_value":
    _unary("Clip", clip_value_min="x_min", clip_value_max="x_max"),
}  # fmt: skip
_SLICE = "__operators__.getitem"


def is_function(kind: Any) -> bool:
    """Whether a class of tf.keras stands for a function."""
    return kind in ("TFOpLambda", "SlicingOpLambda")


def operation_form(form: Mapping[str, Any]) -> dict[str, Any]:
    """The operation of today, from a form whose uses have ``args`` and ``kwargs``."""
    inner = form.get("config")
    function = inner.get("function") if isinstance(inner, dict) else None
    if function == _SLICE:
        kind, tensors, options = "GetItem", ("slice_spec",), {}
    elif function in _TABLE:
        kind, tensors, options = _TABLE[function]
    else:
        raise DataError("config", "a known function of TensorFlow", repr(function),
                        nearest(str(function), _TABLE))  # fmt: skip
    config: dict[str, Any] = {"name": form.get("name")}
    uses = [_use(use, tensors, options, config) for use in form["inbound_nodes"]]
    return {"module": operation_module(kind), "class_name": kind, "config": config,
            "name": form.get("name"), "inbound_nodes": uses}  # fmt: skip


def _use(
    use: Mapping[str, Any], tensors: Sequence[str], options: Mapping[str, str],
    config: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    given = {key: value for key, value in use["kwargs"].items() if value is not None}
    more = [_slices(given.pop(name)) for name in tensors if name in given]
    config |= {options[key]: given.pop(key) for key in list(given) if key in options}
    given.pop("name", None)
    if given:
        raise DataError(str(config["name"]), "known options", ", ".join(map(repr, given)))
    return {"args": [*use["args"], *more], "kwargs": {}}


def _slices(value: Any) -> Any:
    """The slices of an index, which tf.keras wrote as dicts of start, stop and step."""
    if isinstance(value, list) and not any(isinstance(each, list) for each in value):
        return [_slices(each) for each in value]
    if isinstance(value, dict) and value.keys() == {"start", "stop", "step"}:
        return {"class_name": "__slice__", "config": value}
    return value
