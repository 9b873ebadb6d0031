"""The engines: one module each, with an object ``ENGINE`` that follows ``lernwerk.core.engine``.

``NAMES`` lists them, the one that is taken by default first; ``LERNWERK_ENGINE`` names another. The
native engine is there where its C++ was compiled at installation.
"""

import importlib.util

_NATIVE = importlib.util.find_spec("lernwerk.engines.native._processor") is not None
NAMES = ("native", "numpy") if _NATIVE else ("numpy",)

__all__ = ["NAMES"]
