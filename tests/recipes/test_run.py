"""What a recipe can ask its run for, and what the run says."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lernwerk.errors import ArgumentError, MissingExtraError, UsageError
from lernwerk.recipes import Reached, Run, execute, shelf


@pytest.fixture
def run(tmp_path):
    return Run("trial", out=tmp_path / "out")


def test_a_recipe_runs_and_tells(sample, tmp_path, capsys):
    done = execute(sample, seed=2, short=True, out=tmp_path / "out")
    numbers = np.random.default_rng(2).normal(size=10)
    (reached,) = done.run.reached
    assert reached.value == pytest.approx(abs(numbers.mean()))
    assert done.met and done.seconds > 0
    assert [each.name for each in done.run.pictures] == ["numbers.png", "growing.gif"]
    printed = capsys.readouterr().out
    mean = numbers.mean()
    assert f"mean: {mean:.8g} by hand, {mean:.8g} with Lernwerk" in printed
    assert f"mean: {abs(mean):.5g} (at most 1: reached)" in printed
    with Image.open(done.run.pictures[1]) as film:
        assert film.n_frames == 2


def test_quiet_runs_print_nothing(sample, tmp_path, capsys):
    execute(sample, short=True, out=tmp_path / "out", quiet=True)
    assert capsys.readouterr().out == ""


def test_seeds_make_the_difference(sample, tmp_path):
    values = [
        execute(sample, seed, out=tmp_path, quiet=True).run.reached[0].value for seed in (1, 2, 1)
    ]
    assert values[0] == values[2] != values[1]


def test_a_package_that_is_missing(sample, monkeypatch):
    monkeypatch.setattr(shelf.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        execute(sample)
    assert str(caught.value) == (
        "mean_of_numbers: expected the package optuna, got none. pip install 'lernwerk[search]'"
    )


def test_the_same_both_ways(run, capsys):
    run.same("loss", 0.5, 0.5 + 1e-9)
    run.same("weights", np.ones(3), np.ones(3))
    assert capsys.readouterr().out == (
        "loss: 0.5 by hand, 0.5 with Lernwerk\n"
        "weights: 3 numbers by hand and with Lernwerk, at most 0.0e+00 apart\n"
    )
    with pytest.raises(UsageError) as caught:
        run.same("loss", 0.5, 0.75)
    assert str(caught.value) == "trial: expected the same loss both ways, got 0.25 apart."
    with pytest.raises(UsageError, match=r"^trial: expected loss of shape \(2,\), got \(3,\)\.$"):
        run.same("loss", np.ones(2), np.ones(3))
    with pytest.raises(UsageError, match="nan apart"):
        run.same("loss", 0.5, float("nan"))


def test_a_figure_needs_a_bound(run):
    with pytest.raises(ArgumentError) as caught:
        run.reach("accuracy", 0.5)
    assert str(caught.value) == ("trial, reach: expected at_least= or at_most=, got neither.")
    with pytest.raises(ArgumentError, match=r"^trial, film: expected at least one frame, got none"):
        run.film("nothing", [])


@pytest.mark.parametrize(
    ("reached", "text", "met"),
    [
        (Reached("a", 0.8, 0.75, None, "%"), "a: 80.00 % (at least 75.00 %: reached)", True),
        (Reached("a", 21, None, 20, "dB"), "a: 21 dB (at most 20 dB: not reached)", False),
        (Reached("a", 3, 2, 4), "a: 3 (between 2 and 4: reached)", True),
        (Reached("a", float("nan"), 2, 4), "a: nan (between 2 and 4: not reached)", False),
    ],
)
def test_figures_in_words(reached, text, met):
    assert str(reached) == text
    assert reached.met is met


def test_small_pictures_are_enlarged(run):
    run.show("square", np.eye(7))
    with Image.open(run.pictures[0]) as picture:
        assert picture.size == (280, 280)


def test_a_notebook_does_not_show_a_figure_twice():
    found = Run("r").reach("accuracy", 0.5, at_least=0.4)
    assert found._ipython_display_() is None
