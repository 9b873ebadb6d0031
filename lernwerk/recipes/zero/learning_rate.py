"""What a learning rate too large does.

The learning rate says how far a step goes. Too small, and the way is long; too large, and the step
goes beyond the lowest point, on to the other side. There the slope is just as steep or steeper, and
the next step comes back even further. The loss then grows without end.

For a parabola this can be calculated. Each step multiplies the distance from the lowest point by
one and the same factor, 1 - rate * c, where c is the curvature, the second derivative of the loss.
Between 0 and 1 the factor is a steady approach, between 0 and -1 a swing that calms down, below -1
a swing that grows. The recipe measures the factor and finds the rate at which it is -1.

Look at the four pictures of the same parabola, and at the film.

Step: 4
Source: A.-L. Cauchy 1847, Comptes rendus 25. The bound 2 / curvature: B. T. Polyak 1964, Some
    methods of speeding up the convergence of iteration methods, USSR Computational Mathematics and
    Mathematical Physics 4.
"""

# %%
import numpy as np

from lernwerk import Variable, gradient, losses, optimizers
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
nebulae = historical.nebulae()
distance, velocity = nebulae.x[:, 0], nebulae.y  # in million parsecs, in km/s

# %% [markdown]
# Hubble's law again, speed = H * distance, with its slope. The curvature is the slope of the slope:
# for a parabola it is the same everywhere.
#
# $$ c = \frac{d^2 L}{d H^2} = \frac{2}{n} \sum_i d_i^2 $$

# %%
curvature = np.mean(2 * distance**2)
lowest = distance @ velocity / (distance @ distance)


def loss(H):
    return np.mean((H * distance - velocity) ** 2)


def descend(rate, steps=12):
    path = [0.0]
    for _step in range(steps):
        H = path[-1]
        path.append(H - rate * np.mean(2 * (H * distance - velocity) * distance))
    return path


# %% [markdown]
# Six learning rates, the last step of each, and the factor between the last two distances from the
# lowest point.

# %%
print(
    _("curvature {c:.4f}, so 2 / curvature is {most:.4f}").format(c=curvature, most=2 / curvature)
)
rates = (0.02, 0.1, 1 / curvature, 0.75, 2 / curvature, 0.86)
factors = []
for rate in rates:
    path = descend(rate)
    near, nearer = path[-2] - lowest, path[-1] - lowest
    factors.append(nearer / near if abs(near) > 1e-6 else 0.0)
    line = _("rate {rate:.3f}: after 12 steps H = {H:8.2f}, loss {loss:9.0f}, factor {factor:6.3f}")
    print(line.format(rate=rate, H=path[-1], loss=loss(path[-1]), factor=factors[-1]))

# %% [markdown]
# The factors are those of the theory. With 1 / curvature a single step arrives; with 2 / curvature
# it swings for ever; a little more, and it flies away. No computer knows the curvature of a network
# beforehand: one tries, and looks at the loss.

# %%
expected = 1 - np.array(rates) * curvature
run.reach(_("largest error of the factors"), np.abs(factors - expected).max(), at_most=1e-6)

# %% [markdown]
# The largest rate that works, found without theory: halve the interval between one that works and
# one that does not.

# %%
works, fails = 0.1, 2.0
for _halving in range(40):
    middle = (works + fails) / 2
    grows = loss(descend(middle, 50)[-1]) > loss(0.0)
    works, fails = (works, middle) if grows else (middle, fails)
print(_("largest rate that works: {rate:.6f}").format(rate=works))
run.reach(_("error of 2 / curvature"), abs(works - 2 / curvature), at_most=1e-6)

# %% [markdown]
# The same with Lernwerk, with one optimizer for each learning rate.

# %%
mean_squared_error = losses.MeanSquaredError()
ends = []
for rate in rates:
    learned = Variable(0.0, dtype="float64", name="H")
    descent = optimizers.SGD(learning_rate=rate)
    for _step in range(12):
        wrong = mean_squared_error(velocity, learned * distance)
        descent.apply(gradient(wrong, [learned]), [learned])
    ends.append(learned.numpy())
run.same(_("last H with each rate"), [descend(rate)[-1] for rate in rates], ends)

# %%
drawn = {
    0.02: _("too small: rate {rate}"),
    0.1: _("good: rate {rate}"),
    0.75: _("swings and calms down: rate {rate}"),
    0.86: _("too large: rate {rate}"),
}
across = np.linspace(-700, 1550, 200)
parabola = [loss(H) for H in across]
with style.styled():
    figure = style.new_figure(8.4, 5.4)
    for axes, (rate, title) in zip(figure.subplots(2, 2).flat, drawn.items(), strict=True):
        path = np.array(descend(rate))
        axes.plot(across, parabola, color=style.RULE, linewidth=2)
        axes.plot(path, [loss(H) for H in path], "o-", color=style.TRAINING, ms=4, linewidth=1)
        axes.set(title=title.format(rate=rate), xlabel="H", ylabel=_("loss"))
        axes.set(xlim=(across[0], across[-1]), ylim=(-1e5, 2e6))
run.show("four_rates", figure)

# %%
frames = []
path = np.array(descend(0.86))
for last in range(1, len(path) + 1, run.choose(1, short=6)):
    with style.styled():
        figure = style.new_figure(5.4, 3.8)
        axes = style.new_axes(figure, _("rate 0.86, step {n}").format(n=last - 1))
        axes.plot(across, parabola, color=style.RULE, linewidth=2)
        visited = path[:last]
        axes.plot(visited, [loss(H) for H in visited], "o-", color=style.TRAINING, linewidth=1)
        axes.set(ylim=(-1e5, 2e6), xlabel="H", ylabel=_("loss"))
        frames.append(figure)
run.film("overshooting", frames, seconds=0.5)
