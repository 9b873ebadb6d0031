"""A surface with a cliff.

Not every loss is a bowl. Where a calculation is repeated many times, a small change of a weight can
tip the whole result over: the landscape has a plain, a plain higher up, and a cliff between them.
At its edge the gradient is thousands of times as large as elsewhere, and a step of ordinary length
becomes a leap to somewhere far away.

The example is the smallest recurrent network: one unit that is fed its own output, fifty times
over, s -> sigmoid(w * s + b). Its last output is to be 0.7. Descent comes down the lower plain,
walks along the foot of the cliff, touches it now and then, and sooner or later is thrown out. The
remedy is to shorten a gradient that is too long and to keep its direction: clipping.

Look at the two paths from one start: one leaves the picture in a straight line, the other goes on
along the cliff to the goal.

Step: 6
Source: R. Pascanu, T. Mikolov and Y. Bengio 2013, On the difficulty of training recurrent neural
    networks, ICML (arXiv:1211.5063), figure 6.
"""

# %%
import numpy as np

from lernwerk import Variable, compiled, gradient, ops, optimizers, plots
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
goal, rounds = 0.7, 50


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2  # the same as 1 / (1 + exp(-z)), for large numbers as well


def loss(w, b):
    s = 0.5
    for _round in range(rounds):
        s = sigmoid(w * s + b)
    return (s - goal) ** 2


# %% [markdown]
# The slopes are carried along through all rounds. In each, s depends on w and b directly and
# through the s of the round before, and the sigmoid function has the slope s (1 - s).
#
# $$ \frac{ds'}{dw} = s' (1 - s') \left( s + w \frac{ds}{dw} \right) \qquad
#    \frac{ds'}{db} = s' (1 - s') \left( 1 + w \frac{ds}{db} \right) $$


# %%
def slopes(w, b):
    s, s_w, s_b = 0.5, 0.0, 0.0
    for _round in range(rounds):
        s_w, s_b = s + w * s_w, 1 + w * s_b
        s = sigmoid(w * s + b)
        s_w, s_b = s * (1 - s) * s_w, s * (1 - s) * s_b
    return np.stack([2 * (s - goal) * s_w, 2 * (s - goal) * s_b])


# %% [markdown]
# Thirty-two descents at once, from starts close to each other. Without clipping each makes quiet
# steps, hundreds of them, and many then make one that is not.

# %%
rate, steps = 0.05, run.choose(1200, short=1000)
starts = np.array([[5.5], [-2.5]]) + run.generator().normal(0, 0.05, (2, 32))


def descend(longest):
    path, lengths = [starts], []
    for _step in range(steps):
        g = slopes(*path[-1])  # (2, 32)
        lengths.append(np.linalg.norm(g, axis=0))
        g *= np.minimum(1, longest / np.maximum(lengths[-1], longest))
        path.append(path[-1] - rate * g)
    return np.array(path), np.array(lengths)


plain, lengths = descend(longest=1e9)
thrown = np.abs(plain[-1] - starts).max(axis=0) > 5
one = int(thrown.argmax())
leap = int(lengths[:, one].argmax())
line = _("step {n}: w = {w:.3f}, b = {b:.3f}, loss {loss:.4f}, length of the gradient {length:.3f}")
for n in (0, leap // 2, leap - 1, leap, leap + 1):
    w, b = plain[n, :, one]
    print(line.format(n=n, w=w, b=b, loss=loss(w, b), length=lengths[n, one]))
usual = np.median(lengths[:leap, one])
print(_("the usual length of the gradient: {length:.3f}").format(length=usual))
run.reach(_("descents thrown out without clipping"), thrown.mean(), at_least=0.1, unit="%")

# %% [markdown]
# Far outside the sigmoid function is flat: the gradient is zero there, and no step leads back.
#
# With clipping no gradient is longer than 1, and no step longer than the learning rate.

# %%
clipped, _lengths = descend(longest=1.0)
outside = np.abs(clipped[-1] - starts).max(axis=0) > 5
run.reach(_("descents thrown out with clipping"), outside.mean(), at_most=0, unit="%")
run.reach(_("their largest loss"), loss(*clipped[-1]).max(), at_most=0.001)

# %% [markdown]
# With Lernwerk nobody writes the slopes down, and clipping is an argument of every optimizer:
# `clipnorm` for each weight alone, `global_clipnorm` for all of them together, as here. Both ways
# are compared on the way to the cliff. At its edge a difference in the last digit decides on which
# side a step lands, and nobody can repeat such a path.

# %%
w, b = (
    Variable(each, dtype="float64", name=name)
    for each, name in zip(starts[:, one], "wb", strict=True)
)
descent = optimizers.SGD(learning_rate=rate, global_clipnorm=1.0)


@compiled
def step():
    s = ops.sigmoid(0.5 * w + b)
    for _round in range(rounds - 1):
        s = ops.sigmoid(w * s + b)
    descent.apply(gradient((s - goal) ** 2, [w, b]), [w, b])


found = []
for _step in range(50):
    step()
    found.append([w.numpy(), b.numpy()])
run.same(_("path to the cliff"), clipped[1:51, :, one], found)

# %% [markdown]
# First the landscape alone, then both paths from above.

# %%
across, up = np.linspace(3.5, 7.0, 120), np.linspace(-3.5, -1.7, 120)
run.show("cliff", plots.loss_surface(loss(across, up[:, None]), across, up, view=(32.0, -62.0)))

# %%
across, up = np.linspace(4.3, 5.7, 300), np.linspace(-2.75, -2.05, 300)
with style.styled():
    figure = style.new_figure(7.0, 4.6)
    axes = style.new_axes(figure, _("dark: low; bright: high; between them the cliff"))
    axes.contourf(across, up, loss(across, up[:, None]), 30, cmap="viridis")
    for path, colour, label in (
        (plain, "#ffffff", _("plain: thrown out at step {n}").format(n=leap)),
        (clipped, "#ff7a3d", _("clipped: stays at the cliff")),
    ):
        axes.plot(*path[:, :, one].T, "o-", color=colour, ms=2, linewidth=1, label=label)
    axes.set(xlim=(4.3, 5.7), ylim=(-2.75, -2.05), xlabel="w", ylabel="b")
    axes.legend(labelcolor="#ffffff", loc="upper right")
run.show("paths", figure)
