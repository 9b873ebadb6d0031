"""The report: sound HTML that needs nothing else, safe text, every section, every edge case."""

from __future__ import annotations

import dataclasses
import math
import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk.errors import FileError
from lernwerk.job import report
from lernwerk.job.outcome import Mistake, Outcome

VOID = {"meta", "img", "br", "link", "input", "hr"}
EVIL = "<script>alert(1)</script>\"'&</style><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """Checks that tags are balanced and collects what a page would load or run."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            self.ids += [value or ""] * (name == "id")
            self.loads += [value or ""] * (name in {"src", "href", "xlink:href", "srcset", "data"})
            self.handlers += [name] * name.startswith("on")

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        spaces = str.maketrans({"\N{NARROW NO-BREAK SPACE}": " ", "\N{NO-BREAK SPACE}": " "})
        return " ".join(" ".join(self.words).translate(spaces).split())


def checked(outcome: Outcome) -> Page:
    """The parsed report, after the checks that hold for every one."""
    text = report.render(outcome)
    page = Page(text)
    assert "script" not in page.tags
    assert not page.handlers
    assert "http://" not in text and "https://" not in text and "@import" not in text
    assert all(address.startswith(("#", "data:image/png;base64,")) for address in page.loads)
    assert len(page.ids) == len(set(page.ids)), "ids clash"
    assert {address[1:] for address in page.loads if address[0] == "#"} <= set(page.ids)
    return page


def classification(classes: int = 3, rows: int = 60, **changes: Any) -> Outcome:
    generator = np.random.default_rng(0)
    true = np.arange(rows) % classes
    predicted = np.where(generator.random(rows) < 0.8, true, (true + 1) % classes)
    probabilities = np.full((rows, classes), 0.3 / max(classes - 1, 1))
    probabilities[np.arange(rows), predicted] = 0.7
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8)
    values: dict[str, Any] = {
        "title": "Digits",
        "task": "classification",
        "data_name": "digits",
        "kind": "pictures",
        "created": "2025-01-31T09:05:00",
        "sentences": ["1,797 pictures of 8 × 8 pixels."],
        "columns": [],
        "decisions": [("scaling", "Divided by 16, the largest value.")],
        "layers": [("dense", "(batch, 10)", "650")],
        "parameters": 650,
        "history": {
            "loss": [1.0, 0.5, 0.4],
            "val_loss": [1.1, 0.6, 0.7],
            "accuracy": [0.5, 0.8, 0.9],
            "val_accuracy": [0.4, 0.7, 0.7],
        },
        "best_epoch": 2,
        "epoch_seconds": [0.5, 0.25, 0.25],
        "seconds": 1.25,
        "stopped": "The validation loss had not improved for 1 epoch.",
        "scores": {"accuracy": float(np.mean(true == predicted)), "loss": 0.6},
        "baseline": {"accuracy": 1 / classes},
        "baseline_name": "always the largest class",
        "true": true,
        "predicted": predicted,
        "class_names": [f"class {index}" for index in range(classes)],
        "probabilities": probabilities,
        "examples": [Mistake("row 7", "class 1", "class 2", 0.9, picture=picture)] * 3,
        "split": {"training": 400, "validation": 100, "held back": rows},
        "settings": {"seed": 7, "model": None, "resume": False, "units": [32, 16]},
        "command": "lernwerk train digits --seed 7",
        "predict_command": "lernwerk predict digits/model.keras picture.png",
        "environment": {"Lernwerk": "0.1.0", "engine": "numpy"},
        "warnings": ["Few rows."],
    }
    return Outcome(**values | changes)


def regression(rows: int = 50, **changes: Any) -> Outcome:
    generator = np.random.default_rng(1)
    true = generator.normal(100, 20, rows)
    predicted = true + generator.normal(0, 5, rows)
    row = {"age": 59, "sex": "male", "bmi": 32.125}
    values: dict[str, Any] = {
        "task": "regression",
        "kind": "table",
        "columns": [{"name": "age", "kind": "number", "missing": 3, "summary": "19 to 79"}],
        "history": {"loss": [1.0, 0.5], "val_loss": [1.0, 0.6], "mae": [2.0, 1.0]},
        "scores": {"mae": 4.25, "r2": 0.9},
        "baseline": {"mae": 16.5, "r2": 0.0},
        "baseline_name": "always the mean",
        "true": true[:, None],
        "predicted": predicted,
        "class_names": None,
        "probabilities": None,
        "examples": [Mistake("row 3", 120.5, 90.25, error=-30.25, row=row)],
    }
    return classification(**values | changes)


