"""Dropout of whole channels: neighbouring places of a picture or sequence share their mask."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import FRACTION, check_name
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer
from lernwerk.layers.regularization import SEED

_FORMATS = ("channels_last", "channels_first")


class _SpatialDropout(Layer):
    """In training, set a share of the channels to zero and scale up the others.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0, for each channel
    """

    supports_masking = True
    ranges = {"rate": FRACTION, "seed": SEED}
    places: ClassVar[int]  # axes between batch and channels
    data_format: Any = "channels_last"

    def keep(self, rate: float, seed: int | None, data_format: str | None = None) -> None:
        """Store and check the arguments."""
        self.rate = rate
        self.seed = seed
        if data_format is not None:
            self.data_format = data_format
        check_name(self.name, "data_format", self.data_format, _FORMATS)
        self.check_arguments()
        self.stream = RandomStream(seed)
        self.input_form = InputForm(axes=self.places + 2)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """y = x * mask / (1 - rate) in training, else x"""
        if not training or self.rate == 0:
            return inputs
        first = self.data_format == "channels_first"
        shared = (1,) * self.places
        noise_shape = (None, None, *shared) if first else (None, *shared, None)
        return ops.dropout(inputs, self.stream.next(), rate=self.rate, noise_shape=noise_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that Keras's layer takes; it has no ``trainable``."""
        config = super().get_config()
        config.pop("trainable")
        return config


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of a sequence.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0, for each channel

    Shapes: x (b, t, c) -> y (b, t, c)
    Source: Tompson et al. 2015, arXiv:1411.4280
    """

    places = 1

    def __init__(
        self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype, **keywords)
        self.keep(rate, seed)


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of a picture.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0, for each channel

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    Source: Tompson et al. 2015, arXiv:1411.4280
    """

    places = 2

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None,
        name: str | None = None, dtype: Any = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype, **keywords)
        self.keep(rate, seed, data_format)


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of a volume.

    y = x * mask / (1 - rate), mask = 1 with probability 1 - rate, else 0, for each channel

    Shapes: x (b, d, h, w, c) -> y (b, d, h, w, c)
    Source: Tompson et al. 2015, arXiv:1411.4280
    """

    places = 3

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None,
        name: str | None = None, dtype: Any = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype, **keywords)
        self.keep(rate, seed, data_format)
