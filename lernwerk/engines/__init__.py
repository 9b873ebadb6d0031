"""The engines: one module each, with an object ``ENGINE`` that follows ``lernwerk.core.engine``.

``NAMES`` lists them, the one that is taken by default first; ``LERNWERK_ENGINE`` names another. The
native engine is there where its C++ was compiled at installation.
"""

from pathlib import Path

# A built module has the ending of the platform; looking for it loads nothing.
_NATIVE = any((Path(__file__).parent / "native").glob("_processor.*"))
NAMES = ("native", "numpy") if _NATIVE else ("numpy",)
# What `lernwerk info` says of an engine that could be there and is not.
MISSING = (
    ""
    if _NATIVE
    else "the native engine was not built: install a C++20 compiler (g++ 12 or newer), "
    "then run the installation again with pip's option --force-reinstall"
)

__all__ = ["MISSING", "NAMES"]
