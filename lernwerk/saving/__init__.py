"""Saving and loading models and weights in Keras's file formats; loading never runs code."""

from lernwerk.saving.archive import read_extras
from lernwerk.saving.model_file import load_model, load_weights, save_model, save_weights

__all__ = ["load_model", "load_weights", "read_extras", "save_model", "save_weights"]
