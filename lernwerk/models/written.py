"""Values in the form that Keras gives them in files: objects, arrays, slices, tensors of a model.

``serialize_keras_object`` and ``deserialize_keras_object`` are the names that Keras's users know.
What is read is data: no module is imported and nothing is run for the sake of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lernwerk.configurable import Configurable, deserialize, is_written, serialize, to_config
from lernwerk.core.tensor import Tensor
from lernwerk.errors import DataError, UsageError
from lernwerk.layers.symbolic import KerasTensor
from lernwerk.registration import custom_object_scope

_PLAIN = (str, int, float, bool, type(None))
_ADVICE = "Give the function a name (def f(x): ...), or write it as a layer of your own."


def serialize_keras_object(obj: Any) -> Any:
    """A value in Keras's written form: an object, a function by its name, an array, lists, dicts.

    Raises UsageError for a lambda: files hold no code.
    """
    return written(obj)


def written(value: Any, tensor_form: Callable[[KerasTensor], Any] | None = None) -> Any:
    """A value in its written form; ``tensor_form`` says where a symbolic tensor comes from."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [written(each, tensor_form) for each in value]
    if isinstance(value, dict):
        return {key: written(each, tensor_form) for key, each in value.items()}
    if isinstance(value, KerasTensor) and tensor_form is not None:
        return tensor_form(value)
    if isinstance(value, Configurable):
        return serialize(value)
    special = _special(value)
    if special is not None:
        return special
    if getattr(value, "__name__", "") == "<lambda>":
        raise UsageError("serialize_keras_object", "a function with a name", "a lambda", _ADVICE)
    return to_config(value)


def _special(value: Any) -> dict[str, Any] | None:
    if isinstance(value, slice):
        bounds = {"start": value.start, "stop": value.stop, "step": value.step}
        return _form("__slice__", {name: to_config(bound) for name, bound in bounds.items()})
    if value is Ellipsis:
        return _form("__ellipsis__", {})
    if isinstance(value, bytes):
        return _form("__bytes__", {"value": value.decode("utf-8", "replace")})
    if isinstance(value, np.ndarray):
        return _form("__numpy__", {"value": value.tolist(), "dtype": value.dtype.name})
    if isinstance(value, Tensor):
        return _form("__tensor__", {"value": value.numpy().tolist(), "dtype": value.dtype.name})
    return None


def _form(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    return {"class_name": name, "config": dict(config)}


# ---- reading


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
    **keywords: Any,
) -> Any:
    """The value that a written form describes.

    ``custom_objects`` gives classes and functions of your own by name. No code in a config is ever
    run, whatever ``safe_mode`` says. Raises DataError for unknown classes.
    """
    with custom_object_scope(custom_objects):
        return read(config)


def read(value: Any, tensor: Callable[[Any], Any] | None = None) -> Any:
    """The value of a written form; ``tensor`` finds a symbolic tensor by its written place."""
    if isinstance(value, (list, tuple)):
        return [read(each, tensor) for each in value]
    if not isinstance(value, dict):
        return value
    if not is_written(value):
        return {key: read(each, tensor) for key, each in value.items()}
    name, inner = value["class_name"], value["config"]
    if name == "__keras_tensor__" and tensor is not None:
        return tensor(inner)
    if name in _READERS:
        return _read_special(name, inner)
    return deserialize(value)


def _read_special(name: str, inner: Any) -> Any:
    try:
        return _READERS[name](inner)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise DataError("config", f"a value of the kind {name}", repr(inner)[:60]) from error


def _array(inner: Mapping[str, Any]) -> Any:
    dtype = np.dtype(inner["dtype"])
    if dtype.kind not in "fiubU":
        raise TypeError(dtype)
    return np.array(inner["value"], dtype)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "__slice__": lambda inner: slice(*(_bound(inner[key]) for key in ("start", "stop", "step"))),
    "__ellipsis__": lambda inner: Ellipsis,
    "__bytes__": lambda inner: inner["value"].encode("utf-8"),
    "__numpy__": _array,
    "__tensor__": lambda inner: Tensor(_array(inner)),
    "__tuple__": lambda inner: tuple(read(each) for each in inner["value"]),
    "__keras_tensor__": lambda inner: KerasTensor(tuple(inner["shape"]), inner["dtype"]),
}


def _bound(value: Any) -> int | None:
    if value is not None and type(value) is not int:
        raise TypeError(value)
    return value


__all__ = ["deserialize_keras_object", "read", "serialize_keras_object", "written"]
