"""ART-1: learning without forgetting.

A network that learns something new by changing its weights destroys what these weights knew. Gail
Carpenter and Stephen Grossberg called it the dilemma of stability and plasticity, and solved it in
1987 by resonance: a picture changes a category only if it is found again in what that category
expects. How well it must match is called vigilance; what fits nowhere founds a category of its
own.

What to look at: the alphabet sorted at two vigilances; the digits 0 to 4 and then 5 to 9, learned
one after the other by ART-1 and by a plain network, which forgets the first five; and the price,
the number of categories.

Year: 1987
Source: G. A. Carpenter and S. Grossberg 1987, A massively parallel architecture for a
self-organizing neural pattern recognition machine, Computer Vision, Graphics, and Image Processing
37, 54-115.
Needs: mnist
"""

# %%
import numpy as np

import lernwerk as keras
from lernwerk.classics import ART1, letters
from lernwerk.classics.letters import NAMES
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## The alphabet
#
# Twenty-six letters, again and again, until nothing changes. A template only ever loses dots (it
# keeps what all its letters have in common), so this comes to rest after a few rounds, which is
# proved for ART-1 and for hardly any other network that learns without a teacher.

# %%
alphabet = letters().reshape(26, -1)
for vigilance in (0.5, 0.8):
    art = ART1(vigilance)
    rounds = 0
    known = None
    while known is None or not np.array_equal(known, art.templates):
        known = art.templates.copy()
        for index in random.permutation(26):
            art.learn(alphabet[[index]])
        rounds += 1
    groups = [""] * len(art.templates)
    for name, category in zip(NAMES, art.predict(alphabet), strict=True):
        groups[category] += name
    print(
        _(
            "vigilance {vigilance}: {count} categories, at rest after {rounds} rounds: {groups}"
        ).format(
            vigilance=vigilance,
            count=len(groups),
            rounds=rounds - 1,
            groups=" ".join(filter(None, groups)),
        )
    )
    run.show(f"alphabet_{vigilance:.1f}", art.picture())
    run.reach(
        _("rounds until the alphabet is at rest, vigilance {vigilance}").format(
            vigilance=vigilance
        ),
        rounds - 1,
        at_most=6,
    )

# %% [markdown]
# ## First 0 to 4, then 5 to 9
#
# Digits of 28 x 28 pixels, each of them on or off; each pixel also has a twin that is on where it
# is off, so that all pictures are of equal size. Nobody tells ART-1 which digit it sees. After
# learning, each category is named after the digit it was given most often. Then come the other
# five digits; the first are not shown again.

# %%
(x_train, y_train), (x_test, y_test) = mnist.load_data()


def part(x: np.ndarray, y: np.ndarray, digits: range, count: int) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures of these digits by chance: both signs of each pixel, and the digits."""
    chosen = random.permutation(np.flatnonzero(np.isin(y, digits)))[:count]
    on = x[chosen].reshape(count, -1) > 127
    return np.concatenate([on, ~on], axis=1), y[chosen].astype(int)


count = run.choose(2000, short=250)
low, high = range(5), range(5, 10)
first, second = part(x_train, y_train, low, count), part(x_train, y_train, high, count)
first_test, second_test = (
    part(x_test, y_test, each, run.choose(1000, short=200)) for each in (low, high)
)


def names(art: ART1, *parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The name of each category: the digit that it was given most often in these parts."""
    votes = np.zeros((len(art.templates), 10))
    for x, y in parts:
        np.add.at(votes, (art.predict(x), y), 1)
    return votes.argmax(axis=1)


def accuracy(
    art: ART1, named: np.ndarray, part: tuple[np.ndarray, np.ndarray], vigilance: float
) -> float:
    """The share of pictures whose category has the right name."""
    return float(np.mean(named[art.predict(part[0], vigilance)] == part[1]))


VIGILANCE = 0.9
art = ART1(VIGILANCE)
art.learn(first[0])
named = names(art, first)
learned_before = accuracy(art, named, first, VIGILANCE)
unseen_before = accuracy(art, named, first_test, 0.0)
categories = len(art.templates)
art.learn(second[0])
named = names(art, first, second)
learned_after = accuracy(art, named, first, VIGILANCE)
unseen_after = accuracy(art, named, first_test, 0.0)
print(
    _("{before} categories, after the second five digits {after}").format(
        before=categories, after=len(art.templates)
    )
)

# %% [markdown]
# The plain network: one hidden layer, all ten outputs, trained first on the one half, then on the
# other.

