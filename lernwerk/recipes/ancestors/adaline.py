"""ADALINE: the delta rule cancels an echo.

Who telephones over a long line hears his own words come back. In 1960 Bernard Widrow and his
student Marcian Hoff found the rule that cures it: compare the weighted sum with what it should be,
and change the weights a little against the error. They called their neuron ADALINE, the adaptive
linear one; on a delay line it became the adaptive filter that sits in every telephone network.

One end of the line sends spoken digits. The microphone at the other end hears their echo, line
noise, and now and then somebody who speaks there. Adaline gets the words that were sent and must
say what of them comes back; what it cannot explain is the other speaker. Listen to `heard.wav` and
`cleaned.wav`.

Year: 1960
Source: B. Widrow and M. E. Hoff 1960, Adaptive switching circuits, IRE WESCON Convention Record 4,
96-104; the recordings: Free Spoken Digit Dataset, Z. Jackson and others, CC BY-SA 4.0.
Needs: speech
"""

# %%
import io
import wave
import zipfile
from pathlib import Path

import numpy as np

from lernwerk import settings
from lernwerk.classics import EchoCanceller, decibels
from lernwerk.errors import FileError
from lernwerk.language import translate as _
from lernwerk.plots.style import new_axes, new_figure, styled
from lernwerk.recipes import Run

run = Run.current()
random = run.generator()
RATE = 8000  # samples a second

# %%
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
archive = Path(settings.get("data") or "data") / "speech" / "spoken_digits.zip"
if not archive.is_file():
    raise FileError(
        "adaline", "the spoken digits", str(archive), "Set LERNWERK_DATA to the folder of data."
    )


def spoken(speaker: str, count: int, recordings: range) -> list[np.ndarray]:
    """So many digits of one speaker, drawn by chance, each as numbers between -1 and 1."""
    words = []
    with zipfile.ZipFile(archive) as files:
        for _word in range(count):
            digit, index = random.integers(10), random.choice(recordings)
            name = f"recordings/{digit}_{speaker}_{index}.wav"
            with files.open(name) as file, wave.open(file) as sound:
                words.append(np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 2**15)
    return words


far, near = random.choice(SPEAKERS, 2, replace=False)
training, examination = range(5, 50), range(5)  # each digit was recorded fifty times
words = spoken(far, run.choose(16, short=6), training)
print(_("{far} speaks {count} digits at the far end").format(far=far, count=len(words)))

# %% [markdown]
# The echo's path: after 3 milliseconds (24 samples) the words come back in a hundred small
# portions that fade away. Together they are half as strong as what was sent. The line adds noise,
# forty decibels below the echo.

# %%
path = np.zeros(128)
path[24:] = random.normal(size=104) * np.exp(-np.arange(104) / 25)
path *= 0.5 / np.linalg.norm(path)


def echo_of(sent: np.ndarray) -> np.ndarray:
    """What comes back of the sent sound, with noise."""
    echo = np.convolve(sent, path)[: len(sent)]
    noise = random.normal(size=len(sent)) * np.sqrt(np.mean(echo**2) / 10**4)
    return echo + noise


# %% [markdown]
# ## Learning while they speak
#
# For every sample the delay line holds the last 128 samples that were sent. Adaline predicts the
# echo from them, takes it away, and what is left is its error, by which it corrects its weights at
# once. In pauses there is nothing but noise to learn from; `quiet`, the energy of ordinary speech
# in the line, makes steps small there. After each word we draw the weights: they become a picture
# of the path, which nobody has told them.

# %%
quiet = 128 * np.mean(np.concatenate(words) ** 2)
canceller = EchoCanceller(taps=128, step=0.5, quiet=quiet)
frames, per_word = [], []
for word in run.steps(words, _("word")):
    heard = echo_of(word)
    left = canceller.learn_from(word, heard)
    per_word.append(decibels(heard, left))
    figure = canceller.picture()
    with styled():
        figure.axes[0].plot(path, color="#cc7a29", lw=1, label=_("true path"))
        figure.axes[0].legend()
    frames.append(figure)
run.film("learning_the_path", frames, seconds=0.5)
run.show("path", frames[-1])
print(_("echo reduced while learning, word by word, in dB:"), np.round(per_word, 1))

