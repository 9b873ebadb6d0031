"""``optimizers.legacy``: the optimizers again, for scripts that ask Keras 2 for its older ones."""

from lernwerk.optimizers.adadelta import Adadelta
from lernwerk.optimizers.adagrad import Adagrad
from lernwerk.optimizers.adam import Adam
from lernwerk.optimizers.adamax import Adamax
from lernwerk.optimizers.nadam import Nadam
from lernwerk.optimizers.optimizer import Optimizer
from lernwerk.optimizers.rmsprop import RMSprop
from lernwerk.optimizers.sgd import SGD

__all__ = ["Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "Optimizer", "RMSprop", "SGD"]
