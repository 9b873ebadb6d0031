"""Runs a program as Python would, with ``as_keras()`` in force: the heart of ``lernwerk run``.

What a program sees is what it would see under ``python program.py``: its arguments, its folder on
the path, ``__main__``. What goes wrong is shown with the program's own lines only.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from lernwerk import legacy, settings
from lernwerk.compat.finder import as_keras
from lernwerk.errors import FileError, LernwerkError

FAILED, INTERRUPTED = 1, 130
_PACKAGE = str(Path(__file__).parents[1])
_INSIDE = (_PACKAGE, "<frozen ")  # what is not the program's own


def run_program(
    path: Path, arguments: Sequence[str], out: Path | None = None, seed: int | None = None
) -> int:
    """Run a program and return its exit code; a ``sys.exit`` of the program passes through."""
    code = _compiled(path)
    prepare_figures(path.stem, out)
    seed_everything(seed)
    as_keras()
    main = _main_module(path)
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(code, vars(main))
    except SystemExit:
        raise
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BaseException as error:
        _flush()
        print(explained(error), end="", file=sys.stderr)
        return FAILED
    finally:
        _flush()
        show_notes()
    return 0


def _compiled(path: Path) -> Any:
    if not path.is_file():
        raise FileError(str(path), "a program to run", "nothing there")
    with io.open_code(str(path)) as file:
        text = file.read()
    try:
        return compile(text, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        print("".join(traceback.format_exception_only(error)), end="", file=sys.stderr)
        sys.exit(FAILED)


def _main_module(path: Path) -> ModuleType:
    main = ModuleType("__main__")
    main.__file__ = str(path)
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main  # so that what the program defines can be pickled
    return main


def seed_everything(seed: int | None) -> None:
    """Seed Python's, NumPy's and Lernwerk's random numbers; nothing for None."""
    if seed is None:
        return
    from lernwerk.utils import set_random_seed

    set_random_seed(seed)


def prepare_figures(stem: str, out: Path | None) -> None:
    """Let ``plt.show()`` write files where nothing can be shown, or where a folder is given."""
    headless = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if out is None and not (headless and not os.environ.get("MPLBACKEND")):
        return
    from lernwerk.compat.places import place_figures

    place_figures((out or Path()).resolve(), stem)


def show_notes() -> None:
    """The old names that were used and the figures that were written, on standard error."""
    figures = sys.modules.get("lernwerk.compat.figures")
    if figures is not None and figures.written:
        listed = ", ".join(os.path.relpath(each) for each in figures.written)
        print(f"Figures: {listed}", file=sys.stderr)
    text = legacy.summary()
    if text:
        print(text, file=sys.stderr)


def _flush() -> None:
    with contextlib.suppress(BrokenPipeError, ValueError):
        sys.stdout.flush()


# ---- what went wrong


def explained(error: BaseException) -> str:
    """The text of an error: a traceback of the program's own lines; all of it in debug mode.

    An error of Lernwerk is the line of the program that caused it and its one sentence.
    """
    if settings.get("debug"):
        return "".join(traceback.format_exception(error))
    own = _own_lines(error.__traceback__)
    if isinstance(error, LernwerkError):
        return "".join([*traceback.format_list(own[-1:]), f"{type(error).__name__}: {error}\n"])
    shown = traceback.TracebackException.from_exception(error)
    _cut(shown)
    return "".join(shown.format())


def _own_lines(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    return [
        traceback.FrameSummary(each.filename, each.lineno, each.name, line=each.line)
        for each in traceback.extract_tb(trace)
        if not each.filename.startswith(_INSIDE)
    ]


def _cut(shown: traceback.TracebackException) -> None:
    """Leave out the frames of this package at the top of a traceback, and of its causes."""
    kept = [each for each in shown.stack if each.filename != __file__]
    shown.stack = traceback.StackSummary.from_list(kept)
    for cause in (shown.__cause__, shown.__context__):
        if cause is not None:
            _cut(cause)
