"""The engines: one module each, with an object ``ENGINE`` that follows ``lernwerk.core.engine``.

``NAMES`` lists them, the one that is taken by default first; ``LERNWERK_ENGINE`` names another. The
native engine is there where its C++ was compiled at installation.
"""

from pathlib import Path

# A built module has the ending of the platform; looking for it loads nothing.
_NATIVE = any((Path(__file__).parent / "native").glob("_processor.*"))
NAMES = ("native", "numpy") if _NATIVE else ("numpy",)

__all__ = ["NAMES"]
