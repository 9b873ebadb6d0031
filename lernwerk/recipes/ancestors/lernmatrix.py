"""The Lernmatrix: a memory of wires.

Karl Steinbuch built it in Karlsruhe in 1961: columns of wires for features, rows for meanings, and
at each crossing an element that conducts once both of its wires have carried a signal together.
Shown a pattern with its meaning once, the matrix knows it. Features then find their meaning, and
the other way round a meaning its features.

What to look at: 26 letters learned at one glance, why every feature should have a second wire for
"not there", and how much fits in before the memory is full.

Year: 1961
Source: K. Steinbuch 1961, Die Lernmatrix, Kybernetik 1, 36-45; D. J. Willshaw, O. P. Buneman and
H. C. Longuet-Higgins 1969, Non-holographic associative memory, Nature 222, 960-962.
"""

# %%
import numpy as np

from lernwerk.classics import Lernmatrix, letters
from lernwerk.classics.letters import NAMES
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## Letters at one glance
#
# 35 features, the dots of a letter; 26 meanings. With one wire for each feature a B also contains
# all dots of a P: shown a P, both rows carry the same current and both lamps light. A second wire
# for each feature, on where the dot is white, tells them apart.

# %%
alphabet, meanings = letters().reshape(26, -1), np.eye(26, dtype=bool)
simple = Lernmatrix(35, 26).fit(alphabet, meanings)
double = Lernmatrix(35, 26, both_signs=True).fit(alphabet, meanings)
for name, matrix in ((_("one wire"), simple), (_("two wires"), double)):
    lamps = matrix.predict(alphabet)
    doubtful = ["".join(np.array(list(NAMES))[row]) for row in lamps if row.sum() > 1]
    print(
        _("{name}: {count} letters light more than one lamp {doubtful}").format(
            name=name, count=len(doubtful), doubtful=doubtful
        )
    )
run.reach(
    _("letters known after one glance, two wires"),
    (double.predict(alphabet) == meanings).all(1).sum(),
    at_least=26,
)
run.reach(
    _("letters known after one glance, one wire"),
    (simple.predict(alphabet) == meanings).all(1).sum(),
    at_most=25,
)
run.reach(
    _("letters that their meaning brings back"),
    (double.features_of(meanings) == alphabet).all(1).sum(),
    at_least=26,
)

# %%
frames = []
growing = Lernmatrix(35, 26, both_signs=True)
for index in range(26):
    growing.learn(alphabet[index : index + 1], meanings[index : index + 1])
    if index % run.choose(1, short=9) == 0:
        frames.append(growing.picture())
run.film("learning_letters", frames, seconds=0.3)
run.show("lernmatrix", double.picture())

# %% [markdown]
# Now dots are flipped at random. The row with the most current is the letter with the fewest
# different dots, so the memory forgives much.

# %%
repeats = run.choose(400, short=20)
flipped = range(0, 13, 2)
known: dict[str, list[float]] = {_("one wire"): [], _("two wires"): []}
for count in flipped:
    spoiled = alphabet.repeat(repeats, axis=0)
    for picture in spoiled:
        picture[random.choice(35, count, replace=False)] ^= True
    truth = meanings.repeat(repeats, axis=0)
    for name, matrix in zip(known, (simple, double), strict=True):
        known[name].append((matrix.predict(spoiled) == truth).all(axis=1).mean())
run.reach(
    _("letters known with two of 35 dots flipped"), known[_("two wires")][1], at_least=0.9, unit="%"
)
with styled():
    figure = new_figure(5.4, 3.2)
    axes = new_axes(figure, _("letters whose lamp alone lights"))
    for name, values in known.items():
        axes.plot(flipped, 100 * np.array(values), "o-", label=name)
    axes.set(xlabel=_("dots flipped, of 35"), ylabel=_("share in %"), ylim=(0, 103))
    axes.legend()
run.show("flipped_dots", figure)

# %% [markdown]
# ## How much fits in?
#
# So far each meaning had a row of its own. If meanings are patterns as well, many rows share the
# wires, and far more pairs fit in than there are rows: until so many crossings are closed that
# rows light up which nobody meant. With n wires, k of them on in each pattern, M pairs close the
# share
#
# $$ p = 1 - (1 - k^2 / n^2)^M $$
#
# of all crossings. A row that should stay dark lights up where all k of its crossings happen to be
# closed, so with the probability p to the k. Up to about p = 1/2 there is hardly an error; then
# the memory breaks down.

# %%
n, k = 400, 9
sizes = [int(size) for size in np.linspace(100, 3000, run.choose(16, short=6))]
tested = run.choose(400, short=100)
xs, ys = np.zeros((2, max(sizes), n), dtype=bool)
for pattern in [*xs, *ys]:
    pattern[random.choice(n, k, replace=False)] = True
memory = Lernmatrix(n, n)
stored, filled, wrong, formula = 0, [], [], []
for size in run.steps(sizes, _("pairs")):
    memory.learn(xs[stored:size], ys[stored:size])
    stored = size
    answers = memory.predict(xs[:tested][:size])
    filled.append(memory.filled)
    wrong.append((answers & ~ys[: len(answers)]).sum(axis=1).mean())
    p = 1 - (1 - (k / n) ** 2) ** size
    formula.append((p, (n - k) * p**k))
theory = np.array(formula)
run.reach(
    _("largest difference of the closed share from the formula"),
    np.abs(filled - theory[:, 0]).max(),
    at_most=0.01,
    unit="%",
)
full = int(np.searchsorted(filled, 0.5))
print(_("half full with about {pairs} pairs on {rows} rows").format(pairs=sizes[full], rows=n))
run.reach(_("wrong lamps in an answer while less than half full"), max(wrong[:full]), at_most=1)
run.reach(
    _("wrong lamps in an answer at the end, {pairs} pairs").format(pairs=sizes[-1]),
    wrong[-1],
    at_least=20,
)

# %%
with styled():
    figure = new_figure(6.8, 3.0)
    left, right = figure.subplots(1, 2)
    left.plot(sizes, 100 * theory[:, 0], label=_("formula"))
    left.plot(sizes, 100 * np.array(filled), "o", ms=4, label=_("measured"))
    left.set(title=_("closed crossings in %"), xlabel=_("pairs stored"), ylim=(0, 100))
    right.plot(sizes, theory[:, 1], label=_("formula"))
    right.plot(sizes, wrong, "o", ms=4, label=_("measured"))
    right.set(title=_("wrong lamps in an answer"), xlabel=_("pairs stored"))
    for axes in (left, right):
        axes.axvline(np.log(2) * n**2 / k**2, ls="--", color="grey", label=_("half full"))
    right.legend()
run.show("capacity", figure)
