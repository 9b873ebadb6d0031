"""BatchNormalization: normalise by the statistics of the batch, or by their moving averages."""

from __future__ import annotations

from typing import Any

from lernwerk import initializers, ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, POSITIVE, ShapeError
from lernwerk.layers.axes import check_axis, known_length, moved_back, moved_last, places
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.scale_and_offset import ScaleAndOffset

_NO_STEPS = 1e-7  # keras.config.epsilon(): a batch whose steps are all masked has mean 0


class BatchNormalization(ScaleAndOffset):
    """Normalise each feature over the batch, then scale and shift.

    training:  y = (x - mean(x)) / sqrt(var(x) + epsilon) * gamma + beta
    otherwise: the same with the moving averages of mean and variance, which training updates by
    moving = moving * momentum + batch * (1 - momentum)

    ``axis`` is that of the features: -1, or 1 for channels_first. Steps that a mask leaves out take
    no part in the statistics. A frozen layer (``trainable = False``) uses its moving averages and
    keeps them, in training too.

    Shapes: x (*b, c) -> y (*b, c)
    Weights: gamma (c) ones; beta (c) zeros; moving_mean (c) zeros; moving_variance (c) ones, the
    last two not trainable.
    Source: Ioffe & Szegedy 2015, arXiv:1502.03167
    Differs: no batch renormalization (``renorm``), no statistics across machines.
    """

    ranges = {"momentum": FRACTION, "epsilon": POSITIVE}
    fixed = {
        "synchronized": False, "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99,
    }  # fmt: skip

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        # Keras 2 wrote a list of one axis.
        single = isinstance(axis, (list, tuple)) and len(axis) == 1
        self.axis = axis[0] if single else axis
        self.momentum = momentum
        self.epsilon = epsilon
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.keep_options(
            center, scale, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer, gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint, gamma_constraint=gamma_constraint,
        )  # fmt: skip
        check_axis(self, several=False)
        self.check_arguments()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make scale, offset and the moving statistics."""
        InputForm(at_least=2).check(self.name, input_shape)
        length, rank = known_length(self, input_shape, self.axis), len(input_shape)
        self.add_scale_and_offset((length,), self.scale, self.center)
        self.moving_mean = self._statistic("moving_mean", length)
        self.moving_variance = self._statistic("moving_variance", length)
        (place,) = places(self, [self.axis], rank)
        self.input_form = (
            InputForm(at_least=2, last=length) if place == rank - 1
            else InputForm(axes=rank, lengths=((place, length),))
        )  # fmt: skip

    def _statistic(self, name: str, length: int) -> Any:
        initializer = getattr(self, f"{name}_initializer")
        return self.add_weight(name, (length,), initializer, trainable=False, autocast=False)

    def call(self, inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        """y = (x - mean) / sqrt(variance + epsilon) * gamma + beta"""
        (place,) = places(self, [self.axis], inputs.ndim)
        x = moved_last(inputs, place)
        scale, offset = self.scale_and_offset(self.moving_mean.shape)
        if not (training and self.trainable):  # frozen layers keep their statistics, as in Keras
            return moved_back(self._applied(x, scale, offset), place)
        if mask is None:
            y, mean, variance = ops.batch_normalization(x, scale, offset, epsilon=self.epsilon)
        else:
            mean, variance = self._masked_moments(x, self._steps(mask, inputs, place))
            y = (x - mean) / ops.sqrt(variance + self.epsilon) * scale + offset
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return moved_back(y, place)

    def _applied(self, x: Any, scale: Any, offset: Any) -> Any:
        """The normalisation by the moving averages."""
        spread = ops.sqrt(self.moving_variance + self.epsilon)
        return (x - self.moving_mean) / spread * scale + offset

    def _steps(self, mask: Any, inputs: Tensor, place: int) -> Any:
        """The mask of the steps (*b) for each number of the input, features last."""
        if tuple(mask.shape) != inputs.shape[:-1]:
            raise ShapeError(self.name, f"a mask of shape {inputs.shape[:-1]}", tuple(mask.shape))
        steps = ops.broadcast_to(ops.expand_dims(mask, axis=-1), shape=inputs.shape)
        return moved_last(steps.astype("bool"), place)

    def _masked_moments(self, x: Any, steps: Any) -> tuple[Any, Any]:
        """Mean and variance of each feature over those steps that the mask keeps."""
        axes = tuple(range(x.ndim - 1))
        count = ops.sum(steps.astype(x.dtype), axis=axes) + _NO_STEPS
        mean = ops.sum(ops.where(steps, x, 0.0), axis=axes) / count
        distances = ops.square(ops.where(steps, x - mean, 0.0))
        return mean, ops.sum(distances, axis=axes) / count
