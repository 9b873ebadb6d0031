"""The glossary is whole: references lead somewhere, a name means one term, all have texts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lernwerk.errors import ArgumentError
from lernwerk.glossary import AREAS, Term, term, terms
from lernwerk.glossary.terms import FOLDER, _plain

ROOT = Path(__file__).parent.parent.parent


def test_there_are_the_terms_of_a_course() -> None:
    assert len(terms()) >= 150
    assert {each.area for each in terms()} == set(AREAS)
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(AREAS)


@pytest.mark.parametrize("each", terms(), ids=lambda each: each.english)
def test_each_term_is_there_in_both_languages_and_its_references_exist(each: Term) -> None:
    assert each.german
    for text in (each.text, each.text_german):
        assert text.endswith((".", ")"))
        assert 20 < len(text) < 420
    assert each.text != each.text_german
    known = {other.english for other in terms()}
    assert set(each.see) <= known - {each.english}
    assert len(set(each.see)) == len(each.see)
    for name in each.names:
        assert term(name) is each


def test_no_name_means_two_terms() -> None:
    owners: dict[str, str] = {}
    for each in terms():
        for name in each.names:
            assert owners.setdefault(_plain(name), each.english) == each.english, name


def test_every_term_is_connected() -> None:
    mentioned = {name for each in terms() for name in each.see}
    assert not [each.english for each in terms() if not each.see and each.english not in mentioned]


@pytest.mark.parametrize(
    ("asked", "english"),
    [
        ("learning rate", "learning rate"), ("Lernrate", "learning rate"), ("RELU", "ReLU"),
        ("Überanpassung", "overfitting"), ("ueberanpassung", "overfitting"),
        ("one hot", "one-hot encoding"), ("SGD", "stochastic gradient descent"),
        ("Hebbsche Lernregel", "Hebb's rule"), ("backpropagation", "backpropagation"),
    ],
)  # fmt: skip
def test_a_term_is_found_by_any_of_its_names(asked: str, english: str) -> None:
    assert term(asked).english == english


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("gradiant", "Did you mean 'gradient'"),
        ("Lernratte", "Did you mean 'Lernrate'"),
        ("wordvec", "Did you mean 'word vector'"),
        ("zzzz", "lernwerk glossary"),
    ],
)
def test_an_unknown_term_is_refused_with_the_nearest(asked: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        term(asked)
    assert str(caught.value).startswith(f"glossary: expected a known term, got '{asked}'. {hint}")


def test_the_page_of_the_docs_is_that_of_the_terms() -> None:
    spec = importlib.util.spec_from_file_location("page", ROOT / "scripts/make_glossary_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    assert written == module.page(), "python scripts/make_glossary_page.py"
