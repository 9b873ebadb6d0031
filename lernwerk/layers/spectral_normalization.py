"""SpectralNormalization: keep the largest factor by which a layer stretches its input at 1."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.autocast import autocast
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError
from lernwerk.initializers import TruncatedNormal
from lernwerk.layers.wrapper import Wrapper

_FIRST_SPREAD = 0.02  # Keras's, of the first vector of the iteration
_SHORTEST = 1e-7  # keras.config.epsilon(), the least length that is divided by


class SpectralNormalization(Wrapper):
    """Divide the kernel of a layer by its largest singular value, in every step of training.

    v = u W^T / |u W^T|, u = v W / |v W| (``power_iterations`` times), kernel = kernel / (v W u^T)

    W is the kernel (or the table of an Embedding) in rows (n, c). Used in the discriminator of a
    GAN. A kernel of zeros stays as it is.

    Shapes: those of the layer inside.
    Weights: the layer's kernel; vector_u (1, c) truncated normal of spread 0.02, not trainable;
    then the layer's others
    Source: Miyato et al. 2018, arXiv:1802.05957
    Differs: nothing.
    """

    ranges = {"power_iterations": COUNT}

    def __init__(self, layer: Any, power_iterations: int = 1, **keywords: Any) -> None:
        super().__init__(layer, **keywords)
        self.power_iterations = power_iterations
        self.check_arguments()

    @property
    def integer_inputs(self) -> bool:
        """Whether the layer inside takes integers as they are."""
        return self.layer.integer_inputs

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer inside, and the vector that the iteration goes on with."""
        super().build(input_shape)
        self.kernel = self._divided()  # Keras has it among the weights of this layer too
        self.vector_u = self.add_weight(
            "vector_u", (1, self.kernel.shape[-1]), TruncatedNormal(stddev=_FIRST_SPREAD),
            trainable=False,
        )  # fmt: skip

    def _divided(self) -> Any:
        """The weight that is divided: the kernel of the layer inside, or its table."""
        for name in ("kernel", "embeddings"):
            if hasattr(self.layer, name):
                return getattr(self.layer, name)
        raise ArgumentError(
            self.name, "a layer with a kernel or embeddings", type(self.layer).__name__
        )

    def call(self, inputs: Tensor, training: bool = False) -> Any:
        """y = layer(x), in training after kernel = kernel / sigma"""
        if training:
            with autocast(False):  # the weights themselves, not what mixed precision reads of them
                self._normalise(self.kernel)
        return self.layer(inputs)

    def _normalise(self, kernel: Any) -> None:
        """One more step towards the first singular vectors, then the division."""
        rows = kernel.reshape(-1, kernel.shape[-1])  # (n, c)
        u = self.vector_u.read()
        for _ in range(self.power_iterations):
            v = _unit(ops.matmul(u, rows.T))
            u = _unit(ops.matmul(v, rows))
        sigma = ops.matmul(ops.matmul(v, rows), u.T).reshape(())
        zero = ops.equal(sigma, 0.0)
        self.vector_u.assign(ops.where(zero, self.vector_u, u))
        kernel.assign(kernel / ops.where(zero, 1.0, sigma))


def _unit(vector: Any) -> Any:
    """The vector with length 1."""
    return vector / ops.maximum(ops.sqrt(ops.sum(ops.square(vector))), _SHORTEST)
