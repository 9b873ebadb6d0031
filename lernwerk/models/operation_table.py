"""The operations of functional models under the names that Keras writes into files.

Keras keeps an operation like a layer: its class is the name of the function in capitals, tensors
are in the node and everything else in its config. A row here says which arguments of ours are
tensors, and which of the others have another name there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lernwerk import ops
from lernwerk.core.indexing import get_item
from lernwerk.errors import DataError, UsageError, nearest
from lernwerk.layers.symbolic import Operation
from lernwerk.ops.primitive import COMPOSITES

LISTED = -1  # the tensors are one list


class Row(NamedTuple):
    """One operation: the function here, Keras's module and class, how many tensors it takes."""

    function: str
    module: str
    kind: str
    tensors: int
    renamed: Mapping[str, str] = {}
    fixed: Mapping[str, Any] = {}  # options of Keras that have one value here


def _capitals(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _rows(module: str, tensors: int, names: str) -> list[Row]:
    return [Row(name, module, _capitals(name), tensors) for name in names.split()]


_TABLE = [
    *_rows(
        "numpy", 1,
        "abs absolute all any amax amin arccos arccosh arcsin arcsinh arctan arctanh argmax argmin "
        "argsort broadcast_to cbrt ceil clip copy cos cosh count_nonzero cumprod cumsum deg2rad "
        "diag diagonal diff exp exp2 expand_dims expm1 fabs fliplr flipud floor isfinite isinf "
        "isnan log log10 log1p log2 logical_not max mean median min moveaxis nan_to_num negative "
        "ones_like prod ptp rad2deg ravel reciprocal repeat roll sign sin sinh sort split "
        "sqrt square squeeze std sum swapaxes tan tanh tile trace transpose tril triu trunc var "
        "zeros_like",
    ),
    *_rows(
        "numpy", 2,
        "add append arctan2 cross divide divide_no_nan dot equal floor_divide full_like greater "
        "greater_equal hypot inner isclose kron less less_equal logaddexp logical_and logical_or "
        "logical_xor matmul maximum minimum mod multiply not_equal outer power subtract take "
        "take_along_axis tensordot true_divide vdot",
    ),
    *_rows("numpy", 3, "where"),
    *_rows("numpy", LISTED, "concatenate dstack hstack stack vstack"),
    *_rows(
        "nn", 1,
        "celu elu gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid "
        "log_softmax normalize relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign "
        "sparse_sigmoid tanh_shrink threshold",
    ),
    *_rows("nn", 2, "binary_crossentropy categorical_crossentropy sparse_categorical_crossentropy"),
    *_rows("math", 1, "erf logsumexp rsqrt"),
    *_rows("core", 1, "cast saturate_cast stop_gradient unstack"),
    *_rows("linalg", 1, "det inv norm"),
    *_rows("linalg", 2, "solve"),
    Row("get_item", "numpy", "GetItem", 2),
    Row("reshape", "numpy", "Reshape", 1, {"shape": "newshape"}),
    Row("flip", "numpy", "Flip", 1, {"axes": "axis"}),
    Row("one_hot", "nn", "OneHot", 1, {"depth": "num_classes"}, {"axis": -1, "sparse": False}),
    Row("round", "numpy", "Round", 1, {}, {"decimals": 0}),
    Row("top_k", "math", "TopK", 1, {}, {"sorted": True}),
    Row("in_top_k", "math", "InTopK", 2),
    Row("remainder", "numpy", "Mod", 2),
    Row("variance", "numpy", "Var", 1),
    Row("standard_deviation", "numpy", "Std", 1),
    Row("gather", "numpy", "Take", 2),
    Row("is_nan", "numpy", "Isnan", 1),
    Row("is_finite", "numpy", "Isfinite", 1),
]  # fmt: skip


def _function(name: str) -> Callable[..., Any] | None:
    found = get_item if name == "get_item" else getattr(ops, name, None)
    return found if callable(found) else None


ROWS: Mapping[str, Row] = {row.function: row for row in _TABLE if _function(row.function)}
# Of two functions for one class the first is made from files: ``mod`` before ``remainder``.
_BY_KIND: Mapping[str, Row] = {row.kind: row for row in reversed(ROWS.values())}
_DEFAULT_ARGUMENTS = {"gather": {"axis": 0}, "concatenate": {"axis": -1}}  # where Keras's differ


def operation_config(operation: Operation) -> dict[str, Any]:
    """Module, class and name of an operation, its other arguments still to be filled in."""
    row = _row_of(operation)
    return {
        "module": f"keras.src.ops.{row.module}", "class_name": row.kind,
        "config": {"name": operation.name}, "registered_name": row.kind,
    }  # fmt: skip


def split_arguments(
    operation: Operation, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """What Keras keeps in the node, and what in the config."""
    row, bound = _row_of(operation), _bound(operation.function, arguments, keywords)
    if row.tensors == LISTED:
        tensors: list[Any] = [_listed(bound.pop(next(iter(bound))))]
    else:
        tensors = [bound.pop(name) for name in list(bound)[: row.tensors]]
    options = {**_DEFAULT_ARGUMENTS.get(row.function, {}), **bound}
    return tensors, {row.renamed.get(key, key): value for key, value in options.items()}


def _row_of(operation: Operation) -> Row:
    name = str(getattr(operation.function, "__name__", ""))
    known = (_function(name), COMPOSITES.get(name))
    own = str(operation.function.__module__).startswith("lernwerk.")
    if not own or name not in ROWS or not any(each is operation.function for each in known):
        raise UsageError(
            f"{operation.name}", "an operation that a file can name", repr(name),
            "Write this part of the model as a layer of your own: class MyLayer(layers.Layer).",
        )  # fmt: skip
    return ROWS[name]


def _bound(
    function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments by name, as far as they were given."""
    signature = inspect.signature(function)
    found = dict(signature.bind(*arguments, **keywords).arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            found |= found.pop(name, {})
    return found


def _listed(parts: Any) -> list[Any]:
    """The tensors of ``concatenate([a, b])`` and of ``concatenate(a, b)``."""
    single = len(parts) == 1 and isinstance(parts[0], (list, tuple))
    return list(parts[0] if single else parts)


def takes_many(function: Callable[..., Any]) -> bool:
    """Whether the tensors are separate arguments: ``concatenate(a, b)``."""
    kinds = (p.kind for p in inspect.signature(function).parameters.values())
    return inspect.Parameter.VAR_POSITIONAL in kinds


# ---- reading


def operation_from(config: Mapping[str, Any]) -> tuple[Operation, dict[str, Any], Row]:
    """The operation that a file names, its arguments besides tensors, and its row."""
    kind, inner = config.get("class_name"), config.get("config") or {}
    row = _BY_KIND.get(str(kind))
    if row is None:
        raise DataError("config", "the class of a known operation", repr(kind),
                        nearest(str(kind), _BY_KIND))  # fmt: skip
    ours = {theirs: name for name, theirs in row.renamed.items()}
    function = _function(row.function)
    assert function is not None
    options = {ours.get(key, key): _plain(value) for key, value in inner.items() if key != "name"}
    return Operation(function, inner.get("name")), _kept(row, function, options), row


def _kept(row: Row, function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that the function has; others may only ask for what is done anyway."""
    parameters = inspect.signature(function).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    kept = {}
    for key, value in options.items():
        if key in parameters or takes_any:
            kept[key] = value
        elif value is not None and (key not in row.fixed or row.fixed[key] != value):
            expected = f"{key}={row.fixed[key]!r}" if key in row.fixed else "known options"
            raise DataError(f"config, {row.kind}", expected, f"{key}={value!r}"[:80])
    return kept


def _plain(value: Any) -> Any:
    """Lists of a file as the tuples that operations take."""
    return tuple(_plain(each) for each in value) if isinstance(value, list) else value


def operation_module(kind: Any) -> str | None:
    """The module in which Keras has the operation of that class name; None where there is none."""
    row = _BY_KIND.get(kind) if isinstance(kind, str) else None
    return None if row is None else f"keras.src.ops.{row.module}"


def is_operation(config: Any) -> bool:
    """Whether a written form is that of an operation of Keras."""
    module = config.get("module") if isinstance(config, dict) else None
    return isinstance(module, str) and module.startswith(("keras.src.ops.", "keras.ops"))
