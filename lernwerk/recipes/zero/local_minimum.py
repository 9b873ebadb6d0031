"""A local minimum.

In 1826 the pharmacist Heinrich Schwabe began to count the groups of spots on the sun, every day
that the sky was clear. After 18 years he had found that they come and go in a cycle. How long is
it? A wave through the year of most spots, 1837, has the answer as its only parameter, the period.

Its loss is no bowl. Waves that are too short meet some of the counts by chance, so that there are
several hollows, and descent ends in the one that it starts in: at a local minimum. The gradient is
zero there, and nothing tells that a better place exists. The plainest remedy is to start several
times in different places and to keep the best.

Look at the curve: where does each descent end, and from where is the lowest point reached?

Step: 7
Source: H. Schwabe 1844, Sonnen-Beobachtungen im Jahre 1843, Astronomische Nachrichten 21; counts to
    1850 in A. von Humboldt 1850, Kosmos III.
"""

# %%
import numpy as np

from lernwerk import Variable, gradient, losses, ops, optimizers, plots
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
sunspots = historical.sunspots()
years, groups = sunspots.x[:, 0] - 1837, sunspots.y / 100  # hundreds of groups
middle, height = groups.mean(), np.sqrt(2) * groups.std()


def wave(period):
    return middle + height * np.cos(2 * np.pi * years / period)


def loss(period):
    return np.mean((wave(period) - groups) ** 2)


# %% [markdown]
# The slope by the chain rule, from outside to inside: the square, the cosine, one over the period.
#
# $$ \frac{dL}{dP} = \frac{2}{n} \sum_i (\hat y_i - y_i) \cdot h \sin(2 \pi t_i / P) \cdot
#    \frac{2 \pi t_i}{P^2} $$


# %%
def slope(period):
    angle = 2 * np.pi * years / period
    return np.mean(2 * (wave(period) - groups) * height * np.sin(angle) * angle / period)


def descend(start, rate=0.1, steps=1500):
    path = [start]
    for _step in range(steps):
        path.append(path[-1] - rate * slope(path[-1]))
    return path


# %%
starts = (3.7, 5.2, 6.5, 8.5, 14.0)
paths = {}
for start in starts:
    paths[start] = descend(start)
    end = paths[start][-1]
    line = _(
        "start {start:4.1f} years: ends at {end:6.3f} years, loss {loss:.3f}, slope {slope:.0e}"
    )
    print(line.format(start=start, end=end, loss=loss(end), slope=abs(slope(end))))

# %% [markdown]
# Every descent has done its work: the slope is zero at every end. The losses differ. Which hollows
# there are is seen only by trying every period, which is possible for one parameter and for no more
# than a few.

# %%
periods = np.linspace(3, 20, 4000)
heights = np.array([loss(each) for each in periods])
inside = heights[1:-1]
hollows = periods[1:-1][(inside < heights[:-2]) & (inside < heights[2:])]
print(_("hollows at"), ", ".join(f"{each:.2f}" for each in hollows), _("years"))

# %% [markdown]
# Many starts: twenty, by chance between 3 and 16 years.

# %%
chance = run.generator().uniform(3, 16, 20)
ends = np.array([descend(start)[-1] for start in run.steps(chance, _("descent"))])
best = min(ends, key=loss)
arrived = float(np.mean(np.abs(ends - periods[heights.argmin()]) < 0.1))
print(_("{share:.0%} of the descents found the lowest point").format(share=arrived))
run.reach(_("best period in years"), best, at_least=10.5, at_most=10.8)

# %% [markdown]
# Schwabe wrote "about ten years"; today the cycle is known to last eleven years on average, and any
# single one between nine and fourteen.
#
# The same with Lernwerk, for all five starts at once: each has its own variable, and none disturbs
# another.

# %%
learned = Variable(np.array(starts), name="period")
mean_squared_error = losses.MeanSquaredError(reduction="sum")
targets = np.tile(groups, (len(starts), 1))
descent = optimizers.SGD(learning_rate=0.1)
for _step in range(1500):
    angles = 2 * np.pi * years / learned.reshape((-1, 1))
    wrong = mean_squared_error(targets, middle + height * ops.cos(angles))
    descent.apply(gradient(wrong, [learned]), [learned])
run.same(_("ends"), [path[-1] for path in paths.values()], learned.numpy())

# %%
named = {_("from {start} years").format(start=start): path for start, path in paths.items()}
run.show("hollows", plots.loss_curve(loss, (3, 18), path=named, name=_("period in years")))

with style.styled():
    figure = style.new_figure(6.4, 3.6)
    axes = style.new_axes(figure, _("spots on the sun and two waves"))
    axes.plot(1837 + years, groups * 100, "o", color=style.INK, label=_("counted by Schwabe"))
    moments = np.linspace(-11, 13, 300)
    for period, colour in ((paths[6.5][-1], style.TRAINING), (best, style.POINTS)):
        curve = middle + height * np.cos(2 * np.pi * moments / period)
        label = _("{period:.1f} years").format(period=period)
        axes.plot(1837 + moments, 100 * curve, color=colour, label=label)
    axes.set(xlabel=_("year"), ylabel=_("groups of spots"), ylim=(-30, 430))
    axes.legend(ncols=3, loc="upper center")
run.show("waves", figure)
