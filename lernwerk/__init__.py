"""Lernwerk: deep learning you can see through, with Keras's names.

``import lernwerk`` is cheap: every part is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = (
    "activations", "applications", "backend", "callbacks", "classics", "compat", "config",
    "constraints", "core", "datasets", "errors", "glossary", "initializers", "language",
    "layers", "legacy", "losses", "metrics", "mixed_precision", "models", "ops", "optimizers",
    "plots", "preprocessing", "random", "recipes", "regularizers", "saving", "settings",
    "training", "utils",
)  # fmt: skip
_NAMES = {
    "CompiledFunction": "core", "Graph": "core", "RandomStream": "core", "Tensor": "core",
    "Variable": "core", "as_keras": "compat", "as_tensor": "core", "compiled": "core",
    "explain": "core", "gradient": "core", "trace": "core",
    "Input": "layers", "Layer": "layers", "Model": "models", "Sequential": "models",
}  # fmt: skip

__all__ = ["__version__", *_MODULES, *_NAMES]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lernwerk")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _MODULES:
        return importlib.import_module(f"lernwerk.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"lernwerk.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'lernwerk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
