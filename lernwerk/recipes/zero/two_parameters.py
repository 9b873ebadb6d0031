"""The gradient of two parameters.

A line that need not go through zero has two parameters, w and b, and its loss has two slopes: one
in the direction of w, one in the direction of b. Each is found as if the other parameter were a
fixed number. Together they are the gradient, an arrow that points where the loss rises fastest;
descent goes the other way.

The same data as in the blind search. Look at how few losses are needed, and at how the two
parameters are learned at different speeds.

Step: 3
Source: A.-L. Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations simultanées,
    Comptes rendus 25. E. Hubble 1929, Proceedings of the National Academy of Sciences 15.
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
# Both slopes begin with the same errors. The slope of w weighs each error with its distance; the
# slope of b weighs all of them alike.
#
# $$ \frac{\partial L}{\partial w} = \frac{2}{n} \sum_i (w d_i + b - v_i) \, d_i \qquad
#    \frac{\partial L}{\partial b} = \frac{2}{n} \sum_i (w d_i + b - v_i) $$

# %%
rate, steps = 0.1, 300
w, b = 0.0, 0.0
ways = []
for iteration in range(steps):
    error = w * distance + b - velocity
    ways.append((w, b, np.mean(error**2)))
    w -= rate * np.mean(2 * error * distance)
    b -= rate * np.mean(2 * error)
    if iteration in (0, 1, 2, 5, 10, 20, 50, 100, 200, 299):
        line = _("iteration {n:3d}: loss {loss:9.2f}, then w = {w:7.3f}, b = {b:7.3f}")
        print(line.format(n=iteration, loss=ways[-1][2], w=w, b=b))

# %% [markdown]
# With Lernwerk the gradient is asked for, and an optimizer does the step: SGD is the plain descent,
# weight minus learning rate times gradient. Later recipes only exchange the optimizer.

# %%
parameters = [Variable(0.0, dtype="float64", name=name) for name in "wb"]
mean_squared_error = losses.MeanSquaredError()
descent = optimizers.SGD(learning_rate=rate)
for _iteration in range(steps):
    wrong = mean_squared_error(velocity, parameters[0] * distance + parameters[1])
    descent.apply(gradient(wrong, parameters), parameters)
run.same("w", w, parameters[0].numpy())
run.same("b", b, parameters[1].numpy())
run.same(_("last loss"), ways[-1][2], wrong.numpy())

# %% [markdown]
# Blind search asked for the loss about 3000 times and stopped one step beside the lowest point. The
# descent has calculated 300 times and is closer than a hundredth.

# %%
exact_w, exact_b = np.polyfit(distance, velocity, 1)
print(_("lowest point, calculated: w = {w:.4f}, b = {b:.4f}").format(w=exact_w, b=exact_b))
away = float(np.hypot(w - exact_w, b - exact_b))
run.reach(_("distance from the lowest point"), away, at_most=0.01)

all_w, all_b, _losses = zip(*ways, strict=True)
with style.styled():
    figure = style.new_figure(6.0, 3.6)
    axes = style.new_axes(figure, _("two parameters on their way"))
    axes.plot(all_w, color=style.POINTS, label="w")
    axes.plot(all_b, color=style.TRAINING, label="b")
    axes.axhline(exact_w, color=style.QUIET, linewidth=0.8, linestyle=":")
    axes.axhline(exact_b, color=style.QUIET, linewidth=0.8, linestyle=":")
    axes.set_xlabel(_("iteration"))
    axes.legend()
run.show("parameters", figure)

# %% [markdown]
# The first steps lift both parameters, because every speed is too small at first. Only then b finds
# out that it has gone in the wrong direction, and turns: the line pivots about the middle of the
# data. Two recipes further on this way is seen from above.
