"""The native engine in processes of its own: forks, Ctrl-C, little memory, the same bits again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lernwerk

ROOT = str(Path(lernwerk.__file__).parent.parent)
BEGIN = """
import sys
import numpy as np
from lernwerk import layers, ops
from lernwerk.core import Variable, compiled
from lernwerk.models import Sequential
from lernwerk.utils import set_random_seed

def model_and_data(width=32, rows=400):
    set_random_seed(3)
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 20)).astype("float32")
    model = Sequential([layers.Input((20,)), layers.Dense(width, activation="relu"),
                        layers.Dropout(0.1), layers.Dense(3)])
    model.compile(optimizer="adam", loss="mse")
    return model, x, x[:, :3].copy()

def digest(model):
    import hashlib
    return hashlib.sha256(b"".join(w.numpy().tobytes() for w in model.weights)).hexdigest()
"""


def start(program: str, **environment: str) -> subprocess.Popen[str]:
    known = {**os.environ, "PYTHONPATH": ROOT, "LERNWERK_ENGINE": "native", **environment}
    return subprocess.Popen(
        [sys.executable, "-P", "-c", BEGIN + program],
        env=known, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def output(program: str, seconds: float = 60, **environment: str) -> str:
    process = start(program, **environment)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, err
    return out


TRAINED = """
model, x, y = model_and_data(256)
model.fit(x, y, epochs=3, batch_size=100, verbose=0)
print(digest(model))
"""


def test_the_same_seed_gives_the_same_bits_in_every_process() -> None:
    found = {output(TRAINED, LERNWERK_THREADS=count) for count in ("2", "2", "1", "3")}
    assert len(found) == 1


FORKED = """
import os
model, x, y = model_and_data(512)
fit = lambda: model.fit(x, y, epochs=2, batch_size=200, verbose=0)
fit()
child = os.fork()
fit()
if child:
    _, status = os.waitpid(child, 0)
    assert status == 0, status
print(digest(model), flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_child_of_a_fork_trains_on(threads: str) -> None:
    child, parent = output(FORKED, LERNWERK_THREADS=threads).split()
    assert child == parent


INTERRUPTED = """
import os, signal, time
model, x, y = model_and_data(256, 20_000)
SMALL_FIRST
moments = []
def stop(number, frame):
    moments.append(time.time())
    raise KeyboardInterrupt
signal.signal(signal.SIGINT, stop)
print("ready", flush=True)
try:
    model.fit(x, y, epochs=100_000, batch_size=100, verbose=0)
except KeyboardInterrupt:
    print(moments[0], flush=True)
model.fit(x[:100], y[:100], verbose=0)
assert np.isfinite(model.predict(x[:5], verbose=0)).all()
"""


@pytest.mark.parametrize("before", ["", "model.fit(x[:2000], y[:2000], batch_size=1, verbose=0)"])
def test_an_interrupt_is_served_at_once(before: str) -> None:
    process = start(INTERRUPTED.replace("SMALL_FIRST", before))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.5)
    sent = time.time()
    process.send_signal(signal.SIGINT)
    served = float(process.stdout.readline())
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert served - sent < 0.2


SCARCE = """
import resource
function = compiled(lambda x: (ops.flip(x, axes=(0, 1)) @ x).sum())
v = Variable(np.ones((8, 8), "float32"))
grow = compiled(lambda: v.assign_add(1.0).read())
small = np.ones((8, 8), "float32")
expected = function(small).item()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 300 * 2**20, -1))
large = np.ones((6000, 6000), "float32")
for _ in range(2):
    try:
        function(large)
    except MemoryError as error:
        print(error)
    assert function(small).item() == expected
    grow()
assert v.numpy()[0, 0] == 3.0
model, x, y = model_and_data()
model.fit(x, y, verbose=0)
"""
ABSURD = """
function = compiled(lambda x: ops.flip(ops.broadcast_to(x, shape=(10**6, 10**7)), axes=(0,)))
for _ in range(2):
    try:
        function(np.ones(1, "float32"))
    except MemoryError as error:
        print(error)
assert compiled(lambda x: x + 1)(np.ones(1)).item() == 2
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's")
@pytest.mark.parametrize("program", [SCARCE, ABSURD], ids=["scarce", "absurd"])
def test_too_little_memory_is_said_with_its_size(program: str) -> None:
    lines = output(program, LERNWERK_THREADS="1").splitlines()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    before, size, after = lines[0].partition("expected ")[2].partition(" bytes")
    assert int(before.replace(",", "")) > 2**26
    assert (size, after) == (" bytes", " of free memory, got fewer.")


def test_an_import_starts_no_threads() -> None:
    program = "import threading, lernwerk; print(len(__import__('os').listdir('/proc/self/task')))"
    if sys.platform.startswith("linux"):
        assert int(output(program, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")) == 1
