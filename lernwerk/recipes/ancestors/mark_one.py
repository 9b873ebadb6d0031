"""The perceptron, and the Mark I that read digits.

Frank Rosenblatt's perceptron of 1958 learned to see from examples. Its machine, the Mark I, looked
through 400 photocells, 20 x 20, wired at random to 512 association units; the weights from these
to the response units were potentiometers, turned by motors after every mistake. The Navy, wrote
the New York Times, expected it to walk, talk and be conscious of its existence one day.

What to look at: the theorem that learning comes to an end, its bound measured on two digits and on
hundreds of made-up problems; ten digits read by a machine wired at random; and the four points
that ended the enthusiasm.

Year: 1958
Source: F. Rosenblatt 1958, The perceptron, Psychological Review 65, 386-408; F. Rosenblatt 1960,
Perceptron simulation experiments, Proceedings of the IRE 48, 301-309; A. B. J. Novikoff 1962, On
convergence proofs on perceptrons; M. Minsky and S. Papert 1969, Perceptrons, MIT Press.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk.classics import MarkOne, Perceptron, mistake_bound
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import confusion_matrix
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()

# %% [markdown]
# ## The retina
#
# MNIST has 28 x 28 pixels, the retina 20 x 20 photocells. Each cell averages the light on its area
# (1.4 pixels wide) and is on where this is more than a quarter of white.

# %%
edges = np.linspace(0, 28, 21)
begin, end = edges[:-1, None], edges[1:, None]
pixel = np.arange(28)
area = np.clip(np.minimum(end, pixel + 1) - np.maximum(begin, pixel), 0, None) / 1.4  # (20, 28)


def retina(pictures: np.ndarray) -> np.ndarray:
    """Which photocells are on, bool (rows, 400)."""
    light = area @ pictures.astype(np.float64) @ area.T
    return (light > 64).reshape(len(pictures), 400)


(x_train, y_train), (x_test, y_test) = mnist.load_data()
order = random.permutation(len(x_train))[: run.choose(20_000, short=4000)]
seen, digit = retina(x_train[order]), y_train[order].astype(int)
test, test_digit = retina(x_test), y_test.astype(int)

# %% [markdown]
# ## Learning comes to an end
#
# If a plane separates two classes with the margin gamma, and no input is longer than R, then a
# perceptron makes at most
#
# $$ (R / gamma)^2 $$
#
# mistakes, ever, in whatever order the examples come and however many there are. The proof takes a
# few lines: every mistake brings the weights closer to the right direction by at least gamma,
# while their length grows only with the root of the number of mistakes. First zeros against ones.

# %%
two = np.flatnonzero(digit < 2)[: run.choose(2000, short=300)]
bound, radius, gamma = mistake_bound(seen[two], digit[two], rounds=run.choose(2000, short=500))
machine = Perceptron(seed=run.seed).fit(seen[two], digit[two])
print(_("mistakes in each epoch: {mistakes}").format(mistakes=machine.mistakes))
print(
    _("R = {radius:.1f}, gamma = {gamma:.3f}, bound {bound:.0f}").format(
        radius=radius, gamma=gamma, bound=bound
    )
)
run.reach(_("mistakes over the bound"), sum(machine.mistakes) / bound, at_most=1)
run.reach(_("mistakes in the last epoch"), machine.mistakes[-1], at_most=0)
pair = test_digit < 2
run.reach(
    _("zeros and ones of the test set"),
    machine.score(test[pair], test_digit[pair]),
    at_least=0.99,
    unit="%",
)
run.show("zero_against_one", machine.picture())

# %% [markdown]
# Now many problems made up at random: points on a sphere, those that lie too near to a plane taken
# out, so that the margin is known. Every point of the picture is a whole training. None may lie
# above the line.

# %%
bounds, counts = [], []
for _problem in run.steps(range(run.choose(300, short=30)), _("problem")):
    dimensions = int(random.choice([3, 10, 30]))
    margin = 10 ** random.uniform(-2, -0.7)
    plane = random.normal(size=dimensions)
    plane /= np.linalg.norm(plane)
    points = random.normal(size=(200, dimensions))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = points[np.abs(points @ plane) > margin]
    sides = points @ plane > 0
    if len(set(sides)) < 2:
        continue
    learner = Perceptron(epochs=100_000, seed=run.seed).fit(points, sides)
    smallest = np.abs(points @ plane).min()  # a true margin, with the threshold at 0
    bounds.append(2 / smallest**2)  # the constant input makes R the root of 2
    counts.append(sum(learner.mistakes))
shares = np.array(counts) / bounds
print(
    _("{count} problems: on average {share:.1%} of the bound").format(
        count=len(shares), share=shares.mean()
    )
)
run.reach(_("largest number of mistakes over its bound"), shares.max(), at_most=1)

# %%
with styled():
    figure = new_figure(5.0, 3.6)
    axes = new_axes(figure, _("mistakes until none is made any more"))
    axes.loglog(bounds, counts, ".", label=_("one training"))
    axes.loglog(bounds, bounds, color="grey", label=_("bound (R / gamma)²"))
    axes.set(xlabel=_("bound"), ylabel=_("mistakes"))
    axes.set_xticks([100, 1000, 10_000], ["100", "1000", "10000"])
    axes.set_yticks([10, 100, 1000], ["10", "100", "1000"])
    axes.legend()
run.show("convergence_theorem", figure)

# %% [markdown]
# ## The Mark I reads digits
#
# 512 association units, each with forty connections to random photocells, half of them exciting
# and half inhibiting on average; ten response units, one for each digit (the machine had eight).
# Only the last layer learns. It never comes to rest here, and so what it reads goes up and down by
# some points from epoch to epoch: the last mistake has as much say as all before.

# %%
mark = MarkOne(association_units=512, connections=40, seed=run.seed)
frames = []
mark.epochs = 1
mark.fit(seen, digit)
associations = mark.associations(seen)
for _epoch in run.steps(range(run.choose(9, short=2)), _("epoch")):
    frames.append(mark.picture())
    mark.learn(associations, digit)
answers = mark.predict(test)
print(_("mistakes in each epoch: {mistakes}").format(mistakes=mark.mistakes))
run.reach(
    _("digits of the test set read by the Mark I"),
    np.mean(answers == test_digit),
    at_least=run.choose(0.8, short=0.7),
    unit="%",
)
run.film("mark_one", [*frames, mark.picture()], seconds=0.5)
run.show("weights", mark.picture())
run.show("confusions", confusion_matrix(test_digit, answers, list("0123456789")))

# %% [markdown]
# ## Four points that it cannot learn
#
# "Either ... or": no line separates (0, 1) and (1, 0) from (0, 0) and (1, 1). The mistakes never
# end, and whatever the weights, at least one point is wrong. In 1969 Minsky and Papert showed how
# much this rules out. Random association units in between do help here; but nobody knew yet how to
# teach them.

# %%
points, either = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
stuck = Perceptron(epochs=1000, seed=run.seed).fit(points, either)
run.reach(_("mistakes in the last of 1000 epochs at either ... or"), stuck.mistakes[-1], at_least=1)
run.reach(_("margin of either ... or"), mistake_bound(points, either)[2], at_most=0)
run.reach(_("right answers at either ... or, of 4"), 4 * stuck.score(points, either), at_most=3)
both_signs = np.concatenate([points, 1 - points], axis=1)
helped = MarkOne(association_units=40, connections=3, epochs=1000, seed=run.seed).fit(
    both_signs, either
)
print(
    _("with random association units: {right} of 4").format(
        right=int(4 * helped.score(both_signs, either))
    )
)

# %%
with styled():
    figure = new_figure(6.4, 3.0)
    left, right = figure.subplots(1, 2)
    left.plot(stuck.mistakes[:100])
    left.set(title=_("mistakes at either ... or"), xlabel=_("epoch"), ylim=(0, 4.3))
    for label, colour in ((0, "#0b5e91"), (1, "#cc7a29")):
        right.scatter(*points[either == label].T, color=colour, s=90, zorder=3)
    for _epoch in range(30):
        stuck.learn(points, either)
        a, b, c = stuck.weights[:, 0]
        if b != 0:
            right.axline((0, -c / b), slope=-a / b, color="grey", lw=0.8, alpha=0.4)
    right.set(title=_("its lines after each of 30 more epochs"), xlabel="a", ylabel="b")
    right.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal")
run.show("either_or", figure)
