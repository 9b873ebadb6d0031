"""Attention of one head without projections: by products, or by a sum (Bahdanau)."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, Range, ShapeError, check_name
from lernwerk.layers.arguments import is_shape
from lernwerk.layers.attention_masks import NEGATIVE, as_mask, both, causal_mask
from lernwerk.layers.layer import Layer


class Attention(Layer):
    """Every step of the query takes the values whose keys resemble it.

    y = softmax(scores) @ value, scores = scale * query @ key^T for ``score_mode`` "dot",
    concat_score_weight * sum(tanh(scale * (query + key))) for "concat"

    Called with a list [query, value] or [query, value, key]; without a key it is the value. The
    mask of the value says what may be looked at, that of the query where the output is zero.
    ``use_causal_mask``: no step sees a later one; ``return_attention_scores``: softmax(scores)
    after y; ``dropout`` of them in training.

    Shapes: query (b, t, k), value (b, s, c), key (b, s, k) -> y (b, t, c), scores (b, t, s)
    Weights: scale () one, with ``use_scale``; concat_score_weight () one, with "concat"
    Source: Luong et al. 2015, arXiv:1508.04025
    Differs: several outputs are a list.
    """

    ranges = {"dropout": FRACTION, "seed": Range(0, integer=True)}

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.use_scale = use_scale
        self.score_mode = score_mode
        self.dropout = dropout
        self.seed = seed
        self.check_arguments()
        check_name(self.name, "score_mode", score_mode, ("dot", "concat"))
        self.stream = RandomStream(seed)

    def build(self, input_shape: Any) -> None:
        """Make the factors that are asked for."""
        self._check_count(input_shape)
        if self.use_scale:
            self.scale = self.add_weight("scale", (), "ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight("concat_score_weight", (), "ones")

    def _check_count(self, shapes: Any) -> None:
        if is_shape(shapes) or len(shapes) not in (2, 3):
            got = "one tensor" if is_shape(shapes) else f"{len(shapes)} tensors"
            raise ShapeError(
                self.name, "a list [query, value] or [query, value, key]", got,
                f"{type(self).__name__}()([query, value])",
            )  # fmt: skip

    def scores(self, query: Any, key: Any) -> Any:
        """How much each step of the query resembles each key, (b, t, s)."""
        if self.score_mode == "dot":
            found = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return found * self.scale if self.use_scale else found
        pairs = _sums(query, key)
        pairs = pairs * self.scale if self.use_scale else pairs
        return self.concat_score_weight * ops.sum(ops.tanh(pairs), axis=-1)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """y = softmax(scores) @ value"""
        self._check_count([each.shape for each in inputs])
        query, value = inputs[:2]
        scores = self.scores(query, inputs[-1])
        of_query, of_value = (as_mask(each) for each in (mask or (None, None))[:2])
        allowed = None if of_value is None else ops.expand_dims(of_value, axis=-2)
        if use_causal_mask:
            allowed = both(allowed, causal_mask(*scores.shape[-2:]))
        if allowed is not None:
            scores = ops.where(allowed, scores, scores + NEGATIVE)
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout:
            weights = ops.dropout(weights, self.stream.next(), rate=self.dropout)
        y = ops.matmul(weights, value)
        if of_query is not None:
            y = ops.where(ops.expand_dims(of_query, axis=-1), y, 0.0)
        return [y, weights] if return_attention_scores else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The query's mask."""
        return mask[0] if isinstance(mask, (list, tuple)) else None


class AdditiveAttention(Attention):
    """Attention whose scores are a sum, as in the first translators with attention.

    y = softmax(scores) @ value, scores = sum(scale * tanh(query + key))

    Called as ``Attention``.

    Shapes: query (b, t, k), value (b, s, c), key (b, s, k) -> y (b, t, c), scores (b, t, s)
    Weights: scale (k) Glorot uniform, with ``use_scale``
    Source: Bahdanau et al. 2015, arXiv:1409.0473
    Differs: several outputs are a list.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **keywords: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **keywords)

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments; there is one way to score."""
        return [name for name in super().parameters() if name != "score_mode"]

    def build(self, input_shape: Any) -> None:
        """Make the factors of the channels."""
        self._check_count(input_shape)
        if self.use_scale:
            self.scale = self.add_weight("scale", (input_shape[0][-1],), "glorot_uniform")

    def scores(self, query: Tensor, key: Tensor) -> Any:
        """sum(scale * tanh(query + key)) of every pair of steps, (b, t, s)"""
        pairs = ops.tanh(_sums(query, key))
        return ops.sum(pairs * self.scale if self.use_scale else pairs, axis=-1)


def _sums(query: Any, key: Any) -> Any:
    """query + key of every pair of steps, (b, t, s, k)."""
    return ops.expand_dims(query, axis=-2) + ops.expand_dims(key, axis=-3)
