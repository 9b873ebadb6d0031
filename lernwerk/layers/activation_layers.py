"""Activation functions with arguments of their own, as layers; plain ones are Activation's."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import NOT_NEGATIVE, ArgumentError, Range, ShapeError
from lernwerk.layers.axes import as_axes, check_axis, known_length, places
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer

_MASKED = -1e9  # Keras's number for what a softmax leaves out


class _Function(Layer):
    """Base of the activations with numbers as arguments, none of which may be None by mistake."""

    supports_masking = True
    optional: tuple[str, ...] = ()

    def check_arguments(self) -> None:
        """Refuse a number outside its range, and None where a number is needed."""
        for name in self.ranges:
            if getattr(self, name) is None and name not in self.optional:
                raise ArgumentError(self.name, f"{name} to be {self.ranges[name]}", None)
        super().check_arguments()


class ReLU(_Function):
    """The positive part, with a slope below, a threshold and a largest value.

    y = max_value where x >= max_value, x where threshold <= x, else
    negative_slope * (x - threshold)

    Shapes: x (*s) -> y (*s)
    Source: Nair & Hinton 2010, ICML
    Differs: nothing.
    """

    ranges = {"max_value": NOT_NEGATIVE, "negative_slope": NOT_NEGATIVE, "threshold": NOT_NEGATIVE}
    optional = ("max_value",)

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(**keywords)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.check_arguments()

    def call(self, inputs: Tensor) -> Tensor:
        """y = relu(x)"""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(_Function):
    """The positive part and a little of the negative one.

    y = x where x >= 0, else negative_slope * x

    Shapes: x (*s) -> y (*s)
    Source: Maas, Hannun & Ng 2013, ICML
    Differs: nothing; the slope was called ``alpha`` in Keras 2.
    """

    ranges = {"negative_slope": NOT_NEGATIVE}

    def __init__(self, negative_slope: float = 0.3, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.negative_slope = negative_slope
        self.check_arguments()

    def call(self, inputs: Tensor) -> Tensor:
        """y = x where x >= 0, else negative_slope * x"""
        return activations.leaky_relu(inputs, self.negative_slope)


class ThresholdedReLU(_Function):
    """What exceeds a threshold; the rest is zero.

    y = x where x > theta, else 0

    Shapes: x (*s) -> y (*s)
    Source: Konda, Memisevic & Krueger 2015, arXiv:1402.3337
    Differs: Keras 3 has it no more; it is there for older books.
    """

    ranges = {"theta": NOT_NEGATIVE}

    def __init__(self, theta: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.theta = theta
        self.check_arguments()

    def call(self, inputs: Tensor) -> Tensor:
        """y = x where x > theta, else 0"""
        return ops.where(ops.greater(inputs, self.theta), inputs, 0.0)


class ELU(_Function):
    """The exponential linear unit.

    y = x where x >= 0, else alpha * (e^x - 1)

    Shapes: x (*s) -> y (*s)
    Source: Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289
    Differs: nothing.
    """

    ranges = {"alpha": Range()}

    def __init__(self, alpha: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.alpha = alpha
        self.check_arguments()

    def call(self, inputs: Tensor) -> Tensor:
        """y = x where x >= 0, else alpha * (e^x - 1)"""
        return activations.elu(inputs, self.alpha)


class PReLU(Layer):
    """A leaky ReLU that learns its slopes.

    y = x where x >= 0, else alpha * x

    Shapes: x (b, *s) -> y (b, *s)
    Weights: alpha (*s) zeros, with 1 for the axes in ``shared_axes`` (counted with the batch)
    Source: He et al. 2015, arXiv:1502.01852
    Differs: nothing.
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        listed = isinstance(shared_axes, (list, tuple))
        self.shared_axes = (
            list(shared_axes) if listed else None if shared_axes is None else [shared_axes]
        )
        if self.shared_axes:
            check_axis(self, "shared_axes")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the slopes, one for each number of an example that shares it with no other."""
        shared = places(self, self.shared_axes or [], len(input_shape))
        own = [axis for axis in range(1, len(input_shape)) if axis not in shared]
        lengths = {axis: known_length(self, input_shape, axis) for axis in own}
        self.alpha = self.add_weight(
            "alpha", [lengths.get(axis, 1) for axis in range(1, len(input_shape))],
            self.alpha_initializer, regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )  # fmt: skip
        self.input_form = InputForm(axes=len(input_shape), lengths=tuple(lengths.items()))

    def call(self, inputs: Tensor) -> Tensor:
        """y = relu(x) - alpha * relu(-x)"""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)


class Softmax(Layer):
    """Probabilities that add up to 1 along one or several axes.

    y = e^x / sum(e^x)

    ``layer(x, mask=m)`` leaves out what is False in m (of the shape of x, or one that spreads to
    it): probability 0.

    Shapes: x (*s) -> y (*s)
    Source: Bridle 1990, "Neurocomputing", 227-236
    Differs: nothing.
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else axis
        check_axis(self)

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """y = e^x / sum(e^x)"""
        axes = places(self, as_axes(self.axis), inputs.ndim)
        if mask is None:
            return _softmax(inputs, axes)
        kept = self._kept(mask, inputs.shape)
        return ops.where(kept, _softmax(ops.where(kept, inputs, _MASKED), axes), 0.0)

    def _kept(self, mask: Any, shape: tuple[int, ...]) -> Any:
        """The mask as truth values; ShapeError where it does not spread to the input."""
        given = tuple(mask.shape)
        pairs = zip(given[::-1], shape[::-1], strict=False)
        if len(given) > len(shape) or any(m not in (1, n) for m, n in pairs):
            raise ShapeError(self.name, f"a mask that broadcasts to {shape}", given)
        return mask if mask.dtype == "bool" else ops.greater(mask, 0.5)


def _softmax(x: Any, axes: list[int]) -> Any:
    if len(axes) == 1:
        return ops.softmax(x, axis=axes[0])
    return ops.exp(x - ops.logsumexp(x, axis=tuple(axes), keepdims=True))