def test_a_classification_answers_everything_in_order() -> None:
    text = checked(classification(rows=60)).text
    parts = [
        "Digits Classification of pictures: digits · 31 January 2025, 09:05".replace(" · ", " "),
        "held back",
        "baseline 33.3 % always the largest class",
        "560 400 training, 100 validation, 60 held back",
        "training 1.2 s 3 epochs, best 2",
        "Of 60 pictures held back from training, the model named",
        "Few rows.",
        "Learning",
        "The weights of epoch 2 were kept.",
        "Right and wrong",
        "Most often confused:",
        "the model was 70.0 % sure on average",
        "precision",
        "The worst mistakes",
        "class 2 instead of class 1 90.0 % sure row 7",
        "The data",
        "What was decided, and why scaling Divided by 16",
        "The network 1 layer, 650 parameters.",
        "Doing it again",
        "lernwerk train digits --seed 7",
        "lernwerk predict digits/model.keras picture.png",
        "seed 7 model none resume no units 32, 16",
        "Lernwerk 0.1.0",
    ]
    positions = []
    for part in parts:
        start = positions[-1] if positions else 0
        assert part in text[start:], f"{part!r} is missing or too early"
        positions.append(text.index(part, start))


def test_a_regression_shows_values_and_rows() -> None:
    text = checked(regression()).text
    for part in (
        "On 50 rows held back from training, the predictions are off by",
        "The obvious guess, always the mean, has a mean absolute error of 16.5.",
        "predicted over true",
        "row 3 120.5 90.25 −30.25 59 male 32.12",
        "age number 3 19 to 79",
        "The largest errors",
    ):
        assert part in text
    assert "precision" not in text


@pytest.mark.parametrize("make", [classification, regression])
def test_equal_outcomes_give_equal_pages(make: Any) -> None:
    assert report.render(make()) == report.render(make())


def test_text_from_data_cannot_become_markup() -> None:
    names = [EVIL + str(index) for index in range(3)]
    outcome = classification(
        title=EVIL,
        data_name=EVIL,
        created=EVIL,
        sentences=[EVIL],
        columns=[{"name": EVIL, "kind": EVIL, "missing": EVIL, "summary": EVIL}],
        decisions=[(EVIL, EVIL)],
        layers=[(EVIL, EVIL, EVIL)],
        history={"loss": [1.0], EVIL: [1.0]},
        stopped=EVIL,
        scores={EVIL: 1.0, "loss": 2.0},
        baseline={EVIL: 1.0},
        baseline_name=EVIL,
        class_names=names,
        examples=[
            Mistake(EVIL, EVIL, EVIL, 0.5, picture=np.zeros((2, 2), np.uint8)),
            Mistake(EVIL, EVIL, EVIL, 0.5, row={EVIL: EVIL}),
        ],
        split={EVIL: 3},
        settings={EVIL: EVIL},
        command=EVIL,
        predict_command=EVIL,
        environment={EVIL: EVIL},
        warnings=[EVIL],
    )
    page = checked(outcome)
    assert page.text.count("<script>alert(1)</script>") > 20


def test_placeholders_in_data_are_left_alone() -> None:
    assert "$title ${style} $$" in checked(classification(title="$title ${style} $$")).text


@pytest.mark.parametrize("classes", [2, 26, 100])
def test_any_number_of_classes(classes: int) -> None:
    page = checked(classification(classes, rows=classes * 10))
    assert ("details" in page.tags) == (classes > 25)
    assert f"class {classes - 1}" in page.text


def test_ten_thousand_rows_and_long_names_stay_a_small_page() -> None:
    names = [f"class {index} " + "with a very long name " * 20 for index in range(100)]
    text = report.render(classification(100, rows=10_000, class_names=names))
    assert len(text) < 600_000
    assert len(report.render(regression(rows=10_000))) < 600_000


def test_a_hundred_columns_are_folded() -> None:
    columns = [
        {"name": f"column {index}", "kind": "number", "missing": 0, "summary": ""}
        for index in range(100)
    ]
    row = {f"column {index}": index / 7 for index in range(100)}
    example = Mistake("row 1", 1.0, 2.0, error=1.0, row=row)
    page = checked(regression(columns=columns, examples=[example]))
    assert page.tags.count("details") == 2
    assert "100 columns" in page.text
    assert "All 100 columns of these rows" in page.text


