"""What the user asked ``lernwerk train`` for, before anything is looked at."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import Any

from lernwerk.errors import COUNT, POSITIVE, Range, check_ranges

_RANGES = {
    "epochs": COUNT, "batch_size": COUNT, "learning_rate": POSITIVE, "patience": COUNT,
    "seed": Range(0, 2**32 - 1, integer=True),
}  # fmt: skip
DEFAULT_SEED = 1


@dataclass(frozen=True)
class Request:
    """The arguments of ``lernwerk train``; None leaves a choice to the rules."""

    data: str
    target: str | None = None
    task: str | None = None
    model: str | None = None
    seed: int = DEFAULT_SEED
    out: str | None = None
    resume: bool = False
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    patience: int | None = None

    def __post_init__(self) -> None:
        check_ranges("lernwerk train", asdict(self), _RANGES)

    def command(self) -> str:
        """The command line that repeats this training."""
        words = ["lernwerk", "train", self.data]
        for name, value in asdict(self).items():
            default = DEFAULT_SEED if name == "seed" else None
            if name not in ("data", "resume", "out") and value != default:
                words += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join(words)

    def overrides(self) -> dict[str, Any]:
        """The settings that were given explicitly."""
        names = ("epochs", "batch_size", "learning_rate", "patience")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}
