"""Keras's and TensorFlow's module names for Lernwerk's objects; see docs/compat.md."""

from __future__ import annotations

from lernwerk.compat.finder import Aliases, as_keras

__all__ = ["Aliases", "as_keras"]
