"""T9 and J1: what a person waits for - start, size on disk, one prediction, the main job."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from functools import partial
from importlib import metadata
from pathlib import Path

from bench import convolution, data, networks
from bench.registry import OURS, Makers, Unit, keras_peers, row, torch_peers
from bench.weights import start_weights

ROOT = Path(__file__).parents[1]
MEGABYTE = 1e6
WHOLE = (
    "import numpy as np, {0}; from bench.networks import mlp;"
    "x = np.random.default_rng(1).random((60000, 784), dtype=np.float32);"
    "model = mlp({0}); model.fit(x, (10 * x[:, 0]).astype(np.int32), 256, verbose=0);"
    "model.predict(x[:1], verbose=0)"
)
WHOLE_TORCH = (
    "import numpy as np, torch; from bench import torch_networks, torch_running;"
    "x = np.random.default_rng(1).random((60000, 784), dtype=np.float32);"
    "model = torch_networks.mlp(); y = (10 * x[:, 0]).astype(np.int32);"
    "torch_running.plain_epochs(model, torch_running.sgd(model), x, y, 256)();"
    "torch_running.plain_predictions(model, x[:1])()"
)
SCRIPT = "from {} import Sequential, layers, optimizers"


def process(*words: str) -> Unit:
    """Run Python in a fresh process at the root of the tree.

    Modules come from compiled files, as those of installed packages do: the first run, which is not
    measured, writes them.
    """
    folder = tempfile.mkdtemp(prefix="bench_")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}

    def work() -> float:
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True,
                       env={**os.environ, **compiled})  # fmt: skip
        return 0.0

    return work


@row("T9a", "Fresh process: import", "what a script imports, Python's own start included")
def imports() -> Makers:
    lines = {OURS: SCRIPT.format("lernwerk"), "keras-jax": SCRIPT.format("keras"),
             "keras-tf": SCRIPT.format("keras"), "jax": "import jax.numpy",
             "torch": "import torch", "sklearn": "import sklearn.neural_network"}  # fmt: skip
    return {name: partial(process, "-c", line) for name, line in lines.items()}


@row("T9b", "Fresh process: import, build T2, an epoch, predict", "a short script, start to end",
     target=3)  # fmt: skip
def whole() -> Makers:
    keras = partial(process, "-c", WHOLE.format("keras"))
    return {OURS: partial(process, "-c", WHOLE.format("lernwerk")), **keras_peers(keras),
            "torch": partial(process, "-c", WHOLE_TORCH)}  # fmt: skip


@row("T9c", "One prediction of T2", "the time to an answer for a single row", agree=1e-3)
def latency() -> Makers:
    x, y = data.pictures()

    def raw() -> Unit:
        from bench import raw_jax as raw

        network = raw.dense(raw.jax.nn.sigmoid)
        return raw.predictions(network, start_weights(networks.mlp), x[:1])

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.mlp(), start_weights(networks.mlp))
        return torch_running.predictions(model, x[:1], compiled)

    def sklearn() -> Unit:
        from sklearn.neural_network import MLPClassifier

        model = MLPClassifier((200,), activation="logistic").partial_fit(
            x[:256], y[:256], classes=range(10)
        )
        weights = start_weights(networks.mlp)
        model.coefs_, model.intercepts_ = weights[0::2], weights[1::2]
        return lambda: float(model.predict_proba(x[:1])[0, 0])

    return {**networks.predictions(networks.mlp, x[:1]), "jax": raw,
            **torch_peers(torch), "sklearn": sklearn}  # fmt: skip


@row("T9d", "One prediction of T5", "the same for a picture", agree=1e-3)
def picture_latency() -> Makers:
    return convolution.inference_makers(data.pictures()[0][:1].reshape(-1, 28, 28, 1))


@row("T9e", "Installed size with all dependencies", "disk space", "MB", returns=True)
def sizes() -> Makers:
    package = sum(f.stat().st_size for f in (ROOT / "lernwerk").rglob("*") if f.suffix != ".pyc")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def ours() -> Unit:
        return lambda: package / MEGABYTE + installed(project["dependencies"])

    needs = {"keras-jax": ["keras", "jax"], "keras-tf": ["tensorflow", "tensorflow-cpu"],
             "jax": ["jax"], "torch": ["torch"], "sklearn": ["scikit-learn"]}  # fmt: skip
    peers = {name: partial(partial, installed, each) for name, each in needs.items()}
    return {OURS: ours, **peers}


def peak_memory() -> float:
    """The most megabytes that this process has held; NotImplementedError where it cannot tell."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the memory of the process that started this one
        (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmHWM")]
        return int(line.split()[1]) * 1024 / MEGABYTE
    if sys.platform == "win32":
        raise NotImplementedError("no peak memory on this system")
    import resource

    # Bytes on macOS: getrusage(2).
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


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