# %%
model = keras.Sequential(
    [keras.Input((784,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
scores = {}
for name, (x, y) in (("before", first), ("after", second)):
    model.fit(
        x[:, :784].astype("float32"), y, epochs=run.choose(10, short=20), batch_size=32, verbose=0
    )
    scores[name] = [
        model.evaluate(x[:, :784].astype("float32"), y, verbose=0)[1]
        for x, y in (first, first_test, second_test)
    ]
network_lost = scores["before"][1] - scores["after"][1]
print(
    _("plain network at 0 to 4: {before:.1%}, after learning 5 to 9: {after:.1%}").format(
        before=scores["before"][1], after=scores["after"][1]
    )
)
print(
    _(
        "ART-1 at 0 to 4: {before:.1%}, after learning 5 to 9: {after:.1%}; 5 to 9: {second:.1%}"
    ).format(
        before=unseen_before, after=unseen_after, second=accuracy(art, named, second_test, 0.0)
    )
)
run.reach(_("what the plain network lost of 0 to 4"), network_lost, at_least=0.3, unit="%")
run.reach(
    _("what ART-1 lost of the pictures it had learned"),
    learned_before - learned_after,
    at_most=0.02,
    unit="%",
)
run.reach(
    _("what ART-1 lost of other pictures of 0 to 4"),
    unseen_before - unseen_after,
    at_most=run.choose(0.1, short=0.15),
    unit="%",
)

# %% [markdown]
# The small loss at pictures it has not seen is no forgetting: with ten digits to choose from there
# is more to confuse than with five. For comparison, an ART-1 that sees all ten digits mixed.

# %%
mixed = random.permutation(2 * count)
together = ART1(VIGILANCE)
together.learn(np.concatenate([first[0], second[0]])[mixed])
all_named = names(together, first, second)
print(
    _("ART-1 with all ten digits mixed, at 0 to 4: {share:.1%}").format(
        share=accuracy(together, all_named, first_test, 0.0)
    )
)
run.reach(
    _("other pictures of 0 to 4: learned one after the other, less than mixed"),
    accuracy(together, all_named, first_test, 0.0) - unseen_after,
    at_most=run.choose(0.03, short=0.1),
    unit="%",
)

# %%
with styled():
    figure = new_figure(5.4, 3.0)
    axes = new_axes(figure, _("right at pictures of 0 to 4, in %"))
    axes.plot(
        [0, 1],
        [100 * scores["before"][1], 100 * scores["after"][1]],
        "o-",
        label=_("plain network"),
    )
    axes.plot([0, 1], [100 * unseen_before, 100 * unseen_after], "o-", label=_("ART-1"))
    axes.set(xlim=(-0.3, 1.3), ylim=(-3, 103), xticks=[0, 1])
    axes.set_xticklabels([_("after learning 0 to 4"), _("after learning 5 to 9")])
    axes.legend(loc="center right")
run.show("forgetting", figure)

# %% [markdown]
# ## The price
#
# High vigilance keeps what is different apart, and so needs more and more categories: in the end
# nearly one for each picture. Low vigilance needs few, but these mix digits, and a noisy picture
# takes a dot from its template for ever.

# %%
some = first[0][: run.choose(1000, short=150)], first[1][: run.choose(1000, short=150)]
vigilances = run.choose([0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95], short=[0.6, 0.8, 0.95])
made, right = [], []
frames = []
for vigilance in run.steps(vigilances, _("vigilance")):
    other = ART1(vigilance)
    other.learn(some[0])
    made.append(len(other.templates))
    right.append(accuracy(other, names(other, some), first_test, 0.0))
    onsets = ART1(vigilance)
    onsets.templates = other.templates[:, :784]
    frames.append(onsets.picture())
run.film("vigilance", frames, seconds=1.0)
run.reach(_("categories for each picture at vigilance 0.95"), made[-1] / len(some[0]), at_least=0.5)
with styled():
    figure = new_figure(6.6, 2.8)
    many, good = figure.subplots(1, 2)
    many.plot(vigilances, made, "o-")
    many.axhline(len(some[0]), ls="--", color="grey")
    many.set(title=_("categories (dashed: pictures)"), xlabel=_("vigilance"), ylim=(0, None))
    good.plot(vigilances, 100 * np.array(right), "o-")
    good.set(title=_("right at other pictures of 0 to 4, in %"), xlabel=_("vigilance"))
run.show("price", figure)
