"""Orientation cells: a cortex organises itself.

In 1962 Hubel and Wiesel found cells in the brain of the cat that answer to a bar of light in one
orientation only, and next to each other cells with similar ones. Are they wired that way from
birth? Christoph von der Malsburg showed in 1973 that this need not be: it is enough that cells see
bars, compete, and follow Hebb's rule with a constant sum of weights.

A sheet of 169 exciting and 169 inhibiting cells looks through random connections at a retina of 19
cells. Each of nine bars is shown twenty times. What to look at: the map of preferred orientations
before and after, and what becomes of a cortex that has seen nothing but vertical bars.

Year: 1973
Source: C. von der Malsburg 1973, Self-organization of orientation sensitive cells in the striate
cortex, Kybernetik 14, 85-100; C. Blakemore and G. F. Cooper 1970, Development of the brain depends
on the visual environment, Nature 228, 477-478.
"""

# %%
import numpy as np

from lernwerk.classics import OrientationCells
from lernwerk.language import translate as _
from lernwerk.plots.style import new_figure, styled
from lernwerk.recipes import Run

run = Run.current()

# %% [markdown]
# The nine bars on the retina, twenty degrees apart; each lights seven of its nineteen cells.

# %%
cortex = OrientationCells(seed=run.seed)
bars = cortex.bars()
with styled():
    figure = new_figure(7.2, 1.2)
    for index, (bar, axes) in enumerate(zip(bars, figure.subplots(1, 9), strict=True)):
        axes.scatter(
            *cortex.retina.T, c=bar, cmap="Greys", vmin=0, vmax=1.2, s=24, ec="grey", lw=0.5
        )
        axes.set(title=f"{10 + 20 * index}°", xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")
        axes.set_axis_off()
run.show("bars", figure)

# %% [markdown]
# Three numbers say how orderly the sheet is: how sharply the weights of a cell prefer one
# orientation (0: none, 1: that one alone), the angle between the preferences of neighbours (45
# degrees if they are by chance), and to how many of the nine bars a cell answers.


# %%
def measure(cortex: OrientationCells) -> tuple[float, float, float]:
    """(sharpness, degrees between neighbours, bars that an active cell answers to)."""
    angles, sharpness = cortex.preferences()
    answered = (cortex.predict(bars) > 0).sum(axis=0)
    return (
        float(np.median(sharpness)),
        float(np.rad2deg(cortex.disorder(angles))),
        float(answered[answered > 0].mean()),
    )


before = measure(cortex)
run.show("before", cortex.picture())

# %%
frames = [cortex.picture()]
course = [before]
for number in run.steps(range(20), _("round")):
    cortex.fit(bars, epochs=1)
    course.append(measure(cortex))
    if number % run.choose(1, short=10) == 0:
        frames.append(cortex.picture())
after = course[-1]
run.film("self_organisation", frames, seconds=0.25)
run.show("after", cortex.picture())
for name, one, other in zip(
    (_("sharpness"), _("degrees between neighbours"), _("bars answered")),
    before,
    after,
    strict=True,
):
    print(f"{name}: {one:.2f} -> {other:.2f}")
run.reach(_("sharpness after learning over sharpness before"), after[0] / before[0], at_least=3)
run.reach(_("degrees between the preferences of neighbours (by chance 45)"), after[1], at_most=36)
covered = len(set(cortex.predict(bars).argmax(axis=0)[cortex.predict(bars).max(axis=0) > 0]))
run.reach(_("orientations that some cell prefers"), covered, at_least=9)

# %%
with styled():
    figure = new_figure(6.8, 2.6)
    titles = (_("sharpness of the weights"), _("degrees between neighbours"), _("bars answered"))
    for axes, values, title in zip(
        figure.subplots(1, 3), np.transpose(course), titles, strict=True
    ):
        axes.plot(values, "o-", ms=3)
        axes.set(title=title, xlabel=_("round"))
run.show("course", figure)

# %% [markdown]
# ## A childhood among stripes
#
# Kittens that grew up seeing only vertical stripes later did not react to horizontal ones. Our
# cortex now sees only the three bars around the vertical. Two thirds of its cells, twice as many
# as before, come to prefer what they were shown; flat bars find only cells that happened to be
# wired for them and are answered half as strongly. Cells learn what they see, and nothing else.

# %%
upright, flat = (
    [3, 4, 5],
    [0, 1, 7, 8],
)  # bars within 20 degrees of the vertical, within 30 of the horizontal
deprived = OrientationCells(seed=run.seed).fit(bars[upright], epochs=60)


def upright_cells(cortex: OrientationCells) -> float:
    """The share of cells whose weights prefer an orientation within 30 degrees of the vertical."""
    angles, _sharpness = cortex.preferences()
    return float(np.mean(np.abs(np.rad2deg(angles) - 90) < 30))


activity = deprived.predict(bars).sum(axis=1)
print(
    _("cells that prefer upright bars, raised among all bars: {share:.0%}").format(
        share=upright_cells(cortex)
    )
)
print(
    _(
        "answer to flat bars over answer to upright ones, raised among upright bars: {ratio:.2f}"
    ).format(ratio=activity[flat].mean() / activity[upright].mean())
)
run.reach(
    _("cells that prefer upright bars, raised among them"),
    upright_cells(deprived),
    at_least=0.55,
    unit="%",
)
run.show("raised_among_stripes", deprived.picture())
