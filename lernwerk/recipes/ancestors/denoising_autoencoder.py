"""The denoising autoencoder: what remains when noise is taken away.

An autoencoder repeats its input through a bottleneck. Vincent and others gave it a harder task:
the input is spoilt by noise, and the output shall be the clean picture. Copying does not help any
more; the network must learn what digits look like.

Loss: the cross-entropy of $f(x + \\text{noise})$ and $x$, averaged over pixels

We measure in decibels, $10 \\log_{10}(1 / \\text{mean squared error})$: 3 dB more is half of it.

Year: 2008
Source: P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol 2008, Extracting and composing
    robust features with denoising autoencoders, ICML
Needs: mnist
"""

# %%
import numpy as np

import lernwerk as keras
from lernwerk import layers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import picture_grid
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
(x, _labels), (x_test, _more) = mnist.load_data()
x = x[: run.choose(20_000, short=3000), :, :, None] / np.float32(255)
x_test = x_test[: run.choose(2000, short=200), :, :, None] / np.float32(255)


def noisy(pictures):
    """Normal noise of deviation 0.4 on every pixel, kept between 0 and 1."""
    noise = random.normal(0, 0.4, pictures.shape)
    return np.clip(pictures + noise, 0, 1).astype(np.float32)


def decibels(pictures, clean=x_test):
    """How near pictures are to the clean ones."""
    return -10 * np.log10(np.mean((pictures - clean) ** 2))


# %% [markdown]
# Two convolutions with stride 2 squeeze 784 pixels into 7 x 7 x 8 numbers, two transposed ones
# unfold them. Cross-entropy, as in the paper, learns here where squared error gets stuck: from it a
# network that begins with grey pictures learns black ones, and there its units die.

# %%
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy")
spoilt = noisy(x_test)
frames = []
for epoch in run.steps(range(run.choose(8, short=5)), _("epochs")):
    model.fit(noisy(x), x, batch_size=64, verbose=0)  # new noise every time
    cleaned = model.predict(spoilt, batch_size=256, verbose=0)
    frames.append(np.concatenate(cleaned[:8, :, :, 0], axis=1))
    print(_("epoch {epoch}: {level:.1f} dB").format(epoch=epoch + 1, level=decibels(cleaned)))

# %% [markdown]
# For comparison: the best that a blurring filter can do, the mean of neighbours.

# %%
padded = np.pad(spoilt, ((0, 0), (1, 1), (1, 1), (0, 0)))
near = sum(padded[:, i : i + 28, j : j + 28] for i in range(3) for j in range(3)) / 9
print(_("noisy {noisy:.1f} dB, mean filter {filter:.1f} dB").format(
    noisy=decibels(spoilt), filter=decibels(near)))  # fmt: skip
gain = decibels(cleaned) - decibels(spoilt)
run.reach(_("gain over the noisy picture"), gain, at_least=run.choose(8.0, short=5.0), unit="dB")
over_filter = decibels(cleaned) - decibels(near)
run.reach(
    _("gain over the mean filter"), over_filter, at_least=run.choose(4.0, short=2.0), unit="dB"
)

# %% [markdown]
# What it cannot do: clean what it has never seen. Thin stripes under the same noise come out as
# blots, further from the original than with their noise: the network knows strokes, not stripes.

# %%
stripes = (np.indices((28, 28)).sum(axis=0) // 2 % 2).astype(np.float32)[None, :, :, None]
spoilt_stripes = noisy(stripes)
strange = model.predict(spoilt_stripes, verbose=0)
print(_("stripes: noisy {noisy:.1f} dB, cleaned {cleaned:.1f} dB").format(
    noisy=decibels(spoilt_stripes, stripes), cleaned=decibels(strange, stripes)))  # fmt: skip
columns = [each for i in range(6) for each in (spoilt[i], cleaned[i], x_test[i])]
titles = [_("noisy"), _("cleaned"), _("original")] * 6
pictures = [*columns, spoilt_stripes[0], strange[0], stripes[0]]
run.show("cleaned", picture_grid(pictures, [*titles, *titles[:3]]))
run.film("learning", frames, 0.6)
