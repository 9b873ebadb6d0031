"""Every recipe: its first page, its short run, its German."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import lernwerk
from lernwerk import language, settings
from lernwerk.recipes import cells, execute, recipes

ROOT = Path(lernwerk.__file__).parent.parent
ALL = recipes()


def named(values):
    return [pytest.param(each, id=each.name) for each in values]


def test_names_are_unique():
    names = [each.name for each in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("recipe", named(ALL))
def test_first_page(recipe):
    page = recipe.page
    assert 5 <= len(page.title) <= 90
    assert page.paragraphs, "says what is done and what to look at"
    assert page.fields.get("Source"), "names paper and year"
    assert ("Year" in page.fields) == (recipe.topic == "ancestors")
    assert ("Step" in page.fields) == (recipe.topic != "ancestors")
    assert any(each.kind == "text" for each in cells.cells(recipe.source))


@pytest.mark.parametrize("recipe", named(ALL))
def test_short_run(recipe, tmp_path, monkeypatch, capsys):
    if recipe.data and settings.get("data") is None:
        pytest.skip(f"LERNWERK_DATA is not set: {recipe.name} needs {recipe.data}")
    monkeypatch.chdir(tmp_path)
    done = execute(recipe, short=True, out=tmp_path / "out")
    assert [str(each) for each in done.run.reached if not each.met] == []
    assert done.run.pictures, "ends in a picture"
    assert all(each.stat().st_size > 1000 for each in done.run.pictures)
    assert capsys.readouterr().out.strip()
    assert not (tmp_path / "runs").exists(), "everything goes to the folder it was given"


@pytest.fixture(scope="module")
def translations():
    path = ROOT / "scripts" / "translations.py"
    if not path.exists():
        pytest.skip("only beside the sources")
    pytest.importorskip("babel")
    spec = importlib.util.spec_from_file_location("translations", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_has_its_german(translations):
    for name, texts in translations.wanted().items():
        catalogue = translations.read("de", name)
        known = {message.id: message.string for message in catalogue if message.id}
        missing = [text for text in texts if not known.get(text)]
        assert not missing, f"translations/de/{name}.po: scripts/translations.py update, fill in"
        assert set(known) == set(texts), f"{name}.po has texts that nobody wants"


def test_the_catalogue_is_compiled(translations):
    path = language.CATALOGUES / "de" / "LC_MESSAGES" / "lernwerk.mo"
    assert path.read_bytes() == translations.compiled("de"), "scripts/translations.py compile"


def test_a_text_has_one_translation(translations):
    found = {}
    for path in sorted((translations.SOURCES / "de").glob("*.po")):
        for message in translations.read("de", path.stem):
            if message.id:
                assert found.setdefault(message.id, message.string) == message.string, message.id


def test_placeholders_survive_translation(translations):
    import string

    def fields(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    for path in (translations.SOURCES / "de").glob("*.po"):
        for message in translations.read("de", path.stem):
            if "python-brace-format" in message.flags and "$" not in message.id:
                assert fields(message.id) == fields(message.string), message.id
