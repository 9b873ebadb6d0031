"""``tf.version``."""

from lernwerk.compat.names import TENSORFLOW_VERSION as VERSION

GIT_VERSION = f"v{VERSION}"

__all__ = ["GIT_VERSION", "VERSION"]
