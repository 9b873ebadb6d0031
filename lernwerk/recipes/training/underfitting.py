"""Underfitting: a network too small for its task.

Two spirals turn around one another; which arm is a point on? A network without a hidden layer can
only cut the plane with a line, and it is wrong on the points it learns from nearly as often as on
new ones. That is the sign of underfitting: both losses are high, and close together. More data
does not help; more neurons, another layer, more steps do.

Look at the boundary of each network, and at the two curves beneath: training and validation fall
together until the network is large enough.

Step: 24
Source: K. J. Lang and M. J. Witbrock 1988, Learning to tell two spirals apart, Proceedings of the
    1988 Connectionist Models Summer School; S. Geman, E. Bienenstock and R. Doursat 1992, Neural
    networks and the bias/variance dilemma, Neural Computation 4.
"""

# %%
import numpy as np

from lernwerk import Sequential, layers
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
random = run.generator()
epochs = run.choose(200, short=5)


# %%
def spirals(count):
    """``count`` points on two arms of one and a quarter turns, with a little noise."""
    arm = random.integers(0, 2, count)
    turn = 2.5 * np.pi * np.sqrt(random.uniform(0.02, 1, count))
    angle = turn + np.pi * arm
    places = turn[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return 0.4 * (places + random.normal(0, 0.15, (count, 2))), arm


points, arms = spirals(600)
held_back, held_arms = spirals(600)

# %% [markdown]
# Five networks, from none to two hidden layers. All learn equally long.

# %%
SIZES = [(), (2,), (4,), (8,), (32, 32)]
results = []
for sizes in SIZES:
    set_random_seed(run.seed)
    hidden = [layers.Dense(size, "tanh") for size in sizes]
    model = Sequential([layers.Input((2,)), *hidden, layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.01
    model.fit(points, arms, batch_size=50, epochs=epochs, verbose=0)
    shares = [
        model.evaluate(*each, verbose=0)[1] for each in ((points, arms), (held_back, held_arms))
    ]
    results.append((model, *shares))
    print(
        _("hidden {sizes}: {a:.1%} of training, {b:.1%} of held-back points").format(
            sizes=sizes, a=shares[0], b=shares[1]
        )
    )

# %%
run.reach(
    _("accuracy on training points without hidden layer"), results[0][1], at_most=0.75, unit="%"
)
run.reach(
    _("accuracy on held-back points, two hidden layers"), results[-1][2],
    at_least=run.choose(0.97, short=0.4), unit="%",
)  # fmt: skip

# %%
across = np.linspace(-3.6, 3.6, 100)
grid = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
with style.styled():
    figure = style.new_figure(8.8, 4.6)
    above = figure.add_gridspec(2, len(SIZES), height_ratios=(1.1, 1))
    for column, (sizes, (model, training, _held_share)) in enumerate(
        zip(SIZES, results, strict=True)
    ):
        axes = figure.add_subplot(above[0, column])
        guesses = model.predict(grid, verbose=0).reshape(100, 100)
        axes.contourf(across, across, guesses, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.6)
        colours = np.where(arms == 1, style.VALIDATION, style.TRAINING)
        axes.scatter(*points.T, c=colours, s=2)
        name = " + ".join(map(str, sizes)) or _("none")
        axes.set(title=f"{name}: {training:.0%}", xticks=[], yticks=[], aspect="equal")
    axes = figure.add_subplot(above[1, :])
    names = [" + ".join(map(str, sizes)) or _("none") for sizes in SIZES]
    axes.plot(
        names, [1 - each[1] for each in results], "o--", color=style.TRAINING, label=_("training")
    )
    axes.plot(
        names, [1 - each[2] for each in results], "o-", color=style.VALIDATION, label=_("held back")
    )
    axes.set(xlabel=_("hidden neurons"), ylabel=_("share of errors"), ylim=(0, 0.6))
    axes.legend()
run.show("underfitting", figure)
