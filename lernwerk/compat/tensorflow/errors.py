"""``tf.errors``: the exceptions that programs catch, as Lernwerk's own."""

from lernwerk.errors import DataError as InvalidArgumentError
from lernwerk.errors import FileError as NotFoundError
from lernwerk.errors import LernwerkError as OpError


class OutOfRangeError(Exception):
    """A data set that is at its end; never raised here."""


class ResourceExhaustedError(MemoryError):
    """Too little memory; never raised here: Python's MemoryError is."""


__all__ = [
    "InvalidArgumentError", "NotFoundError", "OpError", "OutOfRangeError", "ResourceExhaustedError",
]  # fmt: skip
