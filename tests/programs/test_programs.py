"""Programs in the manner of introductory books, unchanged, under ``lernwerk run``.

``classic`` holds the spelling of 2016 to 2020, ``modern`` today's; foreign style is on purpose.
Each runs in a process and a folder of its own; what it prints shows that it has learnt something.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lernwerk import settings

FOLDER = Path(__file__).parent
Check = Callable[[str], bool]
NUMBER = r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)"


def numbers(text: str, label: str) -> list[float]:
    """The numbers after each place where the label stands."""
    return [float(each) for each in re.findall(label + r"[ :=]*" + NUMBER, text)]


def at_least(label: str, low: float) -> Check:
    """The last number after the label is not smaller."""
    return lambda text: numbers(text, label)[-1] >= low


def falls(label: str = "loss") -> Check:
    """What stands as "label a -> b" falls, each time."""
    pairs = label + r"[ :]*" + NUMBER + " -> " + NUMBER

    def check(text: str) -> bool:
        found = re.findall(pairs, text)
        return bool(found) and all(float(b) < float(a) for a, b in found)

    return check


def rises(label: str) -> Check:
    """What stands as "label a -> b" rises, each time."""
    pairs = label + r"[ :]*" + NUMBER + " -> " + NUMBER

    def check(text: str) -> bool:
        found = re.findall(pairs, text)
        return bool(found) and all(float(b) > float(a) for a, b in found)

    return check


def finite(label: str) -> Check:
    """All numbers after the label are finite, and there is one."""

    def check(text: str) -> bool:
        found = numbers(text, label)
        return bool(found) and all(map(math.isfinite, found))

    return check


def says(*lines: str) -> Check:
    """These texts are printed, in this order."""
    return lambda text: re.search(".*".join(map(re.escape, lines)), text, re.DOTALL) is not None


@dataclass(frozen=True)
class Program:
    """A program, what must be true of its output, and old -> new in the note at the end."""

    name: str
    checks: Sequence[Check]
    notes: Sequence[str] = ()
    slow: bool = False


CLASSIC = [
    Program("actor_critic", [rises("p"), finite("p")],
            ["Model(input=) -> inputs", "optimizer.get_updates -> apply"]),
    Program("augmentation", [at_least("\nacc", 0.2), at_least("pets acc", 0.7),
                             says("{'cats': 0, 'dogs': 1}", "(8, 1)", "(1, 32, 32, 3)")],
            ["fit_generator -> fit", "predict_generator -> predict"]),
    Program("autoencoder", [falls("dicht"), falls("Faltung"), says("(300, 32) (300, 784)")]),
    Program("callbacks", [says("Training mit 12 Epochen", "epoch;acc;loss;val_acc;val_loss"),
                          at_least("epochs", 1)]),
    Program("capsules", [falls(), says("digitcaps")]),
    Program("char_rnn", [falls()], ["RMSprop(lr=) -> learning_rate"]),
    Program("custom_layer", [at_least("acc", 0.8), says("same: True")], ["acc -> accuracy"]),
    Program("custom_vae_layer", [falls("Waage"), falls("Probe"), says("Stift (7, 16, 16, 1)")]),
    Program("dcgan", [finite("Kritiker"), finite("Maler"),
                      says("Total params: 6,649", "Runde 2", "Galerie (24, 120) True")],
            ["LeakyReLU(alpha=) -> negative_slope",
             "one optimizer for several models -> slots of its own for each"]),
    Program("dqn", [says("geladen: True", "Plan: ^^^ovvv")], ["RMSprop(lr=) -> learning_rate"]),
    Program("feature_maps", [rises("Filter 1"), says("(1, 26, 26, 6)", "(2, 11, 11, 8)",
                                                      "heatmap (11, 11)", "saliency True")]),
    Program("gan", [finite("pruefer"), finite("erfinder"), at_least("mittlerer Radius", 0.4)],
            ["Adam(lr=) -> learning_rate",
             "one optimizer for several models -> slots of its own for each"]),
    Program("learning_rates", [falls(), says(
        "lr 0.01\n", "lr 0.001\n", "lr 0.0005\n", "['0.1000', '0.0500', '0.0500', '0.0250'] 4",
        "lr 0.025\n", "lr 0.001\n", "lr 1e-05\n",
    )], ["lr -> learning_rate"]),
    Program("lenet", [at_least("Test accuracy", 0.7)], ["val_acc -> val_accuracy"], slow=True),
    Program("mnist_dense", [at_least("Test accuracy", 0.85), says(
        "4000 train samples", "109,386", "erkannt: 7", "Klassen: [7 2 1 0 4]", "(5, 10)",
    )], ["predict_classes -> predict"]),
    Program("mnist_keras1", [at_least("Loecher richtig gezaehlt", 0.7)],
            ["Convolution2D(10, 5, 5) -> Conv2D(10, (5, 5))", "Conv2D(border_mode=) -> padding",
             "Conv2D(bias=) -> use_bias", "fit(nb_epoch=) -> epochs", "val_acc -> val_accuracy"]),
    Program("multi_branch", [at_least("urteil acc", 0.85), says(
        "Antworten [(6, 1), (6, 2)]", "geteilt (None, 5) (None, 5)",
    )], ["urteil_acc -> urteil_accuracy"]),
    Program("pop_head", [says("24\n", "kopf", "(None, 3) (64, 3)")], slow=True),
    Program("regression_table", [at_least("Bestimmtheitsmass", 0.9)]),
    Program("save_load", [says("same: True", "same: True", "Adam 0.01", "rmse True",
                               "copy: True", "lstm (None, 5, 4) (None, 3)")]),
    Program("sentiment", [at_least("flat: acc", 0.8), at_least("conv: acc", 0.7),
                          finite("bidirectional: acc")]),
    Program("seq2seq", [falls("Lesefehler"), at_least("Zeichen acc", 0.8), says("geladen: True"),
                        at_least("gelesen", 30)]),
    Program("sequences", [falls("wave"), says(
        "stateful (190, 1)", "10 (20, 8, 1) (20,)", "s2s (2, 4, 3)", "film (None, 2)",
        "attention [(3, 1), (3, 16, 16)]",
    )], ["fit_generator -> fit"]),
    Program("siamese", [at_least("Richter acc", 0.65), falls("Masz"), at_least("getrennt", 0.7),
                        says("gleiche naeher: True", "Gewichte 10236 13")]),
    Program("sklearn_wrapper", [at_least("Baseline", 50),
                                says("['neurons', 'optimizer']", "(4,)")]),
    Program("vae_add_loss", [falls("Verlust"), falls("Zuegel"), says("Karte (208, 2)")]),
    Program("vae_closure", [falls(), falls("je_pixel"),
                            says("mu (200, 2)", "Karte (48, 48) True")],
            ["Model(input=) -> inputs", "fit(nb_epoch=) -> epochs"]),
    Program("vgg_finetuning", [says(
        "22 14", "frozen: True", "trained: True", "(12, 1, 1, 512)", "before freezing: 28",
        "after freezing: 2", "block 5 only: 8",
    )], ["Model(output=) -> outputs"], slow=True),
    Program("weights", [falls(), says("mehr Einsen: True", "fertig")]),
    Program("word_vectors", [says("(332, 16)", "fest: True", "(5, 333)")]),
]  # fmt: skip
MODERN = [
    Program("autoencoder", [falls(), falls("denoise"), says("anomalies True")]),
    Program("convnet", [at_least("Test accuracy", 0.8), says("[7 2 1 0 4] [7 2 1 0 4]")]),
    Program("dqn", [rises("Lohn"), says("Verluste 288 True")]),
    Program("functional", [at_least("acc", 0.6), falls(), falls("rec"),
                           says("'priority': (3, 1)", "'department': (3, 3)")]),
    Program("gan", [says("['aerger', 'irrtum'] True", "endlich: True")]),
    Program("gradients", [rises("filter"), falls("style"), says(
        "saliency (1, 28, 28) True", "heatmap (11, 11)", "adversarial True")]),
    Program("mnist_dense", [at_least("Test accuracy", 0.85)]),
    Program("own_step", [falls(), falls("karg"), says(
        "['loss', 'mape']", "geprüft: [True, True]", "['loss', 'mse']")]),
    Program("pipeline", [at_least("acc", 0.8), says(
        "['hoch', 'kreuz', 'quer'] (7, 24, 24, 3) (7, 3)", "gezeichnet: True",
        "[500 600 800] [4 5 7]", "[ 900 1100 1200] [ 8 10 11]",
        "[(10, 1), (20, 2), (30, 4), (40, 5)]", "Strom: 2", "(10, 20, 3) True")]),
    Program("regression", [lambda text: numbers(text, "MAE")[-1] < 4, says("same: True")]),
    Program("saving", [at_least("acc", 0.7), says("same: True", "same: True", "same: True",
                                                   "mein_modell [(6, 8), ()]")]),
    Program("seq2seq", [falls(), says("(2, 8) (2, 8) (2, 8)")]),
    Program("siamese", [at_least("acc", 0.6), falls("triplet")]),
    Program("text", [at_least("cnn acc", 0.55), at_least("bag of words acc", 0.55),
                     says("['', '[UNK]', ", "(2, 24)", "(2, 1)")]),
    Program("timeseries", [falls(), at_least("Abweichung", 0), says(
        "Fenster (28, 18, 3) (28,)", "besser: True", "gestapelt", "beidseitig", "Zellen",
        "Zustand: False True")]),
    Program("training_loop", [at_least("acc", 0.8), says(
        "gleich: True", "Mitte [ 1.5 -0.5] Radius 2.0", "Krümmung [-10.  -4.   8.]")]),
    Program("transfer", [says("frozen: True", "2 260", "2 (None, 3) 38906944", "(2, 4096)")]),
    Program("transformer", [at_least("\nacc", 0.8), falls(),
                            says("geladen: 3", "kausal: True")]),
    Program("vae", [falls(), says("['bild', 'gesamt', 'kl']", "(30, 3) (2, 16, 16, 1)")]),
]  # fmt: skip


def run(program: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a file by the command line in an empty folder, as a reader of the book would."""
    if settings.get("data") is None:
        pytest.skip("the programs read MNIST and texts from the folder LERNWERK_DATA")
    if "sklearn" in program.read_text("utf-8"):
        pytest.importorskip("sklearn", reason="the program uses scikit-learn")
    command = [sys.executable, "-m", "lernwerk", "run", "--seed", "1", str(program), *words]
    shown = ("MPLBACKEND", "DISPLAY", "WAYLAND_DISPLAY")  # as where there is no screen
    environment = {name: value for name, value in os.environ.items() if name not in shown}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def cases(programs: Sequence[Program]) -> list[object]:
    """The parameters of a test: slow programs are marked."""
    return [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] if each.slow else [])
        for each in programs
    ]


