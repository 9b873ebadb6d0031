"""``tf.train``: the optimizers of TensorFlow 1 by their names of today."""

from lernwerk.optimizers import SGD as GradientDescentOptimizer
from lernwerk.optimizers import Adagrad as AdagradOptimizer
from lernwerk.optimizers import Adam as AdamOptimizer
from lernwerk.optimizers import RMSprop as RMSPropOptimizer

__all__ = ["AdagradOptimizer", "AdamOptimizer", "GradientDescentOptimizer", "RMSPropOptimizer"]
