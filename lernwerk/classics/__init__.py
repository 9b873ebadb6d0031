"""The ancestors: the machines of the field's history, alive.

Each is a class in plain NumPy with the formula and the source in its docstring, and ``picture()``
draws its present state. What each could and could not do is shown by the recipes of the topic
``ancestors``; nothing of Lernwerk's own is built on them.
"""

from lernwerk.classics.adaline import Adaline, EchoCanceller, decibels
from lernwerk.classics.art1 import ART1
from lernwerk.classics.hebb import HebbianCells
from lernwerk.classics.hopfield import Hopfield
from lernwerk.classics.hopfield_tank import HopfieldTank
from lernwerk.classics.k_means import KMeans
from lernwerk.classics.lernmatrix import Lernmatrix
from lernwerk.classics.letters import letters
from lernwerk.classics.linear_associator import LinearAssociator, cosine
from lernwerk.classics.maze import Maze
from lernwerk.classics.neocognitron import Neocognitron
from lernwerk.classics.orientation_cells import OrientationCells
from lernwerk.classics.perceptron import MarkOne, Perceptron, mistake_bound
from lernwerk.classics.self_organizing_map import SelfOrganizingMap
from lernwerk.classics.snark import Snark
from lernwerk.classics.threshold_cells import (
    ThresholdCell,
    ThresholdNetwork,
    network_of_table,
    pattern_cell,
)

__all__ = [
    "ART1",
    "Adaline",
    "EchoCanceller",
    "HebbianCells",
    "Hopfield",
    "HopfieldTank",
    "KMeans",
    "Lernmatrix",
    "LinearAssociator",
    "MarkOne",
    "Maze",
    "Neocognitron",
    "OrientationCells",
    "Perceptron",
    "SelfOrganizingMap",
    "Snark",
    "ThresholdCell",
    "ThresholdNetwork",
    "cosine",
    "decibels",
    "letters",
    "mistake_bound",
    "network_of_table",
    "pattern_cell",
]