def check(program: Program, kind: str, folder: Path) -> None:
    """Run a program and look at what it printed."""
    ended = run(FOLDER / kind / f"{program.name}.py", folder)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    for number, holds in enumerate(program.checks):
        assert holds(ended.stdout), f"check {number} of {program.name}: {ended.stdout[-3000:]}"
    notes = [line for line in ended.stderr.splitlines() if line.startswith("Old names: ")]
    for note in program.notes:
        assert notes and note in notes[-1]


@pytest.mark.parametrize("program", cases(CLASSIC))
def test_classic(program: Program, tmp_path: Path) -> None:
    check(program, "classic", tmp_path)


@pytest.mark.parametrize("program", cases(MODERN))
def test_modern(program: Program, tmp_path: Path) -> None:
    check(program, "modern", tmp_path)


@pytest.mark.parametrize("kind", ["classic", "modern"])
def test_every_program_is_listed(kind: str) -> None:
    listed = {"classic": CLASSIC, "modern": MODERN}[kind]
    files = sorted(each.stem for each in (FOLDER / kind).glob("*.py"))
    assert sorted(program.name for program in listed) == files


def notebook(name: str, folder: Path) -> tuple[str, list[dict[str, Any]], str]:
    """Run a notebook: what it printed, its outputs as they were written back, and the notes."""
    for package in ("nbformat", "nbclient", "ipykernel"):
        pytest.importorskip(package, reason=f"notebooks need {package}")
    out = folder / "done.ipynb"
    ended = run(FOLDER / f"{name}.ipynb", folder, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    cells = json.loads(out.read_text("utf-8"))["cells"]
    return ended.stdout, [o for cell in cells for o in cell.get("outputs", [])], ended.stderr


def test_classic_notebook(tmp_path: Path) -> None:
    text, outputs, err = notebook("classic", tmp_path)
    assert at_least("Neue Ziffern: acc", 0.7)(text)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert all(output["output_type"] != "error" for output in outputs)
    assert "predict_classes -> predict" in err and "Adam(lr=) -> learning_rate" in err


def test_modern_notebook(tmp_path: Path) -> None:
    text, outputs, _ = notebook("modern", tmp_path)
    assert at_least("gebogen acc", 0.8)(text)
    kinds = [output["output_type"] for output in outputs]
    assert "execute_result" in kinds and "error" not in kinds
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 1