# %% [markdown]
# The examination: recordings that it has not heard, and the weights stay as they are.

# %%
unheard = np.concatenate(spoken(far, run.choose(10, short=4), examination))
heard = echo_of(unheard)
run.reach(
    _("echo reduced on other recordings"),
    decibels(heard, canceller.clean(unheard, heard)),
    at_least=20,
    unit="dB",
)

# %% [markdown]
# And now somebody speaks at the other end as well, as loud as what is sent. The echo goes, the
# guest stays.

# %%
guest = np.concatenate(spoken(near, run.choose(10, short=4), examination))
length = min(len(guest), len(unheard))
sent, guest = unheard[:length], guest[:length]
guest = guest * np.sqrt(np.mean(sent**2) / np.mean(guest**2))
heard = echo_of(sent) + guest
cleaned = canceller.clean(sent, heard)
run.reach(
    _("echo reduced while both speak"),
    decibels(heard - guest, cleaned - guest),
    at_least=20,
    unit="dB",
)


# %%
def wav(sound: np.ndarray) -> bytes:
    """The bytes of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * (2**15 - 1)).astype("<i2").tobytes())
    return buffer.getvalue()


for name, sound in (("sent", sent), ("heard", heard), ("cleaned", cleaned), ("guest", guest)):
    run.write(f"{name}.wav", wav(0.9 * sound / np.abs(heard).max()))

with styled():
    figure = new_figure(7.2, 4.2)
    seconds = np.arange(length) / RATE
    parts = (
        (sent, _("sent")),
        (heard, _("heard: echo and guest")),
        (cleaned, _("cleaned")),
        (guest, _("guest alone")),
    )
    for axes, (sound, title) in zip(
        figure.subplots(4, 1, sharex=True, sharey=True), parts, strict=True
    ):
        axes.plot(seconds, sound, lw=0.5)
        axes.set_title(title)
    axes.set(xlabel=_("seconds"), xlim=(0, min(3.0, seconds[-1])))
run.show("sounds", figure)

# %% [markdown]
# ## What it cannot do
#
# - A delay line that is too short does not reach the end of the echo.
# - An echo that is not linear (a loudspeaker that clips) has parts that no weighted sum contains.
# - If the guest speaks while Adaline learns, it takes the guest for an error and spoils its
#   weights: telephones must notice this and stop learning.

# %%
speech = np.concatenate(words)
answer = echo_of(speech)
taps = run.choose([16, 32, 48, 64, 96, 128, 192], short=[32, 128])
reduced = []
for count in run.steps(taps, _("taps")):
    shorter = EchoCanceller(taps=count, step=0.5, quiet=quiet)
    shorter.learn_from(speech, answer)
    reduced.append(decibels(heard - guest, shorter.clean(sent, heard - guest)))
run.reach(_("echo reduced with 32 taps"), reduced[taps.index(32)], at_most=12, unit="dB")

clipped = EchoCanceller(taps=128, step=0.5, quiet=quiet)
loud = 0.3 * np.abs(speech).max()
clipped.learn_from(speech, echo_of(speech.clip(-loud, loud)))
hoarse = echo_of(sent.clip(-loud, loud))
print(
    _("echo of a loudspeaker that clips reduced: {dB:.1f} dB").format(
        dB=decibels(hoarse, clipped.clean(sent, hoarse))
    )
)

before = decibels(heard - guest, canceller.clean(sent, heard - guest))
canceller.learn_from(sent, heard)
after = decibels(heard - guest, canceller.clean(sent, heard - guest))
print(
    _(
        "echo reduced before and after learning while both spoke: {before:.1f} and {after:.1f} dB"
    ).format(before=before, after=after)
)
run.reach(_("lost by learning while both spoke"), before - after, at_least=3, unit="dB")

# %%
with styled():
    figure = new_figure(5.4, 3.0)
    axes = new_axes(figure, _("echo reduced, in dB"))
    axes.plot(taps, reduced, "o-")
    axes.axhline(20, ls="--", color="grey")
    axes.axvline(128, color="grey", lw=0.8)
    axes.text(126, min(reduced), _("length of the echo"), ha="right")
    axes.set(xlabel=_("taps of the delay line"))
run.show("taps", figure)
