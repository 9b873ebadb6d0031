"""What ``lernwerk run`` does inside the kernel of a notebook, around its cells.

``as_keras()``, the seed, plots in the notebook, and commands that install or choose TensorFlow
skipped with a note.
"""

from __future__ import annotations

import re
from typing import Any

from lernwerk import legacy
from lernwerk.compat.finder import as_keras
from lernwerk.compat.program import explained, seed_everything
from lernwerk.errors import LernwerkError

_INSTALL = re.compile(
    r"^\s*[!%]\s*(?:python3?\s+-m\s+)?(?:pip3?|conda|mamba)\s+(?:install|uninstall)\b.*"
)
_REPLACED = re.compile(
    r"\b(?:tensorflow(?:-gpu|-cpu|-macos|-metal)?|tf[-_]nightly|keras|tf[-_]keras)\b(?![-_]\w)",
    re.I,
)
_CELL = re.compile(r'  File "[^"]*ipykernel[^"]*", line')
_SKIPPED_MAGIC = re.compile(r"^\s*%(?:tensorflow_version|tensorboard|load_ext\s+tensorboard)\b.*")


def start(seed: int | None = None) -> None:
    """Prepare the kernel."""
    as_keras()
    seed_everything(seed)
    shell = _shell()
    if shell is None:
        return
    shell.input_transformers_cleanup.append(without_installs)
    shell.set_custom_exc((LernwerkError,), _short)
    shell.run_line_magic("matplotlib", "inline")


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def without_installs(lines: list[str]) -> list[str]:
    """The lines of a cell without commands that install or choose TensorFlow or Keras."""
    return [_pass(line) if _is_skipped(line) else line for line in lines]


def _is_skipped(line: str) -> bool:
    installs = _INSTALL.match(line) and _REPLACED.search(line)
    return bool(installs or _SKIPPED_MAGIC.match(line))


def _pass(line: str) -> str:
    legacy.note(line.strip(), "skipped")
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass\n"


def _short(shell: Any, kind: Any, value: Any, trace: Any, tb_offset: Any = None) -> Any:
    """An error of Lernwerk in a cell: its sentence and the cell's line."""
    text = _CELL.sub("  Cell, line", explained(value.with_traceback(trace)))
    shell._showtraceback(kind, value, text.splitlines())
    return text.splitlines()


def notes() -> str:
    """The old names that were used."""
    return legacy.summary()
