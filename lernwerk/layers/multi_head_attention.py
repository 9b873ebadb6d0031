"""MultiHeadAttention: several attentions side by side, each between projections of its own.

``HeadedAttention`` is what it shares with ``grouped_query_attention.py``.
"""

from __future__ import annotations

import math
import string
from typing import Any

from lernwerk import constraints, initializers, ops, regularizers
from lernwerk.configurable import to_config
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, FRACTION, ArgumentError, Range, ShapeError
from lernwerk.layers.attention_masks import NEGATIVE, as_mask, both, causal_mask, window_mask
from lernwerk.layers.einsum_dense import EinsumDense
from lernwerk.layers.layer import Layer
from lernwerk.layers.regularization import Dropout
from lernwerk.layers.symbolic import KerasTensor


class HeadedAttention(Layer):
    """Base of the attentions with several heads: projections, masks and softmax.

    A subclass says the numbers of heads and makes the projections in ``build``. ``flash_attention``
    is for Keras's programs: it asks for a faster way to the same numbers.
    """

    supports_masking = True

    def __init__(
        self,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.dropout = dropout
        self.use_bias = use_bias
        self.sliding_window = sliding_window
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.projection_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.use_gate = use_gate
        self.seed = seed

    def projection(self, name: str, rank: int, summed: int, lengths: tuple[int, ...]) -> Layer:
        """A product that replaces the last ``summed`` of ``rank`` axes by axes of these lengths."""
        letters = string.ascii_lowercase
        x, new = letters[:rank], letters[rank : rank + len(lengths)]
        kept = x[: rank - summed]
        return EinsumDense(
            f"{x},{x[rank - summed :]}{new}->{kept}{new}", [None] * (len(kept) - 1) + [*lengths],
            activation="sigmoid" if name == "gate" else None,
            bias_axes=new if self.use_bias else None,
            kernel_initializer=self.kernel_initializer, bias_initializer=self.bias_initializer,
            kernel_regularizer=self.kernel_regularizer, bias_regularizer=self.bias_regularizer,
            activity_regularizer=self.projection_regularizer,
            kernel_constraint=self.kernel_constraint, bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy, name=name,
        )  # fmt: skip

    def make_projections(
        self, shapes: Any, heads: tuple[int, int], sizes: tuple[int, int], output: tuple[int, ...]
    ) -> None:
        """Build the projections for the shapes of query, key and value, in Keras's order.

        ``heads`` are those of the query and of key and value, ``sizes`` the lengths of a key and
        of a value.
        """
        of_query, of_key, of_value = shapes
        rank = len(of_query)
        self._query_dense = self.projection("query", rank, 1, (heads[0], sizes[0]))
        self._query_dense.build_for(of_query)
        self._key_dense = self.projection("key", len(of_key), 1, (heads[1], sizes[0]))
        self._key_dense.build_for(of_key)
        if self.use_gate:
            self._gate_dense = self.projection("gate", rank, 1, (heads[0], sizes[1]))
            self._gate_dense.build_for(of_query)
        self._value_dense = self.projection("value", len(of_value), 1, (heads[1], sizes[1]))
        self._value_dense.build_for(of_value)
        self._output_dense = self.projection("attention_output", rank + 1, 2, output)
        self._output_dense.build_for((*of_query[:-1], heads[0], sizes[1]))
        if self.dropout:
            self._dropout_layer = Dropout(self.dropout, seed=self.seed, dtype=self.dtype_policy)

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """y = heads of softmax(scores) @ value, projected; the scores if asked for"""
        key = value if key is None else key
        allowed = self.allowed(
            query.shape[1], value.shape[1], query_mask, (value_mask, key_mask), attention_mask,
            use_causal_mask,
        )  # fmt: skip
        gate = self._gate_dense(query) if self.use_gate else None
        heads = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        to_zero = bool(return_attention_scores or self.dropout or query.ndim != 3)
        y, scores = self.attend(*heads, allowed, to_zero)
        y = self._output_dense(y if gate is None else y * gate)
        return [y, scores] if return_attention_scores else y

    def allowed(
        self, queries: int, values: int, of_query: Any, of_values: Any, given: Any, causal: bool
    ) -> Any:
        """All masks as one that broadcasts against (b, t, s); None where nothing is masked."""
        found = None if of_query is None else ops.expand_dims(as_mask(of_query), axis=-1)
        for mask in of_values:
            found = both(found, None if mask is None else ops.expand_dims(as_mask(mask), axis=-2))
        if causal:
            found = both(found, causal_mask(queries, values))
        if self.sliding_window is not None:
            found = both(found, window_mask(queries, values, self.sliding_window))
        return both(found, as_mask(given))

    def attend(
        self, query: Any, key: Any, value: Any, allowed: Any, to_zero: bool
    ) -> tuple[Any, Any]:
        """The values of all heads (b, t, n, c), and the scores (b, n, t, s)."""
        query, key, value = (ops.swapaxes(each, 1, 2) for each in (query, key, value))
        y, scores = self.weighed(query, key, value, _with_heads(allowed, 4), to_zero)
        return ops.swapaxes(y, 1, 2), scores

    def weighed(
        self, query: Any, key: Any, value: Any, allowed: Any, to_zero: bool
    ) -> tuple[Any, Any]:
        """softmax(query @ key^T / sqrt(k)) @ value, and the softmax; steps are the last but one.

        A step that may look at nothing gets zeros with ``to_zero``, else the mean of all values:
        Keras does the one where scores are returned or dropped, the other elsewhere.
        """
        query = query * (1 / math.sqrt(query.shape[-1]))
        scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
        if allowed is not None:
            scores = ops.where(allowed, scores, NEGATIVE)
        scores = ops.softmax(scores, axis=-1)
        if allowed is not None and to_zero:
            scores = ops.where(allowed, scores, 0.0)
        weights = self._dropout_layer(scores) if self.dropout else scores
        return ops.matmul(weights, value), scores

    def compute_output_shape(
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> Any:
        """The shape of the output for inputs of these shapes."""
        shapes = (query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return self.infer(*(KerasTensor(shape, self.dtype) for shape in shapes)).shape

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments that a config has."""
        return [name for name in super().parameters() if name != "flash_attention"]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        penalty = to_config(self.projection_regularizer)
        return super().get_config() | {"activity_regularizer": penalty}


class MultiHeadAttention(HeadedAttention):
    """Several attentions side by side, each between projections of its own.

    y = concatenated heads @ kernel + bias, head_i = softmax(q_i @ k_i^T / sqrt(key_dim)) @ v_i,
    where q_i, k_i, v_i are query, key and value times kernels of the head

    Called as ``attention(query, value, key=None)``; without a key it is the value. Masks of the
    inputs, ``attention_mask`` (b, t, s) and ``use_causal_mask`` say what may be looked at.
    ``attention_axes`` are the axes of the steps where there are several; ``sliding_window`` lets a
    step see only those nearer than this; ``use_gate`` multiplies the heads by sigmoid(query @
    kernel) (arXiv:2505.06708); ``flash_attention`` changes nothing.

    Shapes: query (b, t, q), value (b, s, v), key (b, s, k) -> y (b, t, q), or (b, t,
    *output_shape); scores (b, num_heads, t, s)
    Weights: query, key and value: kernel (channels, num_heads, key_dim or value_dim), bias
    (num_heads, key_dim or value_dim); attention_output: kernel (num_heads, value_dim, q), bias (q).
    Kernels Glorot uniform, biases zeros
    Source: Vaswani et al. 2017, arXiv:1706.03762
    Differs: several outputs are a list. The inputs keep their masks (Keras takes them off).
    """

    # Files keep the weights under these names.
    query_dense = property(lambda self: self._query_dense, doc="The projection of the query.")
    key_dense = property(lambda self: self._key_dense, doc="The projection of the key.")
    value_dense = property(lambda self: self._value_dense, doc="The projection of the value.")
    output_dense = property(lambda self: self._output_dense, doc="The projection of the heads.")
    ranges = {
        "num_heads": COUNT, "key_dim": COUNT, "value_dim": COUNT, "dropout": FRACTION,
        "sliding_window": COUNT, "seed": Range(0, integer=True),
    }  # fmt: skip

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer,
            bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, use_gate, seed, **keywords,
        )  # fmt: skip
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.value_dim = key_dim if value_dim is None else value_dim
        self.wanted_shape = _integers(self, "output_shape", output_shape)
        self.attention_axes = _integers(self, "attention_axes", attention_axes)
        self.check_arguments()

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the projections of query, key, value and of the heads."""
        key_shape = value_shape if key_shape is None else key_shape
        if value_shape[1:-1] != key_shape[1:-1]:
            raise ShapeError(self.name, "value and key with equally many steps",
                             f"value {tuple(value_shape)} and key {tuple(key_shape)}")  # fmt: skip
        self.make_projections(
            (query_shape, key_shape, value_shape), (self.num_heads, self.num_heads),
            (self.key_dim, self.value_dim), self.wanted_shape or (query_shape[-1],),
        )  # fmt: skip

    def attend(
        self, query: Any, key: Any, value: Any, allowed: Any, to_zero: bool
    ) -> tuple[Any, Any]:
        """The values of all heads, and the scores, for steps along any axes."""
        if query.ndim == 4:
            return super().attend(query, key, value, allowed, to_zero)
        rank = query.ndim - 1
        axes = tuple(a % rank for a in self.attention_axes or range(1, rank - 1))
        batch = tuple(a for a in range(rank - 1) if a not in axes)
        order = (*batch, rank - 1, *axes, rank)  # heads and steps before the channels
        moved = [ops.transpose(each, axes=order) for each in (query, key, value)]
        lead = len(batch) + 1
        steps = [each.shape[lead:-1] for each in moved]
        flat = [each.reshape(*each.shape[:lead], -1, each.shape[-1]) for each in moved]
        full = (*moved[0].shape[:lead], *steps[0], *steps[1])
        y, scores = self.weighed(*flat, _flattened(allowed, full, lead, len(axes)), to_zero)
        y = y.reshape(*y.shape[:lead], *steps[0], y.shape[-1])
        back = tuple(order.index(axis) for axis in range(rank + 1))
        return ops.transpose(y, axes=back), scores.reshape(*full)

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments that are attributes; the shape is written by get_config."""
        return [name for name in super().parameters() if name != "output_shape"]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        shape = self.wanted_shape
        return super().get_config() | {"output_shape": None if shape is None else list(shape)}


def _integers(layer: Layer, name: str, value: Any) -> tuple[int, ...] | None:
    """One integer or several as a tuple."""
    if value is None:
        return None
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not several or not all(isinstance(n, int) for n in several):
        raise ArgumentError(layer.name, f"{name} as an integer or several", repr(value))
    return several


def _with_heads(allowed: Any, rank: int, steps: int = 2) -> Any:
    """The mask with an axis for the heads, before the last axes, which are steps."""
    if allowed is None or allowed.ndim >= rank:
        return allowed
    places = (1,) * (rank - allowed.ndim)
    at = allowed.ndim - steps
    return allowed.reshape(*allowed.shape[:at], *places, *allowed.shape[at:])


def _flattened(allowed: Any, full: tuple[int, ...], lead: int, axes: int) -> Any:
    """The mask of several axes of steps as one of (..., t, s)."""
    if allowed is None:
        return None
    spread = ops.broadcast_to(_with_heads(allowed, len(full), 2 * axes), shape=full)
    queries, values = full[lead : lead + axes], full[lead + axes :]
    return spread.reshape(*full[:lead], math.prod(queries), math.prod(values))
