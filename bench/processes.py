"""T9 and J1: what a person waits for - start, size on disk, one prediction, the main job."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from functools import partial
from importlib import metadata
from pathlib import Path

from bench import data, networks
from bench.registry import OURS, Makers, Unit, row

ROOT = Path(__file__).parents[1]
MEGABYTE = 1e6
WHOLE = (
    "import numpy as np, {0}; from bench.networks import mlp;"
    "x = np.random.default_rng(1).random((60000, 784), dtype=np.float32);"
    "model = mlp({0}); model.fit(x, (10 * x[:, 0]).astype(np.int32), 256, verbose=0);"
    "model.predict(x[:1], verbose=0)"
)
SCRIPT = "from {} import Sequential, layers, optimizers"


def process(*words: str) -> Unit:
    """Run Python in a fresh process at the root of the tree."""

    def work() -> float:
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
        return 0.0

    return work


@row("T9a", "Fresh process: import", "what a script imports, Python's own start included")
def imports() -> Makers:
    lines = {OURS: SCRIPT.format("lernwerk"), "keras-jax": SCRIPT.format("keras"),
             "jax": "import jax.numpy", "torch": "import torch",
             "sklearn": "import sklearn.neural_network"}  # fmt: skip
    return {name: partial(process, "-c", line) for name, line in lines.items()}


@row("T9b", "Fresh process: import, build T2, an epoch, predict", "a short script, start to end")
def whole() -> Makers:
    packages = {OURS: "lernwerk", "keras-jax": "keras"}
    return {name: partial(process, "-c", WHOLE.format(each)) for name, each in packages.items()}


@row("T9c", "One prediction of T2", "the time to an answer for a single row")
def latency() -> Makers:
    x, y = data.pictures()

    def raw() -> Unit:
        from bench import raw_jax as raw

        network = raw.dense(raw.jax.nn.sigmoid)
        return raw.predictions(network, networks.start_weights(networks.mlp), x[:1])

    def torch() -> Unit:
        from bench import eager_torch

        return eager_torch.predictions(eager_torch.mlp(), x[:1])

    def sklearn() -> Unit:
        from sklearn.neural_network import MLPClassifier

        model = MLPClassifier((200,), activation="logistic").partial_fit(
            x[:256], y[:256], classes=range(10)
        )
        return lambda: float(model.predict_proba(x[:1])[0, 0])

    return {**networks.predictions(networks.mlp, x[:1]), "jax": raw, "torch": torch,
            "sklearn": sklearn}  # fmt: skip


@row("T9d", "Installed size with all dependencies", "disk space", measure="MB")
def sizes() -> Makers:
    package = sum(f.stat().st_size for f in (ROOT / "lernwerk").rglob("*") if f.suffix != ".pyc")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def ours() -> Unit:
        return lambda: package / MEGABYTE + installed(project["dependencies"])

    needs = {"keras-jax": ["keras", "jax"], "jax": ["jax"], "torch": ["torch"],
             "sklearn": ["scikit-learn"]}  # fmt: skip
    peers = {name: partial(partial, installed, each) for name, each in needs.items()}
    return {OURS: ours, **peers}


def installed(requirements: list[str]) -> float:
    """The megabytes of these distributions and of all that they need, each counted once."""
    files: dict[str, int] = {}
    waiting, known = list(requirements), set[str]()
    while waiting:
        name = re.split(r"[^\w.-]", waiting.pop().strip(), maxsplit=1)[0].lower()
        if name in known:
            continue
        known.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another system, or for an older Python
            continue
        for file in distribution.files or []:
            path = Path(str(distribution.locate_file(file)))
            if path.suffix != ".pyc" and path.is_file():
                files[str(path)] = path.stat().st_size
        waiting += [each for each in distribution.requires or [] if "extra ==" not in each]
    return sum(files.values()) / MEGABYTE


@row("J1", "lernwerk train digits", "the main job from the command to the report")
def job() -> Makers:
    command = ("-c", "from lernwerk.cli import main; main()", "train", "digits", "--out")

    def work() -> float:
        with tempfile.TemporaryDirectory() as folder:
            return process(*command, folder)()

    return {OURS: lambda: work}
