"""Figures of data and results, drawn with matplotlib and without any global state of it.

Every function returns a matplotlib ``Figure``; ``figure_to_svg`` and ``figure_to_png_data_uri`` put
one on a page. matplotlib is imported when the first figure is drawn. The diagnosis of a training
and the reports that use these figures live elsewhere.
"""

from lernwerk.plots.curves import learning_curves, measures
from lernwerk.plots.matrix import (
    class_indices,
    class_names_of,
    confusion_matrix,
    count_confusions,
)
from lernwerk.plots.model_drawing import model_to_dot, plot_model
from lernwerk.plots.pictures import picture_grid
from lernwerk.plots.regression import finite_pairs, predictions_against_truth, residuals
from lernwerk.plots.style import (
    data_uri,
    figure_to_png_data_uri,
    figure_to_svg,
    picture_to_png_data_uri,
)

__all__ = [
    "class_indices",
    "class_names_of",
    "confusion_matrix",
    "count_confusions",
    "data_uri",
    "figure_to_png_data_uri",
    "figure_to_svg",
    "finite_pairs",
    "learning_curves",
    "measures",
    "model_to_dot",
    "picture_grid",
    "picture_to_png_data_uri",
    "plot_model",
    "predictions_against_truth",
    "residuals",
]
