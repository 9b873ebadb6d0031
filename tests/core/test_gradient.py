"""The gradient against JAX on composite functions, and the corners of the reverse walk."""

from __future__ import annotations

import gc
import re
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, Variable, compiled, gradient
from lernwerk.errors import DtypeError, ShapeError


def numbers(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def mlp(xp, x, w1, b1, w2):
    hidden = xp.tanh(x @ w1 + b1)
    return ((hidden @ w2) ** 2).mean()


def attention_ours(x, q, k, v):
    scores = ops.einsum("bid,bjd->bij", x @ q, x @ k) / np.sqrt(3.0)
    mixed = ops.einsum("bij,bjd->bid", ops.softmax(scores, axis=-1), x @ v)
    return (mixed * mixed * x).sum()


def attention_jax(x, q, k, v):
    scores = jnp.einsum("bid,bjd->bij", x @ q, x @ k) / np.sqrt(3.0)
    mixed = jnp.einsum("bij,bjd->bid", jax.nn.softmax(scores, axis=-1), x @ v)
    return (mixed * mixed * x).sum()


def network_ours(x, w, b, d):
    attributes = {
        "strides": (2, 1),
        "padding": ((1, 1), (0, 0)),
        "dilation": (1, 1),
        "groups": 1,
    }
    maps = ops.relu(ops.convolution(x, w, **attributes) + b)
    pooled = ops.max_pooling(maps, size=(2, 2), strides=(2, 2), padding=((0, 0), (0, 0)))
    return ops.log_softmax(pooled.reshape(2, -1) @ d)[:, 0].sum()


def network_jax(x, w, b, d):
    layout = ("NHWC", "HWIO", "NHWC")
    maps = jax.lax.conv_general_dilated(x, w, (2, 1), ((1, 1), (0, 0)), dimension_numbers=layout)
    maps = jax.nn.relu(maps + b)
    pooled = jax.lax.reduce_window(maps, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return jax.nn.log_softmax(pooled.reshape(2, -1) @ d)[:, 0].sum()


def lstm_ours(x, kernel, recurrent, bias):
    state = Tensor(np.zeros((2, 3)))
    mask = Tensor(np.ones((2, 4), bool))
    outputs, cells, _ = ops.lstm(x, state, state, kernel, recurrent, bias, mask)
    return (outputs * outputs).sum() + cells[:, -1].sum()


def lstm_jax(x, kernel, recurrent, bias):
    h = c = jnp.zeros((2, 3))
    total = 0.0
    for t in range(4):
        i, f, g, o = jnp.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        total = total + (h * h).sum()
    return total + c.sum()


COMPOSITES = {
    "mlp": (
        lambda *a: mlp(ops, *a), lambda *a: mlp(jnp, *a),
        [numbers(4, 3), numbers(3, 5), numbers(5), numbers(5, 2)],
    ),
    "attention": (
        attention_ours, attention_jax,
        [numbers(2, 4, 3), numbers(3, 3), numbers(3, 3, seed=1), numbers(3, 3, seed=2)],
    ),
    "convolution": (
        network_ours, network_jax,
        [numbers(2, 6, 5, 2), numbers(3, 2, 2, 4), numbers(4), numbers(8, 3)],
    ),
    "lstm": (lstm_ours, lstm_jax, [numbers(2, 4, 2), numbers(2, 12), numbers(3, 12), numbers(12)]),
}  # fmt: skip
NAMES = sorted(COMPOSITES)


@pytest.mark.parametrize("name", NAMES)
def test_composites_agree_with_jax_eager_and_traced(name):
    ours, theirs, arrays = COMPOSITES[name]

    def both(*xs):
        value = ours(*xs)
        return value, gradient(value, xs)

    with jax.enable_x64(True):
        expected, slopes = jax.value_and_grad(theirs, argnums=range(len(arrays)))(*arrays)
        slopes = list(map(np.asarray, slopes))
    for function in (both, compiled(both)):
        value, found = function(*map(Tensor, arrays))
        np.testing.assert_allclose(value.item(), float(expected), rtol=1e-10)
        for mine, slope in zip(found, slopes, strict=True):
            np.testing.assert_allclose(mine.numpy(), slope, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_second_derivatives_agree_with_jax(name):
    ours, theirs, arrays = COMPOSITES[name]
    directions = [np.random.default_rng(5).normal(size=a.shape) for a in arrays]

    def slope(*xs):
        found = gradient(ours(*xs), xs)
        return sum((g * d).sum() for g, d in zip(found, directions, strict=True))

    xs = list(map(Tensor, arrays))
    found = gradient(slope(*xs), xs)
    with jax.enable_x64(True):
        first = jax.grad(theirs, argnums=range(len(arrays)))
        _, expected = jax.jvp(first, tuple(map(jnp.asarray, arrays)), tuple(map(jnp.asarray, directions)))  # noqa: E501  # fmt: skip
        expected = list(map(np.asarray, expected))
    for mine, theirs_ in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs_, rtol=1e-8, atol=1e-10)


def test_third_derivatives():
    x = Tensor(np.array([0.3, 1.2]))
    y = (ops.sin(x) * ops.exp(x * 2.0)).sum()
    for _ in range(3):
        (y,) = gradient(y.sum(), [x])
    value = x.numpy()
    # d3/dx3 of sin(x) e^2x: the imaginary part of (2 + i)^3 e^((2 + i) x).
    expected = ((2 + 1j) ** 3 * np.exp((2 + 1j) * value)).imag
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12)


def test_broadcast_axes_are_summed_away():
    a, b = Tensor(numbers(2, 1, 3)), Tensor(numbers(4, 1))
    g = numbers(2, 4, 3, seed=3)
    of_a, of_b = gradient(a * b, [a, b], g)
    np.testing.assert_allclose(of_a.numpy(), (g * b.numpy()).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(of_b.numpy(), (g * a.numpy()).sum(axis=(0, 2))[:, None])


def test_unconnected_sources_get_none():
    x, y = Tensor(1.0), Tensor(2.0)
    index = Tensor(np.array([0]))
    assert gradient(x * 2, [y]) == [None]
    assert gradient(Tensor([1.0, 2.0])[index].sum(), [index]) == [None]
    assert gradient(ops.stop_gradient(x) * y, [x, y])[0] is None
    assert gradient(x, []) == []


def test_the_output_itself_as_a_source():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    of_y, of_x = gradient(y, [y, x])
    assert (of_y.item(), of_x.numpy().tolist()) == (1.0, [2.0, 4.0])
    v = Variable(3.0)
    assert gradient(v, [v])[0].item() == 1.0


def test_a_source_in_the_middle_of_the_tape():
    x = Tensor(2.0)
    middle = x * 3.0
    end = middle * middle + x
    of_middle, of_x = gradient(end, [middle, x])
    assert (of_middle.item(), of_x.item()) == (12.0, 37.0)


def test_the_same_source_twice_and_the_same_variable_read_twice():
    v = Variable(3.0)
    first, second = v.read(), v.read()
    assert [g.item() for g in gradient(first * second, [v, v])] == [6.0, 6.0]
    x = Tensor(2.0)
    assert gradient(x * x * x, [x])[0].item() == 12.0


def test_some_outputs_of_several():
    x = Tensor(numbers(3, 5))
    values, _ = ops.top_k(x, k=2)
    (found,) = gradient(values[:, 1].sum(), [x])
    expected = np.zeros((3, 5))
    expected[np.arange(3), np.argsort(-x.numpy(), axis=1)[:, 1]] = 1
    np.testing.assert_array_equal(found.numpy(), expected)
    y, mean, variance = ops.batch_normalization(x, np.ones(5), np.zeros(5), epsilon=1e-3)
    (of_mean,) = gradient(mean.sum(), [x])
    np.testing.assert_allclose(of_mean.numpy(), np.full((3, 5), 1 / 3))
    _, middle = gradient(y.sum() + variance.sum(), [x, mean])
    assert middle is None


def test_gradients_keep_the_type_of_their_source():
    single, double = Tensor([1.0, 2.0]), Tensor(np.array([3.0, 4.0]))
    found = gradient((single * double).sum(), [single, double])
    assert [g.dtype for g in found] == [np.float32, np.float64]


@pytest.mark.parametrize("length", [5000, 20000])
def test_long_chains_need_no_recursion(length):
    x = Tensor(np.array(1.0))
    y = x
    for _ in range(length):
        y = y + x * 0.001
    assert gradient(y, [x])[0].item() == pytest.approx(1 + length * 0.001)


def test_tapes_die_with_their_tensors():
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(1000))
        y = x
        for _ in range(5000):
            y = y * 1.0
        held = weakref.ref(y.origin.inputs[0].value), weakref.ref(y.value)
        (g,) = gradient(y.sum(), [x])
        assert all(each() is not None for each in held)
        del y, g
        assert [each() for each in held] == [None, None]
    finally:
        gc.enable()


SCALAR = (
    "gradient: expected a scalar output, got (2,). "
    "Reduce it, for example loss.mean(), or give output_gradient of its shape."
)
SOURCES = "gradient(loss, [x]) with x a Tensor or a Variable"


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: gradient(x, [x]), ShapeError, SCALAR),
        (lambda x: gradient(x, [x], np.ones(3)), ShapeError,
         "gradient: expected output_gradient of shape (2,), got (3,)."),
        (lambda x: gradient(ops.argmax(x), [x]), DtypeError,
         "gradient: expected a float output, got int32."),
        (lambda x: gradient(x.sum(), x), DtypeError,
         f"gradient: expected a list of tensors as sources, got one tensor. {SOURCES}"),
        (lambda x: gradient(x.sum(), [x, None]), DtypeError,
         f"gradient: expected a list of tensors as sources, got a list with NoneType. {SOURCES}"),
    ],
)  # fmt: skip
def test_errors(call, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call(Tensor([1.0, 2.0]))
