"""Keras's older preprocessing: text and sequences into numbers, pictures read and varied.

``text``, ``sequence`` and ``image`` are the modules that books and scripts import from; newer code
does the same with layers (``lernwerk.layers.TextVectorization``, ``RandomFlip``) and ``utils``.
"""

from lernwerk.preprocessing import image, sequence, text
from lernwerk.utils import (
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]
