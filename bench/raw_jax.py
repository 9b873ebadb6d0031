"""Raw JAX: networks as functions of a list of weights, optimizers by hand, one jitted program.

No library in between: what is left is what XLA makes of the formulas. Weights have Keras's order
and layout. jax is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from bench.registry import Unit

Loss = Callable[..., Any]  # of weights, x, y and a random key
Optimizer = tuple[Callable[..., Any], Callable[..., Any]]  # start(weights); update(w, g, state)


def sgd(rate: float, momentum: float = 0.0) -> Optimizer:
    """Gradient descent."""

    def update(weights: Any, gradients: Any, state: Any) -> Any:
        if momentum:
            gradients = state = [momentum * m + g for m, g in zip(state, gradients, strict=True)]
        return [w - rate * g for w, g in zip(weights, gradients, strict=True)], state

    return lambda weights: [jnp.zeros_like(w) for w in weights] if momentum else (), update


def rmsprop(rate: float, rho: float = 0.9, epsilon: float = 1e-7) -> Optimizer:
    """RMSprop; see ``lernwerk.optimizers.RMSprop``."""

    def update(weights: Any, gradients: Any, state: Any) -> Any:
        v = [rho * a + (1 - rho) * g * g for a, g in zip(state, gradients, strict=True)]
        pairs = zip(weights, gradients, v, strict=True)
        return [w - rate * g * lax.rsqrt(a + epsilon) for w, g, a in pairs], v

    return lambda weights: [jnp.zeros_like(w) for w in weights], update


def adam(rate: float, b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7) -> Optimizer:
    """Adam; see ``lernwerk.optimizers.Adam``."""

    def update(weights: Any, gradients: Any, state: Any) -> Any:
        m, v, t = state
        t = t + 1
        m = [a + (1 - b1) * (g - a) for a, g in zip(m, gradients, strict=True)]
        v = [a + (1 - b2) * (g * g - a) for a, g in zip(v, gradients, strict=True)]
        step = rate * jnp.sqrt(1 - b2**t) / (1 - b1**t)
        scaled = [step * a / (jnp.sqrt(b) + epsilon) for a, b in zip(m, v, strict=True)]
        return [w - each for w, each in zip(weights, scaled, strict=True)], (m, v, t)

    def start(weights: Any) -> Any:
        m, v = ([jnp.zeros_like(w) for w in weights] for _ in range(2))
        return m, v, jnp.float32(0)

    return start, update


# ---- units of work


class Training:
    """Weights, state and random key of a network, and the compiled step that renews them."""

    def __init__(
        self, loss: Loss, optimizer: Optimizer, weights: Any, renews: bool = False
    ) -> None:
        """With ``renews`` the loss also gives a list of weights that the forward pass renewed."""
        start, update = optimizer
        weights = [jnp.asarray(w) for w in weights]
        self.state = weights, start(weights), jax.random.key(0)

        def step(state: Any, batch: Any) -> Any:
            weights, slots, key = state
            key, own = jax.random.split(key)
            function = jax.value_and_grad(loss, has_aux=renews)
            value, gradients = function(weights, *batch, own)
            weights, slots = update(weights, gradients, slots)
            if renews:
                value, renewed = value
                weights = with_renewed(weights, renewed)
            return (weights, slots, key), value

        self.step = step

    def steps(self, x: Any, y: Any) -> Unit:
        """A step, always on the same batch."""
        compiled = jax.jit(self.step, donate_argnums=0)
        batch = jnp.asarray(x), jnp.asarray(y)
        return lambda: self._run(compiled, batch)

    def epochs(self, x: Any, y: Any, batch_size: int) -> Unit:
        """A shuffled epoch, one call of the compiled step for each batch."""
        data = jnp.asarray(x), jnp.asarray(y)
        random = np.random.default_rng(1)

        def on_rows(state: Any, rows: Any) -> Any:
            return self.step(state, [each[rows] for each in data])

        compiled = jax.jit(on_rows, donate_argnums=0)

        def epoch() -> float:
            order = random.permutation(len(x)).astype(np.int32)
            for start in range(0, len(x), batch_size):
                value = self._launch(compiled, order[start : start + batch_size])
            return float(value)

        return epoch

    def scanned_epochs(self, x: Any, y: Any, batch_size: int) -> Unit:
        """A shuffled epoch as one program; the last, smaller batch is a step of its own in it."""
        data = jnp.asarray(x), jnp.asarray(y)
        full = len(x) - len(x) % batch_size

        @partial(jax.jit, donate_argnums=0)
        def epoch(state: Any, data: Any) -> Any:
            order = jax.random.permutation(jax.random.split(state[2])[1], len(x))

            def on_rows(state: Any, rows: Any) -> Any:
                return self.step(state, [each[rows] for each in data])

            state, values = lax.scan(on_rows, state, order[:full].reshape(-1, batch_size))
            return (state, values[-1]) if full == len(x) else on_rows(state, order[full:])

        return lambda: self._run(epoch, data)

    def _launch(self, compiled: Any, batch: Any) -> Any:
        self.state, value = compiled(self.state, batch)
        return value

    def _run(self, compiled: Any, batch: Any) -> float:
        return float(jax.block_until_ready(self._launch(compiled, batch)))


def with_renewed(weights: Any, renewed: Any) -> Any:
    """The weights, those that were renewed in their place."""
    pairs = zip(weights, renewed, strict=True)
    return [w if new is None else new for w, new in pairs]


def predictions(network: Callable[..., Any], weights: Any, x: Any) -> Unit:
    """The outputs for one batch, as a NumPy array would be read."""
    weights = [jnp.asarray(w) for w in weights]
    compiled = jax.jit(lambda weights, x: jax.nn.softmax(network(weights, x)))
    return lambda: float(jax.device_get(compiled(weights, x))[0, 0])


# ---- networks: logits


def dense(activation: Callable[[Any], Any]) -> Callable[..., Any]:
    """A network of dense layers."""

    def network(weights: Any, x: Any, key: Any = None) -> Any:
        for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
            x = activation(x @ kernel + bias)
        return x @ weights[-2] + weights[-1]

    return network


def lenet(weights: Any, x: Any, key: Any = None) -> Any:
    """LeNet; without a key there is no dropout."""
    for kernel, bias in (weights[0:2], weights[2:4]):
        form = ("NHWC", "HWIO", "NHWC")
        x = lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=form)
        x = jax.nn.relu(x + bias)
    x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    first, second = (None, None) if key is None else jax.random.split(key)
    x = _dropout(x, 0.25, first).reshape(len(x), -1)
    x = _dropout(jax.nn.relu(x @ weights[4] + weights[5]), 0.5, second)
    return x @ weights[6] + weights[7]


def _dropout(x: Any, rate: float, key: Any) -> Any:
    if key is None:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def reader(weights: Any, x: Any, key: Any = None) -> Any:
    """Embedding, LSTM, one output."""
    words, *lstm, last, last_bias = weights
    return _lstm(words[x.T], *lstm)[-1] @ last + last_bias


def last_output(weights: Any, x: Any, key: Any = None) -> Any:
    """LSTM after LSTM, and a dense layer on the last output."""
    *lstms, last, last_bias = weights
    x = jnp.swapaxes(x, 0, 1)
    for first in range(0, len(lstms), 3):
        x = _lstm(x, *lstms[first : first + 3])
    return x[-1] @ last + last_bias


def _lstm(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """The outputs (t, b, h) for x (t, b, c); gates i, f, c, o."""
    projected = x @ kernel + bias

    def step(state: Any, now: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(now + h @ recurrent, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    start = jnp.zeros((x.shape[1], len(recurrent)), projected.dtype)
    return lax.scan(step, (start, start), projected)[1]


def in_bfloat16(network: Callable[..., Any]) -> Callable[..., Any]:
    """The network computed in bfloat16 from weights in float32; logits in float32."""

    def reduced(weights: Any, x: Any, key: Any = None) -> Any:
        weights = [w.astype(jnp.bfloat16) for w in weights]
        x = x.astype(jnp.bfloat16) if x.dtype == jnp.float32 else x
        return network(weights, x, key).astype(jnp.float32)

    return reduced


# ---- losses


def sparse(network: Callable[..., Any]) -> Loss:
    """Crossentropy against class numbers."""

    def loss(weights: Any, x: Any, y: Any, key: Any) -> Any:
        return logarithm_loss(network(weights, x, key), y)

    return loss


def logarithm_loss(logits: Any, y: Any) -> Any:
    """Crossentropy of these logits against class numbers."""
    logarithms = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(logarithms, y[:, None], axis=1).mean()


def binary(network: Callable[..., Any]) -> Loss:
    """Mean crossentropy of independent yes-or-no outputs."""

    def loss(weights: Any, x: Any, y: Any, key: Any) -> Any:
        z = network(weights, x, key)
        return (jax.nn.softplus(z) - y * z).mean()

    return loss
