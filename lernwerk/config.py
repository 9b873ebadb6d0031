"""Keras's ``config``: the policy of the types that layers compute in."""

from lernwerk.mixed_precision import dtype_policy, set_dtype_policy

__all__ = ["dtype_policy", "set_dtype_policy"]
