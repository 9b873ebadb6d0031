"""GroupQueryAttention: several heads of the query share one head of key and value."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.errors import COUNT, FRACTION, ArgumentError, Range
from lernwerk.layers.multi_head_attention import HeadedAttention


class GroupedQueryAttention(HeadedAttention):
    """MultiHeadAttention in which groups of heads share a key and a value.

    head_i = softmax(q_i @ k_j^T / sqrt(head_dim)) @ v_j, j = i * num_key_value_heads //
    num_query_heads

    Called as ``MultiHeadAttention``, whose options it has.

    Shapes: query (b, t, q), value (b, s, v), key (b, s, k) -> y (b, t, q), scores (b,
    num_query_heads, t, s)
    Weights: query: kernel (q, num_query_heads, head_dim), bias (num_query_heads, head_dim); key and
    value the same with num_key_value_heads; attention_output: kernel (num_query_heads, head_dim,
    q), bias (q). Kernels Glorot uniform, biases zeros
    Source: Ainslie et al. 2023, arXiv:2305.13245
    Differs: several outputs are a list.
    """

    keras_name = "GroupQueryAttention"
    ranges = {
        "head_dim": COUNT, "num_query_heads": COUNT, "num_key_value_heads": COUNT,
        "dropout": FRACTION, "sliding_window": COUNT, "seed": Range(0, integer=True),
    }  # fmt: skip

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
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
        super().__init__(
            dropout, use_bias, sliding_window, flash_attention, kernel_initializer,
            bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, use_gate, seed, **keywords,
        )  # fmt: skip
        self.head_dim = head_dim
        self.num_query_heads = num_query_heads
        self.num_key_value_heads = num_key_value_heads
        self.check_arguments()
        if num_query_heads % num_key_value_heads:
            raise ArgumentError(
                self.name, f"num_query_heads that {num_key_value_heads} heads of key and value "
                "divide", num_query_heads,
            )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the projections of query, key, value and of the heads."""
        self.make_projections(
            (query_shape, value_shape if key_shape is None else key_shape, value_shape),
            (self.num_query_heads, self.num_key_value_heads), (self.head_dim, self.head_dim),
            (query_shape[-1],),
        )  # fmt: skip

    def attend(
        self, query: Any, key: Any, value: Any, allowed: Any, to_zero: bool
    ) -> tuple[Any, Any]:
        """The values of all heads, and the scores; heads of key and value are repeated."""
        times = self.num_query_heads // self.num_key_value_heads
        key, value = (ops.repeat(each, times, axis=2) for each in (key, value))
        return super().attend(query, key, value, allowed, to_zero)


GroupQueryAttention = GroupedQueryAttention  # the name under which Keras exports it
