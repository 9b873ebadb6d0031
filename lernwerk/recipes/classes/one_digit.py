"""One digit against the rest, for all ten digits.

MNIST is 70000 handwritten digits of 28 x 28 pixels. A first question about them has the answer yes
or no: is this a five? The 784 pixels are the inputs, with a column of ones as the 785th, and the
program is logistic regression as before. Nobody tells it what a five looks like.

Ten such questions, ten sets of weights. Nine digits out of ten are no fives, so that "no" to
everything is right in nine of ten cases without knowing anything; the accuracy has to be seen
beside that, and beside the share of the fives that are found.

Look at the weights as pictures: blue pixels speak for the digit, orange ones against it.

Step: 11
Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner 1998, Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Variable, compiled, gradient, ops, plots
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import diverging
from lernwerk.recipes import Run

run = Run.current()
(pictures, digits), (test_pictures, test_digits) = mnist.load_data()
rows = run.choose(60_000, short=4_000)
pictures, digits = pictures[:rows], digits[:rows]


def prepared(pictures):
    pixels = pictures.reshape(len(pictures), -1).astype(np.float32)
    return np.column_stack([np.ones(len(pixels), np.float32), pixels])  # (n, 785)


X, X_test = prepared(pictures), prepared(test_pictures)

# %% [markdown]
# Logistic regression, from weights of zero. Pixels go up to 255 and are taken as they are, so the
# learning rate has to be small.

# %%
rate, steps = 1e-5, run.choose(100, short=20)


def sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2  # the same as 1 / (1 + exp(-z)), for large numbers as well


def learn(y):
    w = np.zeros(X.shape[1], np.float32)
    for _step in range(steps):
        w -= rate * X.T @ (sigmoid(X @ w) - y) / len(X)
    return w


# %%
weights, accuracies = [], []
for digit in run.steps(range(10), _("digit")):
    w = learn((digits == digit).astype(np.float32))
    says_yes, is_it = X_test @ w > 0, test_digits == digit
    weights.append(w)
    accuracies.append(np.mean(says_yes == is_it))
    line = _("{digit}: {right:.2%} right; {no:.2%} by saying no; {found:.1%} of them found")
    found = says_yes[is_it].mean()
    print(line.format(digit=digit, right=accuracies[-1], no=1 - is_it.mean(), found=found))

# %% [markdown]
# Eight and nine are the hardest: they share most of their ink with other digits. The zero and the
# one are the easiest.

# %%
gains = [right - np.mean(test_digits != digit) for digit, right in enumerate(accuracies)]
mean = np.mean(accuracies)
run.reach(_("mean of the ten accuracies"), mean, at_least=run.choose(0.97, short=0.93), unit="%")
run.reach(_("smallest gain over saying no"), min(gains), at_least=run.choose(0.03, 0.01), unit="%")

# %% [markdown]
# The same with Lernwerk for the five. `sigmoid_crossentropy` is the sigmoid function and the loss
# in one, which stays exact for large numbers; `compiled` lets the engine run the whole step.

# %%
five = (digits == 5).astype(np.float32)
w = Variable(np.zeros(X.shape[1], np.float32), name="w")


@compiled
def step(X, y):
    loss = ops.sigmoid_crossentropy(X @ w, y).mean()
    w.assign_sub(rate * gradient(loss, [w])[0])
    return loss


for _step in range(steps):
    step(X, five)
run.same(_("weights of the five"), weights[5], w.numpy(), tolerance=1e-5)
run.same(
    _("accuracy of the five"),
    accuracies[5],
    np.mean((X_test @ w.numpy() > 0) == (test_digits == 5)),
)

# %%
seen = np.stack([each[1:].reshape(28, 28) for each in weights])
largest = np.abs(seen).max() * 0.6
with style.styled():
    figure = style.new_figure(8.0, 3.6)
    for digit, axes in enumerate(figure.subplots(2, 5).flat):
        axes.imshow(seen[digit], cmap=diverging(), vmin=-largest, vmax=largest)
        axes.set_title(_("is it a {digit}?").format(digit=digit))
        axes.set_axis_off()
run.show("weights", figure)

# %% [markdown]
# And the pictures about which the program for the five was surest while it was wrong.

# %%
probability = (1 + np.tanh(X_test @ weights[5] / 2)) / 2
is_five = (test_digits == 5).astype(int)
names = (_("other"), "5")
figure = plots.worst_mistakes(test_pictures, is_five, probability, class_names=names)
run.show("mistakes", figure)
