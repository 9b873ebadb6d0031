"""A loss curve, and the loss as a landscape.

The loss of a line depends on two numbers, w and b: it is a landscape over a map. Descent is a walk
in it, blindfold, by the slope under the foot. For squared errors of a line the landscape is a bowl,
but a long one: steep across, nearly flat along.

Look at the path in the landscape: it runs down the steep side within a few steps and then creeps
along the valley. The loss curve shows the same from the side: a fall, and then a long slope. The
two speeds are the two curvatures of the bowl, and the recipe measures them.

Step: 5
Source: B. T. Polyak 1964, Some methods of speeding up the convergence of iteration methods, USSR
    Computational Mathematics and Mathematical Physics 4. Data: E. Hubble 1929.
"""

# %%
import numpy as np

from lernwerk import Input, Sequential, layers, optimizers, plots
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
nebulae = historical.nebulae()
distance, velocity = nebulae.x[:, 0], nebulae.y  # in million parsecs, in km/s


def loss(w, b):
    return np.mean((w * distance + b - velocity) ** 2)


# %%
rate, steps = 0.1, 200
w, b = -200.0, -250.0
path, curve = [(w, b)], []
for _iteration in range(steps):
    error = w * distance + b - velocity
    curve.append(np.mean(error**2))
    w -= rate * np.mean(2 * error * distance)
    b -= rate * np.mean(2 * error)
    path.append((w, b))
for iteration in (0, 1, 2, 5, 10, 20, 50, 100, 199):
    print(_("iteration {n:3d}: loss {loss:9.0f}").format(n=iteration, loss=curve[iteration]))

# %% [markdown]
# With Lernwerk a line is a layer: Dense with one unit, whose weight is w and whose bias is b. `fit`
# does the whole descent, one step an epoch because the batch holds all 24 rows, and returns the
# loss curve.

# %%
model = Sequential([Input((1,)), layers.Dense(1, dtype="float64")])
model.set_weights([np.array([[-200.0]]), np.array([-250.0])])
model.compile(optimizers.SGD(learning_rate=rate), loss="mean_squared_error")
history = model.fit(nebulae.x, velocity, batch_size=24, epochs=steps, shuffle=False, verbose=0)
run.same(_("loss curve"), curve, history.history["loss"], tolerance=1e-5)
run.same(_("w and b"), (w, b), [each.item() for each in model.get_weights()], tolerance=1e-5)

# %% [markdown]
# The curvatures of a bowl are the eigenvalues of its second derivatives. In each direction the
# distance from the lowest point shrinks by 1 - rate * curvature in a step, and the loss above the
# lowest by the square of that.

# %%
second = 2 * np.array([[np.mean(distance**2), distance.mean()], [distance.mean(), 1.0]])
flat, steep = np.linalg.eigvalsh(second)
lowest = loss(*np.polyfit(distance, velocity, 1))
along = (curve[-1] - lowest) / (curve[-2] - lowest)
print(_("curvature {steep:.3f} across and {flat:.3f} along").format(steep=steep, flat=flat))
print(_("rest after a step: {a:.4f} across, {b:.4f} along").format(
    a=(1 - rate * steep) ** 2, b=(1 - rate * flat) ** 2))  # fmt: skip
away = abs(along - (1 - rate * flat) ** 2)
run.reach(_("measured rest in the last step, beside theory"), away, at_most=1e-3)

# %%
with style.styled():
    figure = style.new_figure(5.6, 3.6)
    axes = style.new_axes(figure, _("loss curve"))
    axes.semilogy(np.array(curve) - lowest, color=style.TRAINING)
    axes.set(xlabel=_("iteration"), ylabel=_("loss above the lowest"))
    axes.yaxis.set_major_formatter("{x:g}")
run.show("curve", figure)

ranges = {"first": (-300, 900), "second": (-350, 450)}
run.show("surface", plots.loss_surface(loss, **ranges, path=path))

# %% [markdown]
# The film walks around the landscape while the descent goes on.

# %%
frames = []
for frame in range(0, 20, run.choose(1, short=10)):
    walked = path[: 2 + int(1.3**frame)]
    view = (35.0, 2.5 * frame - 95.0)
    frames.append(plots.loss_surface(loss, **ranges, path=walked, steps=30, view=view))
run.film("walk", frames, seconds=0.2)
