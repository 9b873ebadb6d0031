"""Overfitting, seen and cured.

A network with 478,000 weights and 500 digits to learn from: it soon knows these 500 by heart, and
its loss on other digits first falls, then rises again. It becomes ever surer of what it only
guesses.

Seven cures, one at a time, each with the same number of steps: more data; augmentation, which
invents shifted and turned copies; a smaller network; dropout, which silences half of the pixels
and neurons at random; L2 and L1, which let large weights or all weights cost something; and early
stopping, which goes back to the best epoch.

Look at each curve against the grey one, the network without cure.

Step: 23
Source: N. Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from
    overfitting, Journal of Machine Learning Research 15; A. Krogh and J. Hertz 1992, A simple
    weight decay can improve generalization, Advances in Neural Information Processing Systems 4;
    L. Prechelt 1998, Early stopping - but when?, in Neural Networks: Tricks of the Trade.
Needs: mnist
"""

# %%
import numpy as np

from lernwerk import Sequential, layers, optimizers
from lernwerk.callbacks import EarlyStopping
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.regularizers import L1, L2
from lernwerk.utils import set_random_seed

run = Run.current()
epochs = run.choose(100, short=4)
(pixels, digits), (test_pixels, test_digits) = mnist.load_data()
images, test_images = pixels[..., None] / 255, test_pixels[:2000, ..., None] / 255
validation = test_images, test_digits[:2000]

# %% [markdown]
# One function builds the network; each cure is one argument.


# %%
def network(hidden=(400, 400), penalty=None, dropout=0.0, augmentation=()):
    model = Sequential([layers.Input((28, 28, 1)), *augmentation, layers.Flatten()])
    for size in hidden:
        model.add(layers.Dropout(dropout))
        model.add(layers.Dense(size, "relu", kernel_regularizer=penalty))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, "softmax", kernel_regularizer=penalty))
    return model


def learn(name, rows=500, callbacks=(), **changes):
    """The losses on validation digits after each epoch of 500 rows, and the accuracy at the end."""
    set_random_seed(run.seed)
    model = network(**changes)
    # The loss without the penalty, so that the curves can be compared.
    plain = "sparse_categorical_crossentropy"
    model.compile(optimizers.Adam(0.001), plain, metrics=[plain, "accuracy"])
    history = model.fit(
        images[:rows], digits[:rows], batch_size=50, epochs=max(1, epochs * 500 // rows),
        validation_data=validation, callbacks=list(callbacks), verbose=0,
    ).history  # fmt: skip
    accuracy = model.evaluate(*validation, verbose=0)[2]
    print(_("{name}: {accuracy:.1%} of the validation digits").format(name=name, accuracy=accuracy))
    return {"validation": history[f"val_{plain}"], "training": history[plain], "share": accuracy}


# %% [markdown]
# Without cure: the loss on the training digits goes to 0, the one on validation digits rises from
# its lowest value.

# %%
plain = learn(_("no cure"))
lowest = min(plain["validation"])
run.reach(
    _("rise of the validation loss above its lowest value"),
    plain["validation"][-1] / lowest - 1, at_least=run.choose(0.1, short=-1.0), unit="%",
)  # fmt: skip

# %% [markdown]
# Now each cure on its own. More data costs labelling, augmentation only imagination: a digit
# shifted by two pixels and turned by ten degrees is still that digit.

# %%
moved = layers.RandomTranslation(0.08, 0.08, fill_mode="constant"), layers.RandomRotation(0.03)
cures = {
    _("more data"): learn(_("more data"), rows=run.choose(5_000, short=1_000)),
    _("augmentation"): learn(_("augmentation"), augmentation=moved),
    _("smaller network"): learn(_("smaller network"), hidden=(64,)),
    _("dropout"): learn(_("dropout"), dropout=0.5),
    _("L2 penalty"): learn(_("L2 penalty"), penalty=L2(0.003)),
    _("L1 penalty"): learn(_("L1 penalty"), penalty=L1(0.0003)),
    _("early stopping"): learn(
        _("early stopping"), callbacks=[EarlyStopping(patience=10, restore_best_weights=True)]
    ),
}

# %% [markdown]
# Every cure ends with a smaller loss on validation digits than the network without. How much each
# gains depends on the task: on pictures, more data and augmentation are the strongest.

# %%
for name, cured in cures.items():
    last = min(cured["validation"]) if name == _("early stopping") else cured["validation"][-1]
    run.reach(
        _("validation loss, {name}").format(name=name), last,
        at_most=run.choose(plain["validation"][-1], short=10),
    )  # fmt: skip
gain = cures[_("more data")]["share"] - plain["share"]
run.reach(_("gain of more data"), gain, at_least=run.choose(0.03, short=-1.0), unit="%")

# %%
with style.styled():
    figure = style.new_figure(8.8, 4.4)
    panels = figure.subplots(2, 4, sharex=True, sharey=True).ravel()
    for axes, (name, curves) in zip(panels, {_("no cure"): plain, **cures}.items(), strict=True):
        for curve, colour, width, line in (
            (plain["validation"], style.QUIET, 1.0, "-"),
            (curves["training"], style.TRAINING, 1.0, "--"),
            (curves["validation"], style.VALIDATION, 1.8, "-"),
        ):
            until = epochs if name == _("more data") and colour != style.QUIET else len(curve)
            axes.plot(np.linspace(1, until, len(curve)), curve, line, color=colour, lw=width)
        axes.set(title=name, ylim=(0, 1.2))
    for axes in panels[4:]:
        axes.set_xlabel(_("epoch of 500 digits"))
    for axes in panels[::4]:
        axes.set_ylabel(_("loss"))
    labels = _("validation without cure"), _("training"), _("validation")
    figure.legend(panels[0].lines, labels, loc="outside lower center", ncols=3)
run.show("cures", figure)
