"""Logistic regression: a probability instead of a number.

Before 28 January 1986 Space Shuttles had started 24 times. From 23 flights the sealing rings of the
boosters were recovered; on seven of them a ring was damaged. The night before, the engineers
discussed whether cold had to do with it, and looked only at the flights with damage. The question
is one of yes or no, and the answer that is wanted is a probability.

A line gives any number. The sigmoid function bends it into the range from 0 to 1: far to the left
0, far to the right 1, in between a smooth step. What remains is the line's two parameters, and a
loss that suits probabilities: cross-entropy, the logarithm of the probability that was given to
what happened, with a minus.

Look at what the curve says for the temperature of that morning, 12 degrees below all others.

Step: 9
Source: S. R. Dalal, E. B. Fowlkes and B. Hoadley 1989, Risk analysis of the Space Shuttle:
    pre-Challenger prediction of failure, Journal of the American Statistical Association 84.
    Logistic regression: D. R. Cox 1958, Journal of the Royal Statistical Society B 20.
"""

# %%
import numpy as np

from lernwerk import Input, Sequential, layers, optimizers
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
flights = historical.o_rings()
celsius, damaged = flights.x[:, 0], flights.y
print(_("{flights} flights, {damaged} with damage").format(
    flights=len(damaged), damaged=damaged.sum()))  # fmt: skip
for low, high in ((10, 18), (18, 22), (22, 28)):
    among = damaged[(celsius >= low) & (celsius < high)]
    line = _("{low} to {high} degrees: damage on {some} of {all}")
    print(line.format(low=low, high=high, some=among.sum(), all=len(among)))

# %% [markdown]
# The model: a line, and the sigmoid function of it. The temperature is scaled, as every input from
# now on, and a column of ones carries the bias.
#
# $$ p = \sigma(X w), \qquad \sigma(z) = \frac{1}{1 + e^{-z}} $$


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


mean, deviation = celsius.mean(), celsius.std()


def prepared(celsius):
    return np.column_stack([np.ones(len(celsius)), (celsius - mean) / deviation])


X = prepared(celsius)

# %% [markdown]
# The loss. Only one of its two terms counts for each flight: that of what happened. A probability
# of 1 for it costs nothing, a probability near 0 costs without limit.
#
# $$ L = -\frac{1}{n} \sum_i \bigl( y_i \ln p_i + (1 - y_i) \ln (1 - p_i) \bigr) $$
#
# The slopes of the logarithm and of the sigmoid function cancel, and the gradient is as simple as
# that of a line: error times input.
#
# $$ \nabla L = \frac{1}{n} X^\top (p - y) $$

# %%
rate, steps = 1.0, 500
w = np.zeros(2)
curve, ways = [], [w.copy()]
for step in range(steps):
    p = sigmoid(X @ w)
    curve.append(-np.mean(damaged * np.log(p) + (1 - damaged) * np.log(1 - p)))
    w -= rate * X.T @ (p - damaged) / len(X)
    ways.append(w.copy())
    if step in (0, 1, 2, 5, 10, 50, 100, 499):
        print(_("step {n:3d}: loss {loss:.6f}").format(n=step, loss=curve[-1]))

# %% [markdown]
# The published result, in degrees Fahrenheit: 15.043 - 0.2322 for each degree. The loss begins with
# ln 2 = 0.693, that of somebody who says 50 % to everything.

# %%
by_degree = w[1] / deviation / 1.8
run.reach(_("weight of a degree Fahrenheit"), by_degree, at_least=-0.2323, at_most=-0.2321)
bias = w[0] - w[1] * mean / deviation - 32 * by_degree
run.reach(_("bias"), bias, at_least=15.03, at_most=15.05)
for temperature in (20.0, 15.0, 11.7, -0.6):
    p = sigmoid(prepared(np.array([temperature])) @ w).item()
    print(_("{t:5.1f} degrees: probability of damage {p:.2%}").format(t=temperature, p=p))

# %% [markdown]
# No flight had been colder than 11.7 degrees, so the last line goes far beyond the data. Still: of
# the flights below 18 degrees every one had damage, and the flights without damage, which nobody
# looked at, were the ones that would have shown it.
#
# With Lernwerk a neuron does it: Dense with one unit and the activation sigmoid.

# %%
model = Sequential(
    [Input((1,)), layers.Dense(1, "sigmoid", kernel_initializer="zeros", dtype="float64")]
)
model.compile(optimizers.SGD(learning_rate=rate), loss="binary_crossentropy")
history = model.fit(X[:, 1:], damaged, batch_size=len(X), epochs=steps, shuffle=False, verbose=0)
kernel, bias = model.get_weights()
run.same(_("weights"), w, [*bias, *kernel[:, 0]], tolerance=1e-5)
run.same(_("loss curve"), curve, history.history["loss"], tolerance=1e-5)

# %%
across = np.linspace(-3, 29, 200)
frames = []
for n in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 500)[:: run.choose(1, short=7)]:
    with style.styled():
        figure = style.new_figure(6.4, 3.7)
        axes = style.new_axes(figure, _("after step {n}").format(n=n))
        axes.plot(across, sigmoid(prepared(across) @ ways[n]), color=style.TRAINING, linewidth=2)
        axes.plot(celsius, damaged, "o", color=style.POINTS, alpha=0.6)
        axes.axvline(-0.6, color=style.QUIET, linewidth=0.8, linestyle=":")
        axes.text(-0.3, 0.12, _("28 January 1986"), color=style.QUIET)
        axes.set(xlabel=_("temperature in degrees Celsius"), ylabel=_("probability of damage"))
        frames.append(figure)
run.show("probability", frames[-1])
run.film("learning", frames, seconds=0.4)
