"""T8 in JAX: one jitted step for raw JAX and for Keras on JAX, which differ in networks and Adam.

jax is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from bench import raw_jax, raw_jax_pictures
from bench.generation import BETA, RATE
from bench.registry import Unit

Network = Callable[..., Any]


def plain(makers: Any, judges: Any, real: Any, noise: Any) -> Unit:
    """Steps from these weights of generator and discriminator."""
    start, update = raw_jax.adam(RATE, BETA)
    makers, judges = ([jnp.asarray(w) for w in each] for each in (makers, judges))

    def make(weights: Any, kept: Any, noise: Any) -> Any:
        return raw_jax_pictures.generator(weights, noise)

    def judge(weights: Any, pictures: Any) -> Any:
        return raw_jax_pictures.discriminator(weights, pictures)

    def updated(weights: Any, gradients: Any, slots: Any, renewed: Any = None) -> Any:
        weights, slots = update(weights, gradients, slots)
        return (raw_jax.with_renewed(weights, renewed) if renewed else weights), slots

    def make_step(state: Any, batch: Any) -> Any:
        return _step(make, judge, updated, updated, state, batch)

    state = makers, start(makers), None, judges, start(judges)
    return _unit(make_step, state, real, noise)


def of_keras(make: Any, judge: Any, real: Any, noise: Any) -> Unit:
    """Steps of two Keras models."""
    import keras

    adams = [keras.optimizers.Adam(RATE, beta_1=BETA) for _ in range(2)]
    for adam, model in zip(adams, (make, judge), strict=True):
        adam.build(model.trainable_variables)

    def made(weights: Any, kept: Any, noise: Any) -> Any:
        return make.stateless_call(weights, kept, noise, training=True)

    def judged(weights: Any, pictures: Any) -> Any:
        return judge.stateless_call(weights, [], pictures, training=True)[0]

    def updating(adam: Any) -> Callable[..., Any]:
        def updated(weights: Any, gradients: Any, slots: Any, renewed: Any = None) -> Any:
            return adam.stateless_apply(slots, gradients, weights)

        return updated

    def step(state: Any, batch: Any) -> Any:
        return _step(made, judged, updating(adams[0]), updating(adams[1]), state, batch)

    values = [[v.value for v in model.trainable_variables] for model in (make, judge)]
    slots = [[v.value for v in adam.variables] for adam in adams]
    kept = [v.value for v in make.non_trainable_variables]
    state = values[0], slots[0], kept, values[1], slots[1]
    return _unit(step, state, real, noise)


def _step(
    make: Network, judge: Network, update_maker: Network, update_judge: Network,
    state: Any, batch: Any,
) -> Any:  # fmt: skip
    """The fake pictures once, the discriminator's step, then the generator's."""
    makers, makers_slots, kept, judges, judges_slots = state
    real, noise = batch
    fake, back, renewed = jax.vjp(lambda w: make(w, kept, noise), makers, has_aux=True)

    def judged(weights: Any) -> Any:
        return _loss(judge(weights, real), 1.0) + _loss(judge(weights, fake), 0.0)

    first, gradients = jax.value_and_grad(judged)(judges)
    judges, judges_slots = update_judge(judges, gradients, judges_slots)
    second, arriving = jax.value_and_grad(lambda fake: _loss(judge(judges, fake), 1.0))(fake)
    (gradients,) = back(arriving)
    makers, makers_slots = update_maker(makers, gradients, makers_slots, renewed)
    kept = None if kept is None else renewed
    return (makers, makers_slots, kept, judges, judges_slots), first + second


def _loss(logits: Any, answer: float) -> Any:
    return (jax.nn.softplus(logits) - answer * logits).mean()


def _unit(step: Callable[..., Any], state: Any, real: Any, noise: Any) -> Unit:
    compiled = jax.jit(step, donate_argnums=0)
    batch = jnp.asarray(real), jnp.asarray(noise)
    held = [state]

    def unit() -> float:
        held[0], value = compiled(held[0], batch)
        return float(jax.block_until_ready(value))

    return unit
