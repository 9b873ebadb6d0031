"""``tf.compat.v1``: what programs switch off or ask for at their start; no sessions, no graphs.

``tf.Session``, ``tf.placeholder`` and ``tf.global_variables_initializer`` belong to graphs that are
built first and run later; here every value exists at once.
"""

from __future__ import annotations

from typing import Any

from lernwerk.compat.tensorflow.arrays import to_float
from lernwerk.compat.tensorflow.random import normal as random_normal
from lernwerk.compat.tensorflow.random import set_seed as set_random_seed
from lernwerk.compat.tensorflow.random import shuffle as random_shuffle
from lernwerk.compat.tensorflow.random import truncated_normal
from lernwerk.compat.tensorflow.random import uniform as random_uniform
from lernwerk.legacy import note


def disable_eager_execution() -> None:
    """Accepted, with a note: Lernwerk computes at once and compiles what is trained."""
    note("tf.compat.v1.disable_eager_execution()", "no effect")


def enable_eager_execution(*_: Any, **__: Any) -> None:
    """Accepted: values always exist at once."""


def disable_v2_behavior() -> None:
    """Accepted, with a note: this is TensorFlow 2's behaviour."""
    note("tf.compat.v1.disable_v2_behavior()", "no effect")


def enable_v2_behavior() -> None:
    """Accepted: this is TensorFlow 2's behaviour."""


def reset_default_graph() -> None:
    """Forget the names given so far."""
    from lernwerk.backend import clear_session

    clear_session()


class ConfigProto:
    """Accepted, without effect: options of sessions; any attribute can be set."""

    def __init__(self, **options: Any) -> None:
        self.gpu_options = GPUOptions()


class GPUOptions:
    """Accepted, without effect: memory of graphics cards."""

    def __init__(self, **options: Any) -> None:
        self.allow_growth = False
        self.per_process_gpu_memory_fraction = 1.0


class Session:
    """What is left of a session: programs make one to set options; ``run`` gives numbers."""

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        note("tf.Session", "values exist at once")

    def run(self, fetches: Any, feed_dict: Any = None) -> Any:
        """The numbers of tensors that have values."""
        from lernwerk.backend import get_session

        return get_session().run(fetches)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def close(self) -> None:
        """Nothing to close."""


InteractiveSession = Session


def global_variables_initializer() -> None:
    """Nothing to run: variables have their values from the start."""


def get_default_graph() -> None:
    """There is no graph: values exist at once."""


__all__ = [
    "ConfigProto", "GPUOptions", "InteractiveSession", "Session", "disable_eager_execution",
    "disable_v2_behavior", "enable_eager_execution", "enable_v2_behavior", "get_default_graph",
    "global_variables_initializer", "random_normal", "random_shuffle", "random_uniform",
    "reset_default_graph", "set_random_seed", "to_float", "truncated_normal",
]  # fmt: skip
