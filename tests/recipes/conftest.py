"""A recipe of the tests' own."""

from __future__ import annotations

import pytest

from lernwerk.recipes import Recipe

SAMPLE = '''"""The mean of numbers.

A first paragraph
over two lines.

- a list
- keeps its lines

Step: 3
Source: A. Author 1805, A long title that
    goes on. https://doi.org/1
Needs: optuna, mnist
"""

# %%
import numpy as np

from lernwerk.plots.style import new_axes, new_figure
from lernwerk.recipes import Run

run = Run.current()
numbers = run.generator().normal(size=run.choose(1000, short=10))

# %% [markdown]
# A text
# of two lines.
#
# $$ m = s / n $$

# %%
mean = sum(run.steps(numbers, "number")) / len(numbers)
run.same("mean", mean, np.mean(numbers))
run.reach("mean", abs(mean), at_most=run.choose(0.2, short=1.0))
figure = new_figure(3, 2)
new_axes(figure, "numbers").plot(numbers)
run.show("numbers", figure)
run.film("growing", [np.eye(3), figure])
'''


@pytest.fixture
def sample(tmp_path):
    """The path of a small recipe."""
    folder = tmp_path / "zero"
    folder.mkdir()
    path = folder / "mean_of_numbers.py"
    path.write_text(SAMPLE, encoding="utf-8")
    return Recipe(path)
