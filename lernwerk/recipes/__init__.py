"""Small, complete programs to read: the path from one parameter to deep networks, and ancestors.

Each recipe is one file of a topic's folder. It says what it shows, with formula and source, prints
the figure it reached beside the one to reach, and draws pictures. ``lernwerk recipes`` lists them.
"""

from lernwerk.recipes.execute import Done, execute
from lernwerk.recipes.notebook import write_notebook
from lernwerk.recipes.reached import Reached
from lernwerk.recipes.run import Run
from lernwerk.recipes.shelf import Recipe, recipe, recipes

__all__ = [
    "Done",
    "Reached",
    "Recipe",
    "Run",
    "execute",
    "recipe",
    "recipes",
    "write_notebook",
]
