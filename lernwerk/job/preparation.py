"""From the request to numbers: load, look, split, fit the preprocessing on the training part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.job.choice import Problem
from lernwerk.job.encoder import Encoder, encoder_for
from lernwerk.job.inspection import Findings, inspect
from lernwerk.job.raw_data import RawData
from lernwerk.job.request import Request
from lernwerk.job.source import load
from lernwerk.job.split import Split, split
from lernwerk.job.target import TargetCodec
from lernwerk.ops.primitive import Array


@dataclass(frozen=True)
class Part:
    """One part of the data: the row numbers, the encoded inputs and the encoded targets."""

    rows: Array
    x: Array
    y: Array


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before a network is chosen."""

    raw: RawData
    findings: Findings
    parts: Split
    encoder: Encoder
    codec: TargetCodec
    training: Part
    validation: Part
    test: Part

    @property
    def problem(self) -> Problem:
        """What the choice of a network depends on."""
        classes = len(self.codec.classes) if self.raw.task == "classification" else 0
        shape = self.training.x.shape[1:]
        return Problem(self.raw.kind, len(self.training.x), shape, self.raw.task, classes)

    def fingerprint(self) -> str:
        """A digest of the encoded data: a resumed training must see the same."""
        digest = hashlib.sha256()
        for part in (self.training, self.validation):
            for array in (part.x, part.y):
                digest.update(repr((array.shape, array.dtype.str)).encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:16]


def prepare(request: Request) -> Prepared:
    """Load and encode the data of a request."""
    raw = load(request.data, request.target, request.task)
    findings = inspect(raw)
    parts = split(raw, request.seed)
    encoder = encoder_for(raw).fit(raw.take(parts.train))
    codec = TargetCodec(raw.task, raw.target_name).fit(raw.targets[parts.train], raw.targets)

    def part(rows: Array) -> Part:
        x = np.asarray(encoder.encode(raw.take(rows)))
        return Part(rows, x, np.asarray(codec.encode(raw.targets[rows])))

    return Prepared(
        raw, findings, parts, encoder, codec,
        part(parts.train), part(parts.validation), part(parts.test),
    )  # fmt: skip


def describe_split(prepared: Prepared, seed: int) -> tuple[str, str]:
    """The decision about the split, for the report."""
    counts = list(prepared.parts.sizes().values())
    how = "the official test rows" if prepared.raw.given_split else "drawn"
    strata = ", the same mix of classes in each" if prepared.raw.task == "classification" else ""
    return "split", (
        f"{counts[0]} rows to train, {counts[1]} to decide when to stop, {counts[2]} held back "
        f"({how}; seed {seed}{strata})"
    )


def settings_of(request: Request, prepared: Prepared, model: str, settings: Any) -> dict[str, Any]:
    """What identifies a training: a resumed one must agree in all of it."""
    return {
        "data": request.data, "target": prepared.raw.target_name, "task": prepared.raw.task,
        "seed": request.seed, "model": model, **vars(settings),
        "fingerprint": prepared.fingerprint(), "model_file": _file_digest(model),
    }  # fmt: skip


def _file_digest(model: str) -> str:
    """A digest of the user's own Python file, empty for a network of ours."""
    if not model.endswith(".py"):
        return ""
    return hashlib.sha256(Path(model).read_bytes()).hexdigest()[:16]
