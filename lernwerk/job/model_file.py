"""A network from the user's own Python file: ``lernwerk train DATA --model my_model.py``.

The file defines ``build(input_shape, outputs)`` and returns a model; it is the user's own program,
named on the command line, and runs as such.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lernwerk.errors import ArgumentError, FileError, LernwerkError
from lernwerk.models import Model

if TYPE_CHECKING:
    from lernwerk.job.choice import Problem

_EXAMPLE = (
    "For example: def build(input_shape, outputs): return Sequential([Input(input_shape), "
    "Dense(outputs, activation='softmax')])"
)


def builder_from_file(path: str, problem: Problem) -> Callable[[], Model]:
    """A function that calls ``build`` of the file for this problem.

    Raises FileError for a missing file or one that fails, ArgumentError where ``build`` is missing
    or its model does not fit the data.
    """
    if not Path(path).is_file():
        raise FileError(path, "a Python file with a function build", "no such file")
    try:
        names = runpy.run_path(path)
    except Exception as error:
        raise FileError(path, "a Python file that runs", _one_line(error)) from error
    build = names.get("build")
    if not callable(build):
        raise ArgumentError(path, "a function build(input_shape, outputs)", "none", _EXAMPLE)
    return lambda: _checked(build, path, problem)


def _checked(build: Callable[..., Any], path: str, problem: Problem) -> Model:
    try:
        model = build(problem.shape, problem.outputs)
    except LernwerkError:
        raise
    except Exception as error:
        raise FileError(path, "build(input_shape, outputs) to run", _one_line(error)) from error
    if not isinstance(model, Model):
        raise ArgumentError(path, "build to return a model", type(model).__name__, _EXAMPLE)
    model.build_for((None, *problem.shape))
    shape = model.compute_output_shape((None, *problem.shape))
    if shape != (None, problem.outputs):
        raise ArgumentError(
            path, f"a model with {problem.outputs} outputs a row", f"output shape {shape}",
            f"End it with Dense({problem.outputs}).",
        )  # fmt: skip
    return model


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}".rstrip(
        ": "
    )
