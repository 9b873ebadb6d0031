"""Sequences worked out by hand from the papers' formulas, independent of any library."""

from __future__ import annotations

import math

import numpy as np

from lernwerk import optimizers
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable


def _run(optimizer: optimizers.Optimizer, gradients: list[float], start: float) -> list[float]:
    variable = Variable(np.float64(start))
    values = []
    for gradient in gradients:
        optimizer.apply([Tensor(np.float64(gradient))], [variable])
        values.append(variable.item())
    return values


def test_plain_descent() -> None:
    # 1 - 0.5 * 1 = 0.5;  0.5 - 0.5 * 2 = -0.5;  -0.5 + 0.5 * 4 = 1.5
    assert _run(optimizers.SGD(0.5), [1.0, 2.0, -4.0], 1.0) == [0.5, -0.5, 1.5]


def test_momentum() -> None:
    # m: -0.5, -0.25 - 0.5 = -0.75, -0.375 - 0.5 = -0.875;  w is the running sum of m
    values = _run(optimizers.SGD(0.5, momentum=0.5), [1.0, 1.0, 1.0], 0.0)
    assert values == [-0.5, -1.25, -2.125]


def test_nesterov() -> None:
    # m as above; steps 0.5 m - 0.5: -0.75, -0.875, -0.9375
    values = _run(optimizers.SGD(0.5, momentum=0.5, nesterov=True), [1.0, 1.0, 1.0], 0.0)
    assert values == [-0.75, -1.625, -2.5625]


def test_adam() -> None:
    # beta_1 = beta_2 = 0.5, epsilon = 0, rate = 1, gradients 3 and 4:
    # t = 1: m = 1.5, v = 4.5, corrected 3 and 9: step 3 / 3 = 1
    # t = 2: m = 2.75, v = 10.25, corrected by 3/4: 11/3 and 41/3: step (11/3) / sqrt(41/3)
    values = _run(optimizers.Adam(1.0, 0.5, 0.5, 0.0), [3.0, 4.0], 0.0)
    np.testing.assert_allclose(values, [-1.0, -1.0 - (11 / 3) / math.sqrt(41 / 3)], rtol=1e-14)


def test_amsgrad() -> None:
    # Gradients 3 and 1: v = 4.5, then 2.75; the largest stays 4.5.
    # t = 2: m = 1.25, corrections sqrt(3/4) / (3/4), step 1.25 / sqrt(4.5) * sqrt(3/4) / (3/4)
    values = _run(optimizers.Adam(1.0, 0.5, 0.5, 0.0, amsgrad=True), [3.0, 1.0], 0.0)
    second = 1.25 / math.sqrt(4.5) * math.sqrt(0.75) / 0.75
    np.testing.assert_allclose(values, [-1.0, -1.0 - second], rtol=1e-14)


def test_adagrad() -> None:
    # Squares add up to 9 and 25: steps 3/3 and 4/5.
    values = _run(optimizers.Adagrad(1.0, 0.0, 0.0), [3.0, 4.0], 0.0)
    np.testing.assert_allclose(values, [-1.0, -1.8], rtol=1e-14)


def test_rmsprop() -> None:
    # rho = 0.5: v = 8, then 4 + 8 = 12: steps 4 / sqrt(8) and 4 / sqrt(12).
    values = _run(optimizers.RMSprop(1.0, rho=0.5, epsilon=0.0), [4.0, 4.0], 0.0)
    first = -4 / math.sqrt(8)
    np.testing.assert_allclose(values, [first, first - 4 / math.sqrt(12)], rtol=1e-14)


def test_adadelta() -> None:
    # rho = 0.5, epsilon = 1, g = 1: a = 0.5, step = 1 / sqrt(1.5), d = step^2 / 2 = 1/3;
    # then a = 0.75, step = sqrt(4/3) / sqrt(1.75)
    values = _run(optimizers.Adadelta(1.0, rho=0.5, epsilon=1.0), [1.0, 1.0], 0.0)
    first = -1 / math.sqrt(1.5)
    np.testing.assert_allclose(values, [first, first - math.sqrt(4 / 3 / 1.75)], rtol=1e-14)


def test_nadam() -> None:
    # u_1 = 0.5 (1 - 0.48) = 0.26, u_2 = 0.5 (1 - 0.5 * 0.9216) = 0.2696; g = 1, betas 0.5:
    # m = 0.5, v^ = 1: m^ = u_2 m / (1 - u_1 u_2) + (1 - u_1) / (1 - u_1)
    values = _run(optimizers.Nadam(1.0, 0.5, 0.5, 0.0), [1.0], 0.0)
    ahead = 0.2696 * 0.5 / (1 - 0.26 * 0.2696) + 1.0
    np.testing.assert_allclose(values, [-ahead], rtol=1e-14)


def test_clipping_and_decay() -> None:
    variable = Variable(np.float64([3.0, 4.0]))
    optimizers.SGD(1.0, clipnorm=1.0).apply([np.float64([30.0, 40.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [2.4, 3.2], rtol=1e-14)
    variable = Variable(np.float64([3.0, 4.0]))
    optimizers.SGD(0.5, weight_decay=0.5).apply([np.float64([0.0, 0.0])], [variable])
    np.testing.assert_allclose(variable.numpy(), [2.25, 3.0], rtol=1e-14)