def test_no_mistakes_at_all() -> None:
    true = np.arange(30) % 3
    page = checked(classification(true=true, predicted=true, probabilities=None, examples=[]))
    assert "Every held-back answer is right." in page.text
    assert "There is no mistake among the held-back answers." in page.text
    assert "sure" not in page.text


def test_mistakes_without_examples() -> None:
    assert "No examples were kept." in checked(classification(examples=[])).text


def test_labels_as_names_without_class_names() -> None:
    true = np.array(["cat", "dog", "cat"])
    said = np.array(["cat", "cat", "cat"])
    page = checked(classification(true=true, predicted=said, class_names=None, probabilities=None))
    assert "dog cat 1" in page.text
    assert "dog 1 – 0 % 0 %" in page.text


@pytest.mark.parametrize("shape", [(60,), (60, 1), (60, 2)])
def test_probabilities_of_two_classes_in_every_form(shape: tuple[int, ...]) -> None:
    page = checked(classification(2, probabilities=np.full(shape, 0.5)))
    assert "50.0 % sure on average" in page.text


def test_probabilities_of_another_length_or_with_gaps_are_not_quoted() -> None:
    for probabilities in (np.full((3, 3), 0.5), np.full((60, 3), math.nan)):
        page = checked(classification(probabilities=probabilities, examples=[]))
        assert "sure on average" not in page.text


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"loss": []},
        {"loss": [0.5]},
        {"loss": [1.0, math.nan, math.inf]},
        {"loss": [math.nan], "val_loss": [math.nan]},
        {f"metric {index}": [1.0, 2.0] for index in range(9)},
        {"a b": [1.0], "a-b": [1.0], "a_b": [2.0]},
    ],
)
def test_any_history(history: dict[str, list[float]]) -> None:
    page = checked(classification(history=history, best_epoch=1 if history else 0))
    assert page.tags.count("svg") <= 5


def test_a_diverged_regression_says_so() -> None:
    page = checked(regression(predicted=np.full(50, math.nan), scores={"mae": math.nan}))
    assert "None of the predictions is a finite number: the training diverged." in page.text
    assert "not a number" in page.text


def test_nothing_held_back_and_nothing_known() -> None:
    nothing = np.array([], dtype=int)
    lists = ("sentences", "columns", "decisions", "layers", "examples", "warnings", "epoch_seconds")
    tables = ("history", "scores", "baseline", "split", "settings", "environment")
    empty: dict[str, Any] = {name: [] for name in lists} | {name: {} for name in tables}
    empty |= {"true": nothing, "predicted": nothing, "probabilities": None, "best_epoch": 0}
    empty |= {"command": "", "predict_command": "", "stopped": "", "parameters": 0}
    for make in (classification, regression):
        page = checked(make(**empty))
        assert "No rows were held back, so nothing can be said about new data." in page.text


def test_many_and_large_pictures() -> None:
    large = np.zeros((80, 120, 3), np.uint8)
    examples = [
        Mistake(f"file {index}.png", "cat", "dog", 0.8, picture=large) for index in range(30)
    ]
    page = checked(classification(examples=examples))
    assert page.tags.count("img") == 30
    assert "6 more" in page.text


def test_pictures_of_a_regression_say_how_far_off() -> None:
    example = Mistake("a.png", 1.0, 3.0, error=2.0, picture=np.zeros((8, 8, 1), np.uint8))
    assert "3 instead of 1 off by +2 a.png" in checked(regression(examples=[example])).text


def test_dates_are_written_out_where_they_are_dates() -> None:
    assert "last week" in checked(classification(created="last week")).text
    assert "31 January 2025 Result" in checked(classification(created="2025-01-31")).text


def test_the_page_follows_the_readers_light_and_paper() -> None:
    text = report.render(classification())
    for rule in ("prefers-color-scheme: dark", "@media print", "max-width: 44rem"):
        assert rule in text
    assert 'name="viewport"' in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_write_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    assert report.write(regression(), path) == path
    assert path.read_text(encoding="utf-8") == report.render(regression())
    assert list(tmp_path.iterdir()) == [path]


def test_write_leaves_the_earlier_file_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="got No space left on device"):
        report.write(dataclasses.replace(classification(), title="new"), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
