"""P1: T5 and T7b in mixed precision: products in bfloat16, weights and their sums in float32."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

from bench import convolution, data, recurrence
from bench.registry import OURS, Makers, NotYetError, Unit, row

POLICY = "mixed_bfloat16"


@row("P1a", "LeNet as in T5, in bfloat16: a step", "the processor's units for bfloat16", target=4)
def pictures() -> Makers:
    x, y = data.pictures()
    return _reduced(convolution.training_makers(x[:128].reshape(-1, 28, 28, 1), y[:128], True))


@row("P1b", "LSTM as in T7b, in bfloat16: a step", "the same for recurrence", target=2, agree=0.02)
def texts() -> Makers:
    return _reduced(recurrence.reading_makers(*data.texts(), True))


def _reduced(makers: Makers) -> Makers:
    """The makers, those of Keras's kind under the policy of its kind, which is the process's."""
    packages = {OURS: "lernwerk", "keras-jax": "keras", "keras-tf": "keras"}
    return {
        name: _under_policy(packages[name], make) if name in packages else make
        for name, make in makers.items()
    }


def _under_policy(package: str, make: Callable[[], Unit]) -> Callable[[], Unit]:
    def made() -> Unit:
        if package == "lernwerk" and not importlib.util.find_spec("lernwerk.mixed_precision"):
            raise NotYetError("there is no lernwerk.mixed_precision")
        importlib.import_module(f"{package}.mixed_precision").set_global_policy(POLICY)
        return make()

    return made
