"""The main job from the request to the folder with model, history and report."""

from __future__ import annotations

import dataclasses
import datetime
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lernwerk.errors import FileError
from lernwerk.job import report
from lernwerk.job.bundle import Bundle
from lernwerk.job.checkpoint import NAME as CHECKPOINT
from lernwerk.job.choice import Choice, choose
from lernwerk.job.environment import environment
from lernwerk.job.fitting import Fitted, build, fit
from lernwerk.job.history_file import write_history
from lernwerk.job.outcome import Outcome
from lernwerk.job.preparation import Prepared, describe_split, prepare, settings_of
from lernwerk.job.request import Request
from lernwerk.job.scoring import score
from lernwerk.models.summary import layer_rows

RUNS = Path("runs")


def train(
    request: Request, announce: Callable[[str], None] = print, verbose: int | str = "auto"
) -> tuple[Outcome, Path]:
    """Do the whole job; ``announce`` gets one line at a time. Returns the outcome and its folder.

    Raises the errors of its parts, all of them LernwerkErrors with one clear line; what lay in the
    folder before is replaced only by finished files.
    """
    started = time.perf_counter()
    prepared = prepare(request)
    for sentence in prepared.findings.sentences:
        announce(sentence)
    for note in prepared.encoder.warnings:
        announce(f"Note: {note}")
    choice = choose(prepared.problem, request.model)
    choice = dataclasses.replace(
        choice, settings=dataclasses.replace(choice.settings, **request.overrides())
    )
    decisions = _decisions(request, prepared, choice)
    for what, why in decisions:
        if what in ("split", "network"):
            announce(f"{what.capitalize()}: {why}")
    model = build(prepared, choice, request.seed)
    folder = output_folder(request)
    identity = settings_of(request, prepared, choice.model, choice.settings)
    fitted = fit(
        model, prepared, choice, folder, identity,
        resume=request.resume, verbose=verbose, announce=announce,
    )  # fmt: skip
    outcome = _outcome(request, prepared, choice, fitted, decisions, folder, started)
    _write(outcome, Bundle(model, prepared.encoder, prepared.codec, _about(outcome)), folder)
    fitted.results_are_written()
    return outcome, folder


# ---- folder


def output_folder(request: Request) -> Path:
    """Where the results go: as asked, with --resume the newest unfinished run, else a new one."""
    name = Path(request.data).stem
    if request.out is not None:
        folder = Path(request.out).expanduser()
    elif request.resume:
        folder = _newest_unfinished(name)
    else:
        folder = _free(RUNS / name)
    if not request.resume:
        _make(folder)
    return folder


def _newest_unfinished(name: str) -> Path:
    """The run of this name (``name``, ``name-2``, ...) whose state was stored last."""
    runs = re.compile(rf"{re.escape(name)}(-\d+)?")
    found = [path for path in RUNS.glob(f"*/{CHECKPOINT}") if runs.fullmatch(path.parent.name)]
    found.sort(key=lambda path: path.stat().st_mtime)
    return found[-1].parent if found else RUNS / name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            str(folder), "a folder for the results", error.strerror or str(error),
            "Choose another one: --out FOLDER.",
        ) from None  # fmt: skip


def _free(folder: Path) -> Path:
    number = 2
    candidate = folder
    while candidate.exists():
        candidate = folder.with_name(f"{folder.name}-{number}")
        number += 1
    return candidate


def _write(outcome: Outcome, bundle: Bundle, folder: Path) -> None:
    bundle.save(folder / "model.keras")
    write_history(folder / "history.csv", outcome.history, outcome.epoch_seconds)
    report.write(outcome, folder / "report.html")


# ---- words


def _decisions(request: Request, prepared: Prepared, choice: Choice) -> list[tuple[str, str]]:
    given = ", ".join(f"{name} = {value}" for name, value in request.overrides().items())
    return [
        describe_split(prepared, request.seed),
        *(("preprocessing", sentence) for sentence in prepared.encoder.decisions()),
        *(("target", sentence) for sentence in prepared.codec.decisions()),
        *choice.reasons,
        *([("given", f"{given}, as the command line says")] if given else []),
    ]


def _about(outcome: Outcome) -> dict[str, Any]:
    return {
        "data": outcome.data_name, "task": outcome.task, "created": outcome.created,
        "scores": outcome.summary()["scores"],
    }  # fmt: skip


def _outcome(
    request: Request,
    prepared: Prepared,
    choice: Choice,
    fitted: Fitted,
    decisions: list[tuple[str, str]],
    folder: Path,
    started: float,
) -> Outcome:
    scored = score(fitted.model, prepared)
    raw, findings = prepared.raw, prepared.findings
    return Outcome(
        title=f"{raw.name}: {raw.target_name}" if raw.kind == "table" else raw.name,
        task=raw.task,
        data_name=raw.name,
        kind=raw.kind,
        created=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        sentences=findings.sentences,
        columns=[dataclasses.asdict(column) for column in findings.columns],
        decisions=decisions,
        layers=layer_rows(fitted.model),
        parameters=fitted.model.count_params(),
        history=fitted.progress.history,
        best_epoch=fitted.best_epoch,
        epoch_seconds=fitted.progress.seconds,
        seconds=time.perf_counter() - started,
        stopped=fitted.stopped,
        scores=scored.scores,
        baseline=scored.baseline,
        baseline_name=scored.baseline_name,
        true=scored.true,
        predicted=scored.predicted,
        class_names=prepared.codec.class_names,
        probabilities=scored.probabilities,
        examples=scored.mistakes,
        split=prepared.parts.sizes(),
        settings={"model": choice.model, **vars(choice.settings), "seed": request.seed},
        command=request.command(),
        predict_command=f"lernwerk predict {folder / 'model.keras'} INPUT",
        environment=environment(),
        warnings=[*prepared.encoder.warnings, *fitted.warnings],
    )
