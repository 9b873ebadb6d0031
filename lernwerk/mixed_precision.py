"""Policies: in which types layers keep their variables and compute, under Keras's names.

``set_global_policy("mixed_bfloat16")`` lets all layers that are made afterwards compute in
bfloat16 and keep float32 variables; ``dtype="mixed_bfloat16"`` does so for one layer.
docs/mixed_precision.md tells what exactly is rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, nearest

MIXED = "mixed_bfloat16"
NAMES = ("float32", "float64", MIXED)

__all__ = [
    "DTypePolicy", "Policy", "dtype_policy", "global_policy", "set_dtype_policy",
    "set_global_policy",
]  # fmt: skip


class DTypePolicy:
    """The types of a layer: ``variable_dtype`` and ``compute_dtype``, known by one ``name``.

    Without a name it is the global policy. Raises ArgumentError for names other than float32,
    float64 and mixed_bfloat16.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = dtype_policy().name if name is None else name
        if self.name not in NAMES:
            raise _unknown(self.name)

    @property
    def is_mixed(self) -> bool:
        """Whether computations are in another type than variables."""
        return self.name == MIXED

    @property
    def variable_dtype(self) -> str:
        """The type of a layer's variables."""
        return "float32" if self.is_mixed else self.name

    @property
    def compute_dtype(self) -> str:
        """The type in which a layer computes."""
        return "bfloat16" if self.is_mixed else self.name

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal policy."""
        return {"name": self.name}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


class _PlainPolicy(DTypePolicy):
    """The one type of a layer that may take any, such as the input of integers."""

    def __init__(self, name: str) -> None:
        self.name = name


Policy = DTypePolicy
_current: list[DTypePolicy] = [_PlainPolicy("float32")]


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are made without a dtype."""
    return _current[0]


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy of layers that will be made without a dtype."""
    _current[0] = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)


global_policy, set_global_policy = dtype_policy, set_dtype_policy


def policy_of(dtype: Any) -> DTypePolicy:
    """The policy meant by a layer's ``dtype``: a name, a policy, a NumPy type, a Keras config."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name")
    if dtype is None or isinstance(dtype, DTypePolicy):
        return dtype or dtype_policy()
    if dtype == MIXED:
        return DTypePolicy(MIXED)
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise _unknown(dtype) from None
    if found.kind not in "biu" and found.name not in NAMES:
        raise _unknown(dtype)
    return _PlainPolicy(found.name)


def _unknown(name: Any) -> ArgumentError:
    """The message for a name that is no policy; all types of 16 bits have one nearest."""
    near = MIXED if "16" in str(name) else str(name)
    expected = "float32, float64 or mixed_bfloat16"
    return ArgumentError("dtype", expected, repr(name), nearest(near, NAMES))


def written(policy: DTypePolicy) -> Any:
    """A policy in a layer's config: a plain type by its name, a mixed one as Keras writes it."""
    if not policy.is_mixed:
        return policy.name
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": policy.get_config(),
        "registered_name": None,
    }
