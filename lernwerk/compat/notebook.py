"""Runs a notebook cell by cell in a kernel of its own and writes it back with its outputs.

nbformat reads and writes the file, nbclient speaks with the kernel; ``kernel.py`` is what is done
inside the kernel before the first cell and after the last.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lernwerk.errors import FileError, MissingExtraError

FAILED, INTERRUPTED = 1, 130
INTERRUPTION = "Interrupted."
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# "Cell, line 2" of an error of Lernwerk, "----> 2 model.fit(x)" of others.
_POINTER = re.compile(r"^(?:  Cell, line |-+> )(\d+)", re.MULTILINE)


def run_notebook(path: Path, out: Path | None = None, seed: int | None = None) -> int:
    """Run a notebook, write it with its outputs to ``out``, and return an exit code.

    Raises FileError where it is no notebook, MissingExtraError without nbclient and ipykernel.
    """
    nbformat = _needed("nbformat")
    notebook = _read(nbformat, path)
    target = (out or Path(f"{path.stem}-run.ipynb")).resolve()
    try:
        failure = _execute(notebook, path, seed)
    except KeyboardInterrupt:
        failure = INTERRUPTION
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(nbformat, notebook, target)
    print(f"Written: {out or target.name}", file=sys.stderr)
    if failure:
        print(failure, file=sys.stderr)
    return INTERRUPTED if failure == INTERRUPTION else FAILED if failure else 0


def _needed(name: str) -> Any:
    try:
        for each in ("nbformat", "nbclient", "ipykernel"):
            __import__(each)
    except ImportError as error:
        raise MissingExtraError(
            "lernwerk run", "nbformat, nbclient and ipykernel for notebooks",
            f"no {error.name}", "pip install 'lernwerk[notebook]'",
        ) from None  # fmt: skip
    return sys.modules[name]


def _read(nbformat: Any, path: Path) -> Any:
    if not path.is_file():
        raise FileError(str(path), "a notebook to run", "nothing there")
    try:
        with path.open(encoding="utf-8") as file:
            notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, nbformat.reader.NotJSONError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:80]
        raise FileError(str(path), "a notebook (.ipynb)", f"another file ({reason})") from None
    return notebook


def _write(nbformat: Any, notebook: Any, target: Path) -> None:
    from lernwerk.utils.atomic import write_atomically

    with write_atomically(str(target)) as partial:
        partial.write_text(nbformat.writes(notebook), encoding="utf-8")


def _execute(notebook: Any, path: Path, seed: int | None) -> str:
    """Run all cells; the sentence about the one that failed, or nothing."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    sockets = TemporaryDirectory(prefix="lernwerk-")
    client = _client(notebook, path, Path(sockets.name))
    number = 0
    try:
        with sockets, client.setup_kernel():
            _ask(client, f"from lernwerk.compat import kernel; kernel.start({seed!r})")
            for number, cell in enumerate(notebook.cells):
                client.execute_cell(cell, number)
                _show(cell)
            text = _ask(client, "kernel.notes()", "kernel.notes()")
    except CellExecutionError:
        _show(notebook.cells[number])
        return _failure(path, notebook, number)
    except DeadKernelError:
        return f"{path.name}, {_place(notebook, number)}: the kernel died."
    if text:
        print(text, file=sys.stderr)
    return ""


def _client(notebook: Any, path: Path, sockets: Path) -> Any:
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from traitlets import default

    class Manager(AsyncKernelManager):
        """Starts the kernel with this Python, whatever kernels are installed, without ports."""

        @default("transport")
        def _default_transport(self) -> str:
            return "tcp" if sys.platform == "win32" else "ipc"

        @default("ip")
        def _default_ip(self) -> str:  # of ipc, the start of paths; the kernel's folder is another
            return "127.0.0.1" if self.transport == "tcp" else str(sockets / "kernel")

        def format_kernel_cmd(self, extra_arguments: Any = None) -> list[str]:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file]
            return [*command, *(extra_arguments or [])]

    return NotebookClient(
        notebook, timeout=None, kernel_name="python3", kernel_manager_class=Manager,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )  # fmt: skip


def _ask(client: Any, code: str, expression: str = "None") -> Any:
    """Run code in the kernel that is no cell; the value of the expression."""
    from nbclient.util import run_sync

    run = run_sync(client.kc._async_execute_interactive)
    reply = run(
        code, silent=False, store_history=False, user_expressions={"value": expression},
        output_hook=lambda message: None,
    )["content"]  # fmt: skip
    found = reply.get("user_expressions", {}).get("value", {})
    if found.get("status") != "ok":
        return None
    return ast.literal_eval(found["data"]["text/plain"])


def _show(cell: Any) -> None:
    """Print the text that a cell wrote, as a program would have done."""
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            stream = sys.stderr if output["name"] == "stderr" else sys.stdout
            print(output["text"], end="", file=stream, flush=True)


def _place(notebook: Any, number: int) -> str:
    """A cell as the reader counts: code cells from 1."""
    before = sum(cell["cell_type"] == "code" for cell in notebook.cells[: number + 1])
    return f"code cell {before}"


def _failure(path: Path, notebook: Any, number: int) -> str:
    """What went wrong, where, and the line of the cell."""
    cell = notebook.cells[number]
    error = next(o for o in cell["outputs"] if o["output_type"] == "error")
    if error["ename"] == "KeyboardInterrupt":
        return INTERRUPTION
    line = _line(error["traceback"], cell["source"])
    return f"{path.name}, {_place(notebook, number)}, {line!r}: {error['ename']}: {error['evalue']}"


def _line(trace: list[str], source: str) -> str:
    """The line of the cell that failed, as the traceback points to it; else its first one."""
    text = _COLOURS.sub("", "\n".join(trace))
    numbers = [int(number) for number in _POINTER.findall(text)]
    lines = source.splitlines() or [""]
    number = next((n for n in numbers if n <= len(lines)), 1)
    return lines[number - 1].strip()
