"""The worst mistakes of a report, as pictures or as rows of a table.

It shows the ``Mistake`` records of an ``Outcome`` in the order in which they come; which ones are
the worst was decided by whoever collected them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lernwerk.job import html, wording
from lernwerk.job.outcome import Array, Mistake, Outcome
from lernwerk.job.report_results import answer_indices
from lernwerk.plots import picture_to_png_data_uri

# Columns of a table that can be read beside the answer; the rest is folded.
ROW_COLUMNS = 6
COLUMNS_IN_FULL = 8
# Beyond this many pictures a page is a wall.
OPEN_PICTURES = 24
# Up to this length the title of a row stays on one line.
SHORT_TITLE = 16
# Smaller pictures are enlarged with hard edges, larger ones smoothly.
SMALL_PICTURE = 64


def mistakes(outcome: Outcome) -> str:
    """The worst mistakes as pictures where there are some, else as rows of a table."""
    if not outcome.examples:
        return html.paragraph(_without_examples(outcome))
    pictures = [mistake for mistake in outcome.examples if mistake.picture is not None]
    rows = [mistake for mistake in outcome.examples if mistake.picture is None]
    return _picture_mistakes(pictures) + (_row_mistakes(outcome, rows) if rows else "")


def _without_examples(outcome: Outcome) -> str:
    if not np.size(outcome.true):
        return ""
    if outcome.task == "classification" and np.array_equal(*answer_indices(outcome)):
        return "There is no mistake among the held-back answers."
    return "No examples were kept."


def _picture_mistakes(examples: Sequence[Mistake]) -> str:
    drawn = [_picture(mistake, np.asarray(mistake.picture)) for mistake in examples]
    first = html.group("".join(drawn[:OPEN_PICTURES]), "pictures")
    rest = html.group("".join(drawn[OPEN_PICTURES:]), "pictures")
    return first + (html.details(f"{len(drawn) - OPEN_PICTURES} more", rest) if rest else "")


def _picture(mistake: Mistake, picture: Array) -> str:
    kind = "small" if max(picture.shape[:2]) < SMALL_PICTURE else "large"
    said = f"{_value(mistake.predicted)} instead of {_value(mistake.true)}"
    address = picture_to_png_data_uri(picture)
    notes = filter(None, [_certainty(mistake), mistake.title])
    lines = "".join(f'<span class="note">{html.escape(note)}</span>' for note in notes)
    return (
        f'<figure class="picture"><img class="{kind}" src="{address}" alt="{html.escape(said)}">'
        f"<figcaption>{html.escape(said)}{lines}"
        "</figcaption></figure>"
    )


def _certainty(mistake: Mistake) -> str:
    if mistake.probability is not None:
        return f"{wording.percent(mistake.probability)} sure"
    return f"off by {wording.signed(mistake.error)}" if mistake.error is not None else ""


def _value(value: object) -> str:
    if isinstance(value, (float, np.floating)):
        return wording.number(float(value))
    return "" if value is None else str(value)


def _row_mistakes(outcome: Outcome, examples: Sequence[Mistake]) -> str:
    columns = list(dict.fromkeys(name for mistake in examples for name in mistake.row or {}))
    shown = columns if len(columns) <= COLUMNS_IN_FULL else columns[:ROW_COLUMNS]
    last = "sure" if outcome.task == "classification" else "off by"
    heads = ["", "true", "predicted", last, *shown]
    rows = [[*_answer(mistake), *_row_values(mistake, shown)] for mistake in examples]
    numbers = _right(rows)
    markup = html.table(heads, rows, numbers=numbers)
    return markup + (_all_columns(examples, columns) if len(columns) > len(shown) else "")


def _answer(mistake: Mistake) -> list[str]:
    certainty = ""
    if mistake.probability is not None:
        certainty = wording.percent(mistake.probability)
    elif mistake.error is not None:
        certainty = wording.signed(mistake.error)
    title = mistake.title if len(mistake.title) > SHORT_TITLE else wording.unbroken(mistake.title)
    return [title, _value(mistake.true), _value(mistake.predicted), certainty]


def _row_values(mistake: Mistake, columns: Sequence[str]) -> list[str]:
    return [_value((mistake.row or {}).get(name)) for name in columns]


def _right(rows: Sequence[Sequence[str]]) -> list[int]:
    """Columns in which every text is empty or begins like a number."""
    return [
        index
        for index, texts in enumerate(zip(*rows, strict=True))
        if index and all(not text or text.lstrip("+−-")[:1].isdigit() for text in texts)
    ]


def _all_columns(examples: Sequence[Mistake], columns: Sequence[str]) -> str:
    rows = [
        [name, *(_value((mistake.row or {}).get(name)) for mistake in examples)] for name in columns
    ]
    heads = ["column", *(mistake.title for mistake in examples)]
    return html.details(
        f"All {len(columns)} columns of these rows", html.table(heads, rows, numbers=_right(rows))
    )
