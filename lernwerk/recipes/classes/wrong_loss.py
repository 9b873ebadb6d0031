"""Why squared error is the wrong loss for a probability.

Squared error works for a line, and with the sigmoid function behind the line it can be calculated
as well. But its landscape is another one. Where the model is quite sure and quite wrong, the
sigmoid function is flat, and so is the loss: the larger the error, the smaller the gradient.
Descent that starts there hardly moves.

Cross-entropy is made the other way round: the surer the wrong answer, the steeper the loss. Its
landscape has no plain and no hollow, it is convex: on the straight line between any two points it
lies below the line. The recipe tries that out ten thousand times.

Look at both surfaces of the same data, and at both paths from the same bad start.

Step: 10
Source: S. A. Solla, E. Levin and M. Fleisher 1988, Accelerated learning in layered neural networks,
    Complex Systems 2. Data: S. R. Dalal, E. B. Fowlkes and B. Hoadley 1989.
"""

# %%
import numpy as np

from lernwerk import Variable, compiled, gradient, losses, ops, optimizers, plots
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.recipes import Run

run = Run.current()
flights = historical.o_rings()
x = (flights.x[:, 0] - flights.x.mean()) / flights.x.std()  # temperature, scaled
y = flights.y.astype(float)  # 1: a sealing ring was damaged


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# %% [markdown]
# Both losses, written for whole matrices of w and b, since both surfaces are to be drawn. The
# logarithm of the sigmoid function is taken in the form that stays exact for large numbers.
#
# $$ -\ln \sigma(z) = \ln (1 + e^{-z}), \qquad -\ln (1 - \sigma(z)) = \ln (1 + e^{z}) $$


# %%
def squared_error(w, b):
    return np.mean([(sigmoid(w * xi + b) - yi) ** 2 for xi, yi in zip(x, y, strict=True)], axis=0)


def cross_entropy(w, b):
    z = [(w * xi + b) * (1 - 2 * yi) for xi, yi in zip(x, y, strict=True)]
    return np.mean(np.logaddexp(0, z), axis=0)


# %% [markdown]
# Their gradients differ by a factor, twice the slope of the sigmoid function. It is at most one
# half, and almost zero where the answer is sure.
#
# $$ \frac{\partial L}{\partial z} = p - y \quad \text{(cross-entropy)}, \qquad
#    \frac{\partial L}{\partial z} = 2 (p - y) \, p (1 - p) \quad \text{(squared error)} $$

# %%
start, rate, steps = (8.0, 8.0), 0.5, 1000


def descend(by_squares):
    w, b = start
    path = [start]
    for _step in range(steps):
        p = sigmoid(w * x + b)
        slope = 2 * (p - y) * p * (1 - p) if by_squares else p - y
        w -= rate * np.mean(slope * x)
        b -= rate * np.mean(slope)
        path.append((w, b))
    return np.array(path)


def right(w, b):
    return np.mean((w * x + b > 0) == y)


by_squares, by_entropy = descend(by_squares=True), descend(by_squares=False)
line = _("{loss}: ends at w = {w:.3f}, b = {b:.3f}, with a squared error of {error:.3f}")
for name, path in ((_("squared error"), by_squares), (_("cross-entropy"), by_entropy)):
    w, b = path[-1]
    print(line.format(loss=name, w=w, b=b, error=squared_error(w, b)))
run.reach(_("right answers by squared error"), right(*by_squares[-1]), at_most=0.35, unit="%")
run.reach(_("right answers by cross-entropy"), right(*by_entropy[-1]), at_least=0.85, unit="%")

# %% [markdown]
# Cross-entropy arrives at the smaller *squared* error as well. Now the landscapes: between two
# points taken by chance, is the loss in the middle ever higher than the mean of the two ends?

# %%
some, others = run.generator().uniform(-10, 10, (2, 2, 10_000))
middle = (some + others) / 2
for name, loss, at_least, at_most in (
    (_("bulges of squared error"), squared_error, 0.1, 1.0),
    (_("bulges of cross-entropy"), cross_entropy, 0.0, 0.0),
):
    above = loss(*middle) > (loss(*some) + loss(*others)) / 2 + 1e-12
    run.reach(name, above.mean(), at_least=at_least, at_most=at_most, unit="%")

# %% [markdown]
# The same with Lernwerk. Both losses have a name; the second one takes the line's value before the
# sigmoid function, `from_logits`, and is as exact as the form above.

# %%
mean_squared_error = losses.MeanSquaredError()
binary_crossentropy = losses.BinaryCrossentropy(from_logits=True)


def learn(loss_of):
    w, b = (
        Variable(each, dtype="float64", name=name) for each, name in zip(start, "wb", strict=True)
    )
    descent = optimizers.SGD(learning_rate=rate)

    @compiled
    def step():
        descent.apply(gradient(loss_of(w * x + b), [w, b]), [w, b])

    for _step in range(steps):
        step()
    return w.numpy(), b.numpy()


found = learn(lambda z: mean_squared_error(y, ops.sigmoid(z)))
run.same(_("w and b by squared error"), by_squares[-1], found)
found = learn(lambda z: binary_crossentropy(y[:, None], z.reshape((-1, 1))))
run.same(_("w and b by cross-entropy"), by_entropy[-1], found)

# %%
across, up = np.linspace(-5, 10, 60), np.linspace(-8, 12, 60)
for name, loss, path, view in (
    ("squared_error", squared_error, by_squares, (40.0, -55.0)),
    ("cross_entropy", cross_entropy, by_entropy, (35.0, -55.0)),
):
    heights = loss(across, up[:, None])
    run.show(name, plots.loss_surface(heights, across, up, path=path, view=view))
