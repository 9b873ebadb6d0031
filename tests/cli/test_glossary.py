"""``lernwerk glossary``: one term, all of them, as JSON, and in the reader's language."""

from __future__ import annotations

import json

from lernwerk.cli import glossary
from lernwerk.cli.glossary import page, table
from lernwerk.glossary import term, terms


def test_a_term_is_printed_in_both_languages(lernwerk) -> None:
    ended = lernwerk("glossary", "Lernrate")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[:2] == ["learning rate – Lernrate", "also: step size; Schrittweite des Abstiegs"]
    flat = " ".join(ended.out.split())
    assert term("learning rate").text in flat
    assert term("learning rate").text_german in flat
    assert "see also: gradient descent (Gradientenabstieg), learning rate schedule (" in flat


def test_a_term_of_several_words_needs_no_quotes(lernwerk) -> None:
    assert "1 / (1 + e^-x)" in lernwerk("glossary", "logistic", "function").out


def test_all_terms_are_listed(lernwerk) -> None:
    lines = lernwerk("glossary").out.splitlines()
    assert len(lines) == len(terms()) + 2
    assert lines[-1] == "lernwerk glossary TERM explains one, in English and German."
    assert any(line.split("  ")[0] == "weight" and line.endswith("Gewicht") for line in lines)
    firsts = [line.casefold() for line in lines[:-2]]
    assert firsts == sorted(firsts)


def test_as_json(lernwerk) -> None:
    found = json.loads(lernwerk("glossary", "ReLU", "--json").out)
    assert found["english"] == "ReLU"
    assert found["formula"] == "f(x) = max(x, 0)"
    assert "dying ReLU" in found["see"]
    assert len(json.loads(lernwerk("glossary", "--json").out)) == len(terms())


def test_an_unknown_term_is_one_line_and_code_1(lernwerk) -> None:
    ended = lernwerk("glossary", "gradiant")
    assert ended.code == 1
    assert ended.err.startswith(
        "Error: glossary: expected a known term, got 'gradiant'. Did you mean 'gradient'"
    )


def test_a_german_reader_gets_german_first(monkeypatch) -> None:
    texts = {"English first": "Deutsch zuerst", "see also: {names}": "siehe auch: {names}"}
    monkeypatch.setattr(glossary, "_", lambda text: texts.get(text, text))
    lines = list(page(term("weight")))
    assert lines[0] == "Gewicht – weight"
    assert lines[-1] == "siehe auch: Verzerrung (bias), Parameter, Neuron"
    assert next(iter(table())).startswith("Ableitung ")
