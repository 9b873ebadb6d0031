"""Five optimizers racing on one surface.

The surface is a long valley, f(x, y) = x^2 / 100 + y^2: steep across, nearly flat along. Plain
gradient descent bounces from wall to wall and hardly moves along. Momentum keeps going where
gradients agree. AdaGrad gives each coordinate a rate of its own, which falls with all its
gradients so far; RMSprop forgets the old ones; Adam joins momentum and RMSprop.

Each rule is two or three lines in NumPy. Lernwerk's optimizers arrive at the same places.

Step: 30
Source: B. T. Polyak 1964, Some methods of speeding up the convergence of iteration methods, USSR
    Computational Mathematics and Mathematical Physics 4; J. Duchi, E. Hazan and Y. Singer 2011,
    Adaptive subgradient methods, Journal of Machine Learning Research 12; T. Tieleman and G.
    Hinton 2012, Lecture 6.5, Coursera: Neural Networks for Machine Learning; D. P. Kingma and J.
    Ba 2015, Adam: a method for stochastic optimization, arXiv:1412.6980.
"""

# %%
import numpy as np

from lernwerk import Variable, gradient, optimizers
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
STEPS, SMALL = 150, 1e-7
START = np.array([-7.0, 2.0])


def height(place):
    return place[0] ** 2 / 100 + place[1] ** 2


def slope_at(place):
    return np.array([place[0] / 50, 2 * place[1]])


# %% [markdown]
# The rules. `place` is where we are, `g` the gradient there; what a rule must remember it keeps
# in variables of its own and yields each new place.


# %%
def gradient_descent(place, rate=0.95):
    while True:
        place = place - rate * slope_at(place)
        yield place


def momentum(place, rate=0.2, keep=0.9):
    speed = np.zeros(2)
    while True:
        speed = keep * speed - rate * slope_at(place)
        place = place + speed
        yield place


def adagrad(place, rate=1.0):
    squares = np.full(2, 0.1)
    while True:
        g = slope_at(place)
        squares = squares + g**2
        place = place - rate * g / np.sqrt(squares + SMALL)
        yield place


def rmsprop(place, rate=0.1, keep=0.9):
    squares = np.zeros(2)
    while True:
        g = slope_at(place)
        squares = keep * squares + (1 - keep) * g**2
        place = place - rate * g / np.sqrt(squares + SMALL)
        yield place


def adam(place, rate=0.3, keep=0.9, keep_squares=0.999):
    speed, squares, number = np.zeros(2), np.zeros(2), 0
    while True:
        g, number = slope_at(place), number + 1
        speed = keep * speed + (1 - keep) * g
        squares = keep_squares * squares + (1 - keep_squares) * g**2
        bias = np.sqrt(1 - keep_squares**number) / (1 - keep**number)
        place = place - rate * bias * speed / (np.sqrt(squares) + SMALL)
        yield place


RULES = {
    _("gradient descent"): (gradient_descent, optimizers.SGD(0.95)),
    _("momentum"): (momentum, optimizers.SGD(0.2, momentum=0.9)),
    "AdaGrad": (adagrad, optimizers.Adagrad(1.0)),
    "RMSprop": (rmsprop, optimizers.RMSprop(0.1)),
    "Adam": (adam, optimizers.Adam(0.3)),
}

# %% [markdown]
# The race. Lernwerk's optimizers get the height as an expression of a Variable and its gradient.

# %%
paths = {}
for name, (rule, optimizer) in RULES.items():
    places = rule(START)
    paths[name] = np.array([START] + [next(places) for _step in range(STEPS)])
    place = Variable(START)
    for _step in range(STEPS):
        optimizer.apply_gradients([(gradient(height(place), [place])[0], place)])
    run.same(_("place after the race, {name}").format(name=name),
             paths[name][-1], place.numpy(), tolerance=1e-4)  # fmt: skip

# %% [markdown]
# Who is first to come, and stay, below a height of 0.01? And what is left at the end? RMSprop
# trembles: near the goal its steps stay about as long as its rate.

# %%
heights = {name: height(path.T) for name, path in paths.items()}
arrival = {}
for name, values in heights.items():
    above = np.flatnonzero(values > 0.01)
    arrival[name] = int(above[-1]) + 1
    print(_("{name}: below 0.01 after {n} steps, at the end {h:.1e}").format(
        name=name, n=arrival[name], h=values[-1]))  # fmt: skip
run.reach(_("steps of momentum"), arrival[_("momentum")], at_most=70)
run.reach(
    _("steps of gradient descent for each of momentum"),
    arrival[_("gradient descent")] / arrival[_("momentum")], at_least=1.5,
)  # fmt: skip

# %% [markdown]
# The paths. Zigzag, a swing past the goal, a slow straight line: each rule has its own hand.

# %%
COLOURS = dict(
    zip(paths, (style.QUIET, style.TRAINING, "#7a9a3c", "#8a4f9e", style.VALIDATION), strict=True)
)


def picture(step):
    with style.styled():
        figure = style.new_figure(7.2, 3.4)
        axes = style.new_axes(figure, _("step {step}").format(step=step))
        across, up = np.meshgrid(np.linspace(-8, 4, 90), np.linspace(-2.3, 2.3, 60))
        levels = 0.02 * 2.0 ** np.arange(9)
        axes.contour(across, up, height((across, up)), levels, colors=style.RULE, linewidths=0.8)
        for name, path in paths.items():
            axes.plot(*path[: step + 1].T, color=COLOURS[name], lw=1.2, label=name)
            axes.plot(*path[step], "o", color=COLOURS[name], ms=6)
        axes.set(xlabel="x", ylabel="y", xlim=(-8, 4), ylim=(-2.3, 2.3))
        axes.legend(loc="lower right", ncols=1)
    return figure


run.show("paths", picture(STEPS))
run.film("race", [picture(step) for step in range(0, 121, run.choose(4, short=60))])

# %%
with style.styled():
    figure = style.new_figure(5.2, 3.0)
    axes = style.new_axes(figure, _("height after each step"))
    for name, values in heights.items():
        axes.plot(values, color=COLOURS[name], label=name)
    axes.set(xlabel=_("step"), yscale="log", ylim=(1e-9, 20))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.legend(loc="lower left")
run.show("heights", figure)
