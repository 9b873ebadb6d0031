"""Event files for TensorBoard, written without TensorFlow: a callback, a writer, and functions.

wire -> records -> summaries, graph_def, pictures -> writer -> summary, and the callback
"""

from lernwerk.callbacks.tensorboard import summary
from lernwerk.callbacks.tensorboard.callback import TensorBoard
from lernwerk.callbacks.tensorboard.writer import EventWriter

__all__ = ["EventWriter", "TensorBoard", "summary"]
