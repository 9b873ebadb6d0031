"""EinsumDense: a product with a kernel along any axes, told by an equation."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from lernwerk import activations, constraints, initializers, ops, regularizers
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.initializers import VarianceScaling
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class _Terms(NamedTuple):
    """The letters of an equation; ``left`` and ``right`` say where more axes may stand."""

    x: str
    kernel: str
    y: str
    left: bool
    right: bool


class EinsumDense(Layer):
    """A Dense layer along the axes that an equation names.

    y = activation(einsum(equation, x, kernel) + bias)

    ``EinsumDense("ab,bc->ac", 64)`` is Dense(64); ``EinsumDense("...x,xy->...y", 64)`` too, for any
    number of axes. ``output_shape`` is without the batch, with None for lengths that are the
    input's. ``bias_axes`` are the letters of the result that have a bias of their own.

    Shapes: as the equation says.
    Weights: kernel, with the axes of the equation's second term, Glorot uniform; bias zeros, where
    ``bias_axes`` are given
    Source: https://keras.io/api/layers/core_layers/einsum_dense/
    Differs: nothing.
    """

    fixed = {"lora_rank": None, "lora_alpha": None, "gptq_unpacked_column_size": None}

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.equation = equation
        self.partial_output_shape = (
            tuple(output_shape) if isinstance(output_shape, (list, tuple)) else (output_shape,)
        )
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._terms = _read(self.name, equation, bias_axes)
        self._summed = _summed_axes(self._terms)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make kernel and bias from the lengths that the equation's letters have."""
        lengths = self._lengths(input_shape)
        terms = self._terms
        self.kernel = self.add_weight(
            "kernel", [self._known(letter, lengths, input_shape) for letter in terms.kernel],
            self._initializer(), regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        if self.bias_axes:
            first = min(terms.y.index(letter) for letter in self.bias_axes)
            own = [self._known(a, lengths, input_shape) if a in self.bias_axes else 1
                   for a in terms.y[first:]]  # fmt: skip
            more = 0 if terms.left else len(input_shape) - len(terms.x)
            self.bias = self.add_weight(
                "bias", [*own, *[1] * more], self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip
        self.input_form = InputForm(axes=len(input_shape))

    def _lengths(self, shape: Sequence[int | None]) -> dict[str, int | None]:
        """The length of every letter: those of the input, and those of ``output_shape``."""
        terms = self._terms
        more = len(shape) - len(terms.x)
        if more < 0 or (more > 0 and not (terms.left or terms.right)):
            raise ShapeError(self.name, f"input with axes '{self.equation}'", tuple(shape))
        own = shape[more:] if terms.left else shape[: len(terms.x)]
        lengths = dict(zip(terms.x, own, strict=True))
        # Keras's output_shape has the axes of the result that are named, without the batch.
        named = terms.y if terms.left and more else terms.y[1:]
        if len(self.partial_output_shape) != len(named):
            raise ShapeError(
                self.name, f"output_shape with {len(named)} lengths for '{self.equation}'",
                self.partial_output_shape,
            )  # fmt: skip
        for letter, length in zip(named, self.partial_output_shape, strict=True):
            known = lengths.get(letter)
            lengths[letter] = length if known is None else known
            if None not in (known, length) and known != length:
                raise ShapeError(
                    self.name, f"output_shape with {letter} = {known} in '{self.equation}'",
                    self.partial_output_shape,
                )  # fmt: skip
        return lengths

    def _known(self, letter: str, lengths: dict[str, int | None], shape: Any) -> int:
        length = lengths[letter]
        if length is None:
            raise ArgumentError(
                self.name, f"a known length of '{letter}' in '{self.equation}'", tuple(shape),
                "Give it in output_shape or in Input(shape=...).",
            )  # fmt: skip
        return length

    def _initializer(self) -> Any:
        """The initializer told which axes of the kernel are inputs and which are outputs."""
        given = self.kernel_initializer
        if not isinstance(given, VarianceScaling) or given.input_axes is not None:
            return given
        letters = list(enumerate(self._terms.kernel))
        axes = {
            "input_axes": [axis for axis, letter in letters if letter not in self._terms.y],
            "output_axes": [axis for axis, letter in letters if letter in self._terms.y],
        }
        return type(given).from_config({**given.get_config(), "seed": given.seed, **axes})

    def call(self, inputs: Tensor) -> Tensor:
        """y = activation(einsum(equation, x, kernel) + bias)"""
        y = self._product(inputs) if self._summed else self._einsum(inputs)
        return self.activation(y + self.bias if self.bias_axes else y)

    def _einsum(self, x: Tensor) -> Tensor:
        return ops.einsum(self.equation, x, self.kernel)  # type: ignore[no-any-return]

    def _product(self, x: Tensor) -> Tensor:
        """The same as one product of matrices, which is much faster."""
        kept, after = x.shape[: -self._summed], self.kernel.shape[self._summed :]
        inner = math.prod(self.kernel.shape[: self._summed])
        matrix = ops.reshape(self.kernel, shape=(inner, math.prod(after)))
        y = ops.matmul(ops.reshape(x, shape=(*kept, inner)), matrix)
        return ops.reshape(y, shape=(*kept, *after))  # type: ignore[no-any-return]

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments that are attributes; the shape is written by get_config."""
        return [name for name in super().parameters() if name != "output_shape"]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "output_shape": list(self.partial_output_shape)}


def _summed_axes(terms: _Terms) -> int:
    """How many axes are summed, where they are the input's last and the kernel's first: else 0."""
    count = sum(letter not in terms.y for letter in terms.kernel)
    split = len(terms.x) - count
    ends = terms.x[split:] == terms.kernel[:count]
    fits = ends and terms.y == terms.x[:split] + terms.kernel[count:] and not terms.right
    return count if fits else 0


def _read(where: str, equation: str, bias_axes: str | None) -> _Terms:
    """The terms of an equation; ArgumentError for one of another form."""
    found = _EQUATION.fullmatch(equation.replace(" ", ""))
    if found is None or found[1] != found[5] or found[3] != found[7] or (found[1] and found[3]):
        raise ArgumentError(
            where, "an equation like 'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...'",
            repr(equation),
        )  # fmt: skip
    terms = _Terms(found[2], found[4], found[6], bool(found[1]), bool(found[3]))
    for name, letters, known in (
        ("results", terms.y, terms.x + terms.kernel), ("kernels", terms.kernel, terms.x + terms.y),
        ("biases", bias_axes or "", terms.y),
    ):  # fmt: skip
        unknown = [letter for letter in letters if letter not in known]
        if unknown:
            raise ArgumentError(where, f"letters of {name} among '{known}'", repr(unknown[0]))
    return terms
