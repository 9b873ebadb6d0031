"""The gradient of one parameter.

Blind search tries where to go. The slope of the loss tells it: where the loss rises to the right,
go left; where it is steep, go far. The slope is the derivative of the loss, and with several
parameters the list of all slopes is called the gradient.

Hubble's law says that the speed of a nebula is proportional to its distance, speed = H * distance.
That is a line with one parameter, and its loss is a parabola over H. The recipe takes its slope
twice, by trying and by calculating, and then goes downhill: in each step against the slope, times a
number that is called the learning rate.

Look at the steps in the picture: they become shorter by themselves, because the slope does.

Step: 2
Source: A.-L. Cauchy 1847, Méthode générale pour la résolution des systèmes d'équations simultanées,
    Comptes rendus 25. E. Hubble 1929, Proceedings of the National Academy of Sciences 15.
"""

# %%
import numpy as np

from lernwerk import Variable, explain, gradient, plots
from lernwerk.datasets import historical
from lernwerk.language import translate as _
from lernwerk.recipes import Run

run = Run.current()
nebulae = historical.nebulae()
distance, velocity = nebulae.x[:, 0], nebulae.y  # in million parsecs, in km/s


def loss(H):
    return np.mean((H * distance - velocity) ** 2)


# %% [markdown]
# The slope by trying: go a little to the left and to the right, and divide the difference of the
# losses by the way between.
#
# $$ \frac{dL}{dH} \approx \frac{L(H + \varepsilon) - L(H - \varepsilon)}{2 \varepsilon} $$

# %%
H, little = 100.0, 0.001
tried = (loss(H + little) - loss(H - little)) / (2 * little)

# %% [markdown]
# The slope by calculating: the derivative of a square is twice what is squared, times the
# derivative of that. It costs no more than the loss itself.
#
# $$ \frac{dL}{dH} = \frac{1}{n} \sum_i 2 (H d_i - v_i) \, d_i $$


# %%
def slope(H):
    return np.mean(2 * (H * distance - velocity) * distance)


print(_("slope at H = 100: {a:.4f} tried, {b:.4f} calculated").format(a=tried, b=slope(H)))

# %% [markdown]
# The descent. Each step goes against the slope, as far as the learning rate allows.

# %%
rate = 0.1
path = [0.0]
for iteration in range(100):
    H = path[-1]
    if iteration % 10 == 0:
        line = _("iteration {n:2d}: H = {H:7.3f}, loss {loss:9.2f}, slope {slope:9.3f}")
        print(line.format(n=iteration, H=H, loss=loss(H), slope=slope(H)))
    path.append(H - rate * slope(H))

# %% [markdown]
# The same with Lernwerk. A Variable is a number that can be learned; what is calculated with it
# remembers how, so that nobody has to derive anything by hand. For a single nebula it can be read:
# the steps of the calculation, the slope of each, and their product, which is the chain rule.

# %%
learned = Variable(0.0, dtype="float64", name="H")
print(explain((learned * 2.0 - 1090.0) ** 2))

# %%
for _iteration in range(100):
    wrong = ((learned * distance - velocity) ** 2).mean()
    learned.assign_sub(rate * gradient(wrong, [learned])[0])
run.same(_("H after 100 steps"), path[-1], learned.numpy())

# %% [markdown]
# For a parabola the lowest point can be calculated directly, by setting the slope to zero. Descent
# is needed where that is impossible, as with every network; here it shows that the descent is
# right.
#
# $$ H = \sum_i d_i v_i / \sum_i d_i^2 $$

# %%
exact = distance @ velocity / (distance @ distance)
print(_("lowest point, calculated: {exact:.6f}").format(exact=exact))
run.reach(_("distance from the lowest point"), abs(path[-1] - exact), at_most=1e-6)
run.show("descent", plots.loss_curve(loss, (-50, 900), path=path, name="H"))

# %% [markdown]
# If every nebula has always had its speed, all of them were in one place 1/H ago. With H = 424 that
# is 2.3 thousand million years, less than the age of rocks that geologists had in their hands.
# Hubble's distances were about seven times too small: measured today, H is near 70.

# %%
KILOMETRES, SECONDS = 3.0857e19, 3.15576e16  # in a million parsecs, in a thousand million years
print(_("1/H: {age:.2f} thousand million years").format(age=KILOMETRES / exact / SECONDS))
