"""Figures of networks, data and trainings, drawn with matplotlib and no global state of it.

Every function returns a matplotlib ``Figure`` that shows itself in a notebook. ``figure_to_svg``
and ``figure_to_png_data_uri`` put one on a page. matplotlib is imported when the first is drawn.
The diagnosis of a training and the reports that use these figures live elsewhere.
"""

from lernwerk.plots.activation import activation_functions
from lernwerk.plots.boundary import decision_boundary
from lernwerk.plots.cells import convolution_steps, padding_steps, pooling_steps
from lernwerk.plots.computation import computation_graph
from lernwerk.plots.curves import learning_curves, measures
from lernwerk.plots.embedding import embedding_map, principal_components
from lernwerk.plots.filters import EDGE_FILTERS, edge_filters, feature_maps, filters
from lernwerk.plots.histograms import gradient_histograms, gradient_norms, weight_histograms
from lernwerk.plots.landscape import loss_curve, loss_surface
from lernwerk.plots.matrix import (
    class_indices,
    class_names_of,
    confusion_matrix,
    count_confusions,
)
from lernwerk.plots.mistakes import worst_mistakes
from lernwerk.plots.model_drawing import model_to_dot, plot_model
from lernwerk.plots.network import network_diagram
from lernwerk.plots.pictures import picture_grid
from lernwerk.plots.recording import Recorder, layer_gradients
from lernwerk.plots.regression import finite_pairs, predictions_against_truth, residuals
from lernwerk.plots.style import (
    data_uri,
    figure_to_png_data_uri,
    figure_to_svg,
    picture_to_png_data_uri,
)

__all__ = [
    "EDGE_FILTERS",
    "Recorder",
    "activation_functions",
    "class_indices",
    "class_names_of",
    "computation_graph",
    "confusion_matrix",
    "convolution_steps",
    "count_confusions",
    "data_uri",
    "decision_boundary",
    "edge_filters",
    "embedding_map",
    "feature_maps",
    "figure_to_png_data_uri",
    "figure_to_svg",
    "filters",
    "finite_pairs",
    "gradient_histograms",
    "gradient_norms",
    "layer_gradients",
    "learning_curves",
    "loss_curve",
    "loss_surface",
    "measures",
    "model_to_dot",
    "network_diagram",
    "padding_steps",
    "picture_grid",
    "picture_to_png_data_uri",
    "plot_model",
    "pooling_steps",
    "predictions_against_truth",
    "principal_components",
    "residuals",
    "weight_histograms",
    "worst_mistakes",
]
