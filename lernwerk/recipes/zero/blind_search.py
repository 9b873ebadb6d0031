"""Linear regression by blind search.

In 1929 Edwin Hubble knew of 24 nebulae, galaxies as we say today, how far away they are and how
fast they move away from us. Does the speed grow with the distance? A straight line is the simplest
answer: speed = w * distance + b. Which line, that is: which w and which b?

A machine that learns needs three things. A *model* with parameters: the line with w and b. A *loss*
that says in one number how wrong it is: the mean of the squared errors. And a *search* for
parameters with a smaller loss. Here it is the plainest search of all: try a step up and a step down
with each parameter, keep the best of the four, and stop when none is better.

Look at how the loss falls, how many steps it takes, and where the search stops when its step is too
large.

Step: 1
Source: E. Hubble 1929, A relation between distance and radial velocity among extra-galactic
    nebulae, Proceedings of the National Academy of Sciences 15. Least squares: A.-M. Legendre 1805,
    Nouvelles méthodes pour la détermination des orbites des comètes.
"""

# %%
import numpy as np

from lernwerk import losses
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
nebulae = historical.nebulae()
distance, velocity = nebulae.x[:, 0], nebulae.y  # in million parsecs, in km/s
for d, v in zip(distance[::6], velocity[::6], strict=True):
    print(_("distance {d:5.3f} million parsecs, speed {v:4.0f} km/s").format(d=d, v=v))

# %% [markdown]
# The loss is the mean of the squared errors. Squares count errors upwards and downwards alike, and
# a large error more than several small ones.
#
# $$ L(w, b) = \frac{1}{n} \sum_i (w d_i + b - v_i)^2 $$


# %%
def loss(w, b):
    return np.mean((w * distance + b - velocity) ** 2)


print(_("without a line: loss {loss:.0f}").format(loss=loss(0, 0)))

# %% [markdown]
# The search knows nothing about lines and squares. It only asks for the loss, four times in each
# step, and goes where it is smallest.


# %%
def search(loss, step):
    path = [(0.0, 0.0)]
    while True:
        w, b = path[-1]
        neighbours = [(w + step, b), (w - step, b), (w, b + step), (w, b - step)]
        best = min(neighbours, key=lambda each: loss(*each))
        if loss(*best) >= loss(w, b):
            return path
        path.append(best)


line = _("step {step:3.0f}: {count:3d} steps to w = {w:.0f}, b = {b:.0f}, loss {loss:.0f}")
for step in (100.0, 10.0, 1.0):
    path = search(loss, step)
    w, b = path[-1]
    print(line.format(step=step, count=len(path) - 1, w=w, b=b, loss=loss(w, b)))

# %% [markdown]
# Large steps arrive soon and stop far away; small ones come close and take long. With two
# parameters the search asks for the loss four times in each step, with a million parameters it
# would be two million times. That is why the next recipe looks for a better way.
#
# Lernwerk has the same loss by its name. The search is the one above: it takes any loss.

# %%
mean_squared_error = losses.MeanSquaredError()
path = search(lambda w, b: mean_squared_error(velocity, w * distance + b).item(), step=1.0)
run.same(_("w and b"), (w, b), path[-1])
run.same(_("loss"), loss(w, b), mean_squared_error(velocity, w * distance + b).item())

# %% [markdown]
# Speed grows by about 454 km/s with every million parsecs: the universe expands. Hubble himself,
# who also allowed for the motion of the sun, found 465, give or take 50.

# %%
run.reach(_("w, in km/s per million parsecs"), w, at_least=453, at_most=455)

frames = []
for w, b in path[:: run.choose(20, short=150)] + path[-1:]:
    with style.styled():
        figure = style.new_figure(5.4, 3.8)
        axes = style.new_axes(figure, _("speed = {w:.0f} * distance {b:+.0f}").format(w=w, b=b))
        axes.plot(distance, velocity, "o", color=style.POINTS)
        ends = np.array([0, 2.1])
        axes.plot(ends, w * ends + b, color=style.TRAINING, linewidth=2)
        axes.vlines(distance, velocity, w * distance + b, color=style.RULE, zorder=1)
        axes.set(xlim=(0, 2.1), ylim=(-300, 1200))
        axes.set(xlabel=_("distance in million parsecs"), ylabel=_("speed in km/s"))
        frames.append(figure)
run.show("line", frames[-1])
run.film("search", frames)
