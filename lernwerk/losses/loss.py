"""The base of the losses: an object with a formula (``call``), weights and a reduction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from lernwerk.configurable import Configurable, function_form
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ArgumentError
from lernwerk.losses.alignment import floating, same_rank
from lernwerk.losses.reduction import checked_reduction, combined_weights, reduced
from lernwerk.names import snake_case
from lernwerk.ops.primitive import composite

SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


@composite
def loss_value(y_true: Any, y_pred: Any, sample_weight: Any, mask: Any, *, loss: Loss) -> Tensor:
    """The value of a loss object; a function, so that symbolic tensors can take part in it."""
    return loss.reduced_values(y_true, y_pred, sample_weight, mask)


class Loss(Configurable):
    """Base of the losses: ``loss(y_true, y_pred, sample_weight)`` is the number to make small.

    A subclass writes ``call(y_true, y_pred)`` -> one value per sample. ``reduction`` says what
    becomes of these: 'sum_over_batch_size' (= 'mean'), 'sum', 'mean_with_sample_weight', or 'none'.
    ``dtype`` is the type to compute in; None keeps that of the prediction.

    Differs: with ``dtype=None`` a float64 prediction stays float64 (Keras computes in float32);
    sample weights (b,) weigh all steps of values (b, t), and 'mean_with_sample_weight' divides by
    the sum of the weights of all values. ``mask`` (True where a value counts) is an argument here.
    Configs leave out arguments that Keras leaves out, unless they differ from the default.
    Source: https://keras.io/api/losses/
    """

    family = "losses"
    omitted: ClassVar[Mapping[str, Any]] = {"dtype": None}
    # Whether targets have the shape of predictions (or hold class numbers, for losses of these).
    compares_elements: ClassVar[bool] = True

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        dtype: str | None = None,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.reduction = checked_reduction(type(self).__name__, reduction)
        self.dtype = dtype

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Any = None
    ) -> Tensor:
        """The reduced loss; raises ShapeError where the arguments do not fit each other."""
        return loss_value(y_true, y_pred, sample_weight, mask, loss=self)

    def reduced_values(self, y_true: Any, y_pred: Any, sample_weight: Any, mask: Any) -> Tensor:
        """The values of ``call``, weighed and reduced."""
        y_true, y_pred = as_tensor(y_true), as_tensor(y_pred, self.dtype)
        values = as_tensor(self.call(y_true, y_pred))
        own = self.compute_mask(y_true, y_pred)
        if own is not None:
            mask = own if mask is None else own & as_tensor(mask)
        weights = combined_weights(self.name, sample_weight, mask, values, self.reduction)
        return reduced(values, weights, self.reduction)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """One value per sample: the formula."""
        raise NotImplementedError(f"{type(self).__name__} has no call")

    def compute_mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """Which values count, where the loss itself leaves some out."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments under Keras's keys."""
        config = super().get_config()
        known = self.omitted
        return {k: v for k, v in config.items() if not (k in known and v == known[k])}


class FunctionLoss(Loss):
    """A loss whose formula is a function without arguments of its own (``function``)."""

    function: ClassVar[Any]

    def __init__(
        self,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name or self.function.__name__, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The function's values."""
        return type(self).function(y_true, y_pred)


class LossFunctionWrapper(Loss):
    """A function (y_true, y_pred, ...) -> values, made a Loss; other keywords are passed to it."""

    compares_elements = False

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        dtype: str | None = None,
        **arguments: Any,
    ) -> None:
        if not callable(fn):
            raise ArgumentError("LossFunctionWrapper", "a function of y_true and y_pred", repr(fn))
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.arguments = arguments

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The function's values, for targets of the type and, if that is clear, rank of y_pred."""
        y_pred = floating(y_pred)
        targets, y_pred = same_rank(as_tensor(y_true, y_pred.dtype), y_pred)
        return self.fn(targets, y_pred, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        """The arguments, the function by its name."""
        config = {"name": self.name, "reduction": self.reduction, "fn": function_form(self.fn)}
        return config | ({} if self.dtype is None else {"dtype": self.dtype}) | self.arguments

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The wrapper of a function known by name: one of this package's, or of the caller's."""
        from lernwerk.losses import deserialize

        return cls(**{**config, "fn": deserialize(config["fn"], custom_objects)})


__all__ = ["FunctionLoss", "Loss", "LossFunctionWrapper"]
