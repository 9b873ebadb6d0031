"""The recurrent operations by name: each runs a whole sequence, forward and back through time.

Each lives in its own file; what they share is in ``sequence.py``. Cells that are not among them are
composites of ordinary operations in ``lernwerk/layers``.
"""

from __future__ import annotations

from lernwerk.ops.gru import gru, gru_gradient
from lernwerk.ops.lstm import lstm, lstm_gradient
from lernwerk.ops.recurrent_weights import recurrent_weights_gradient
from lernwerk.ops.simple_rnn import simple_rnn, simple_rnn_gradient

__all__ = [
    "gru",
    "gru_gradient",
    "lstm",
    "lstm_gradient",
    "recurrent_weights_gradient",
    "simple_rnn",
    "simple_rnn_gradient",
]
