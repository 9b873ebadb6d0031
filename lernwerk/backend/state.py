"""Variables and their values, and the state of ``keras.backend``: names, phase, session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lernwerk.backend.arguments import float_name, tensor
from lernwerk.config import floatx, image_data_format, set_image_data_format
from lernwerk.core.tracer import scope
from lernwerk.core.variable import Variable
from lernwerk.layers.context import in_training
from lernwerk.layers.context import training_mode as _training_mode
from lernwerk.names import reset_names, unique_name
from lernwerk.ops.primitive import Array

_ORDERINGS = {"tf": "channels_last", "th": "channels_first"}
_phase: list[Any] = [0]


def backend() -> str:
    """The name of what computes: always "tensorflow", which programs of books ask for."""
    return "tensorflow"


# ---- variables


def variable(
    value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None
) -> Variable:
    """A Variable with this first value."""
    numbers = np.asarray(value)
    own = numbers.dtype if isinstance(value, np.ndarray) and dtype is None else float_name(dtype)
    made = Variable(numbers, name=name or "", dtype=own)
    if constraint is not None:
        made.constraint = constraint  # type: ignore[attr-defined]
    return made


def get_value(x: Any) -> Array:
    """The numbers as a NumPy array."""
    return np.array(x)


def eval(x: Any) -> Array:
    """The numbers as a NumPy array."""
    return np.array(x)


def batch_get_value(tensors: Any) -> list[Array]:
    """The numbers of several Variables."""
    return [np.array(each) for each in tensors]


def set_value(x: Any, value: Any) -> None:
    """Replace the numbers of a Variable, or an optimizer's learning rate."""
    x.assign(np.asarray(value))


def batch_set_value(tuples: Any) -> None:
    """Replace the numbers of several Variables."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    """Replace the numbers of a Variable."""
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add to a Variable."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract from a Variable."""
    return x.assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """x = momentum * x + (1 - momentum) * value"""
    return x.assign(x * momentum + tensor(value) * (1.0 - momentum))


def is_variable(x: Any) -> bool:
    """Whether this is a Variable."""
    return isinstance(x, Variable)


def is_sparse(x: Any) -> bool:
    """Whether this is a sparse tensor: there are none here."""
    return False


# ---- state


def image_dim_ordering() -> str:
    """Keras 1's word for the order of a picture's axes: "tf" or "th"."""
    return "tf" if image_data_format() == "channels_last" else "th"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set the order of a picture's axes in Keras 1's words: "tf" or "th"."""
    set_image_data_format(_ORDERINGS.get(dim_ordering, dim_ordering))


def learning_phase() -> Any:
    """1 while training, else 0; what ``set_learning_phase`` set."""
    mode = in_training()
    return _phase[0] if mode is None else int(mode)


def set_learning_phase(value: Any) -> None:
    """Call layers as in training (1) or as in use (0) where nothing else says so."""
    _phase[0] = int(value)


@contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """Call layers inside as in training (1) or as in use (0)."""
    with _training_mode(bool(value)):
        yield


def clear_session() -> None:
    """Forget the names given so far: the next Dense is "dense" again."""
    reset_names()


def reset_uids() -> None:
    """Forget the names given so far."""
    reset_names()


def get_uid(prefix: str = "") -> str:
    """The prefix with the next number."""
    return unique_name(prefix)


@contextmanager
def name_scope(name: str, **_: Any) -> Iterator[str]:
    """Name the operations inside; for drawings of graphs."""
    with scope(name):
        yield name


class _Session:
    """What is left of a session where every value exists at once: ``run`` gives the numbers."""

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """The numbers of tensors that have values."""
        if isinstance(fetches, (list, tuple)):
            return [self.run(each) for each in fetches]
        return None if fetches is None else np.array(fetches)

    def close(self) -> None:
        """Nothing to close."""


def get_session() -> _Session:
    """A session, of which only ``run`` on tensors with values is left."""
    return _Session()


def set_session(session: Any) -> None:
    """Accepted; there are no sessions."""


def manual_variable_initialization(value: bool) -> None:
    """Accepted; variables are always initialized."""


__all__ = [
    "backend", "batch_get_value", "batch_set_value", "clear_session", "eval", "floatx",
    "get_session", "get_uid", "get_value", "image_dim_ordering", "is_sparse", "is_variable",
    "learning_phase", "learning_phase_scope", "manual_variable_initialization",
    "moving_average_update", "name_scope", "reset_uids", "set_image_dim_ordering",
    "set_learning_phase", "set_session", "set_value", "update", "update_add", "update_sub",
    "variable",
]  # fmt: skip
