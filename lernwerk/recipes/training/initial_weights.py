"""The variance of a sum of 250 inputs, and the weights that tame it.

A neuron with 250 inputs adds 250 products. With weights from N(0, 1) and inputs of 1 the
variances add up as well: the sum has variance 250, a standard deviation of nearly 16. The sigmoid
of a number so large is 0 or 1 and its slope is 0: the neuron is saturated before it has learned
anything.

Xavier's weights have variance 1/n, so that the sum of n of them has variance 1. He's have 2/n,
since the ReLU throws half of it away.

Step: 25
Source: X. Glorot and Y. Bengio 2010, Understanding the difficulty of training deep feedforward
    neural networks, AISTATS; K. He, X. Zhang, S. Ren and J. Sun 2015, Delving deep into
    rectifiers, arXiv:1502.01852.
"""

# %%
import numpy as np

from lernwerk import initializers, ops
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
INPUTS = 250
NEURONS = 20_000

# %% [markdown]
# Many neurons, each with 250 inputs that are all 1, so that the sum is that of the weights.

# %%
VARIANCES = {"N(0, 1)": 1.0, "Xavier": 1 / INPUTS, "He": 2 / INPUTS}
sums = {
    name: random.normal(0, np.sqrt(variance), (INPUTS, NEURONS)).sum(axis=0)
    for name, variance in VARIANCES.items()
}
for name, variance in VARIANCES.items():
    expected = INPUTS * variance
    run.reach(
        _("variance of the sum, {name}").format(name=name), sums[name].var(),
        at_least=0.95 * expected, at_most=1.05 * expected,
    )  # fmt: skip

# %% [markdown]
# The slope of the sigmoid is largest at 0: 1/4. What is left of it on average?

# %%
for name in ("N(0, 1)", "Xavier"):
    outputs = 1 / (1 + np.exp(-sums[name]))
    saturated = ((outputs < 0.01) | (outputs > 0.99)).mean()
    print(
        _("{name}: mean slope {slope:.3f}, saturated {saturated:.1%}").format(
            name=name, slope=(outputs * (1 - outputs)).mean(), saturated=saturated
        )
    )
    limits = {"at_least": 0.7} if name == "N(0, 1)" else {"at_most": 0.001}
    run.reach(_("saturated neurons, {name}").format(name=name), saturated, unit="%", **limits)

# %% [markdown]
# Lernwerk's initializers draw such weights; the sum is an operation. Glorot (that is Xavier's
# family name) divides by the mean of inputs and outputs, 2 / (n + m), for the sake of the way
# back: with as many outputs as inputs it is 1/n.

# %%
ours = {
    "N(0, 1)": initializers.RandomNormal(stddev=1.0, seed=run.seed),
    "Xavier": initializers.GlorotNormal(seed=run.seed),
    "He": initializers.HeNormal(seed=run.seed),
}
for name, initializer in ours.items():
    weights = initializer((INPUTS, INPUTS))
    added = ops.ones((1, INPUTS)) @ weights
    run.same(
        _("variance of 250 sums, {name}").format(name=name),
        weights.numpy().astype(float).sum(axis=0).var(), ops.var(added).item(),
        tolerance=1e-3,
    )  # fmt: skip
    run.reach(
        _("variance of the weights, {name}").format(name=name), ops.var(weights).item(),
        at_least=0.95 * VARIANCES[name], at_most=1.05 * VARIANCES[name],
    )  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(7.2, 4.0)
    panels = figure.subplots(2, 2, sharex="col")
    for (left, right), name, colour in zip(
        panels, ("N(0, 1)", "Xavier"), (style.TRAINING, style.VALIDATION), strict=True
    ):
        title = _("{name}: variance {v:.3g}").format(name=name, v=sums[name].var())
        left.hist(sums[name], bins=np.linspace(-50, 50, 101), color=colour)
        left.set(title=title, ylabel=_("neurons"))
        right.hist(1 / (1 + np.exp(-sums[name])), bins=np.linspace(0, 1, 51), color=colour)
    panels[1, 0].set_xlabel(_("sum of 250 inputs"))
    panels[1, 1].set_xlabel(_("sigmoid of the sum"))
run.show("sums", figure)
