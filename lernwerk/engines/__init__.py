"""The engines: one module each, with an object ``ENGINE`` that follows ``lernwerk.core.engine``.

``NAMES`` lists them, the one that is taken by default first; ``LERNWERK_ENGINE`` names another.
"""

NAMES = ("numpy",)

__all__ = ["NAMES"]
