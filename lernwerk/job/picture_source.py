"""A folder with one sub-folder of pictures per class becomes raw data.

Every picture is read once, so that broken ones are left out and named before a training begins.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lernwerk.errors import DataError, FileError
from lernwerk.job.picture_reading import SUFFIXES, in_threads, picture_facts
from lernwerk.job.raw_data import RawData
from lernwerk.job.table_reading import SUFFIXES as TABLE_SUFFIXES
from lernwerk.job.target_reading import target_from_values
from lernwerk.job.wording import counted

Skipped = list[tuple[str, str]]
SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
NAMED = 3  # skipped files that the note names; the full list is in ``skipped``


def load_pictures(folder: Path, task: str | None = None) -> RawData:
    """Read the classes of a folder; DataError for a folder that has none or an empty one."""
    where = str(folder)
    skipped: Skipped = []
    classes = _class_folders(folder)
    groups = [_pictures(folder, name, skipped) for name in classes]
    paths = [path for group in groups for path in group]
    labels = [name.name for name, group in zip(classes, groups, strict=True) for _ in group]
    answer = target_from_values(where, "folder", np.array(labels, dtype=np.str_), task)
    return RawData(
        name=folder.resolve().name,
        kind="pictures",
        inputs=paths,
        targets=answer.values,
        task=answer.task,
        task_reason="It is a classification: every sub-folder is a class.",
        target_name="folder",
        class_names=answer.class_names,
        skipped=skipped,
        notes=skipped_notes(skipped),
    )


def visible(folder: Path) -> list[Path]:
    """What is in a folder, sorted by name, without the files that systems leave behind."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(str(folder), "a readable folder", reason) from None
    return [
        entry
        for entry in entries
        if not entry.name.startswith((".", "__")) and entry.name.lower() not in SYSTEM_FILES
    ]


def is_picture(path: Path) -> bool:
    """Whether the name of a file says that it is a picture."""
    return path.suffix.lower() in SUFFIXES


def _class_folders(folder: Path) -> list[Path]:
    entries = visible(folder)
    folders = [entry for entry in entries if entry.is_dir()]
    expected = "one sub-folder of pictures per class"
    if not folders:
        raise DataError(str(folder), expected, *_instead(folder, entries))
    if len(folders) == 1:
        inner = folders[0]
        hint = "Add the pictures of a second class."
        if any(entry.is_dir() for entry in visible(inner)):
            hint = f"The classes seem to lie one folder deeper: use {inner}"
        raise DataError(str(folder), f"{expected}, two at least", f"only '{inner.name}'", hint)
    return folders


def _instead(folder: Path, entries: list[Path]) -> tuple[str, str]:
    """What a folder without sub-folders holds, and what to do about it."""
    pictures = [entry for entry in entries if is_picture(entry)]
    tables = [entry for entry in entries if entry.suffix.lower() in (*TABLE_SUFFIXES, ".npz")]
    if pictures:
        return f"{counted(len(pictures), 'picture')} and no sub-folder", (
            f"Sort them into folders named after their classes, such as {folder}/cat and "
            f"{folder}/dog."
        )
    if tables:
        return f"'{tables[0].name}' and no sub-folder", f"Train on the file: {tables[0]}"
    return ("an empty folder" if not entries else "no sub-folder"), ""


def _pictures(folder: Path, inner: Path, skipped: Skipped) -> list[Path]:
    """The readable pictures of one class; the others are added to ``skipped``."""
    entries = visible(inner)
    candidates = [entry for entry in entries if entry.is_file() and is_picture(entry)]
    for entry in entries:
        if entry not in candidates:
            kind = "a folder" if entry.is_dir() else "no picture by its name"
            skipped.append((_short(folder, entry), kind))
    facts = in_threads(picture_facts, candidates)
    broken = [(path, fact) for path, fact in zip(candidates, facts, strict=True)
              if isinstance(fact, FileError)]  # fmt: skip
    skipped.extend((_short(folder, path), str(error.got)) for path, error in broken)
    unreadable = {path for path, _ in broken}
    good = [path for path in candidates if path not in unreadable]
    if not good:
        _refuse_empty(inner, entries, broken)
    return good


def _refuse_empty(inner: Path, entries: list[Path], broken: list[tuple[Path, FileError]]) -> None:
    expected = f"pictures of the class '{inner.name}'"
    hint = "Put some into it, or remove the folder if it is no class."
    if broken:
        path, error = broken[0]
        got = f"{counted(len(broken), 'unreadable file')} ({path.name}: {error.got})"
    elif any(entry.is_dir() for entry in entries):
        got, hint = "only folders", f"If the classes lie one folder deeper, use {inner}"
    else:
        got = "only files of other kinds" if entries else "an empty folder"
    raise DataError(str(inner), expected, got, hint)


def _short(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def skipped_notes(skipped: Skipped) -> list[str]:
    """The sentence about files that were left out, if there are any."""
    if not skipped:
        return []
    shown = ", ".join(f"{path} ({reason})" for path, reason in skipped[:NAMED])
    more = ", ..." if len(skipped) > NAMED else ""
    verb = "was" if len(skipped) == 1 else "were"
    return [f"{counted(len(skipped), 'file')} {verb} left out: {shown}{more}."]
