"""Trainings beside their controls: what is compared, how, and that wirings stay through a training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import neuromech as nm
from neuromech._lib.errors import InputError
from neuromech.cli.main import main
from neuromech.specs.compose import training
from neuromech.training import controls, curves
from neuromech.training.evolution import problem as evolution_of
from neuromech.training.network_weights import Weights
from neuromech.training.training_task import read
from tests.training.tasks_for_tests import evolution, small


def _rows(level: float, count: int = 5) -> list[dict[str, float]]:
    """Return a learning curve that rises evenly from 0 to twice its mean."""
    return [{"steps": 10.0 * k, curves.REWARD: 2 * level * k / (count - 1)} for k in range(count)]


def test_areas_and_the_paired_test_are_those_of_known_curves() -> None:
    seeds = np.arange(6)
    found = controls.compared(
        {
            "wired": [_rows(1.0 + 0.1 * k) for k in seeds],
            "rewired": [_rows(0.6 + 0.1 * k) for k in seeds],
            "random": [_rows(1.0 + 0.1 * (5 - k)) for k in seeds],
        }
    )
    wired, rewired, random = found
    assert wired.area == pytest.approx(1.0 + 0.1 * seeds) and wired.final == pytest.approx(2 + 0.2 * seeds)
    assert wired.less is None and wired.p is None
    assert rewired.less == pytest.approx(0.4) and rewired.p == pytest.approx(2 / 2**6)
    assert rewired.within == pytest.approx(0.0, abs=1e-9) and random.within is not None
    # Differences of -0.5, -0.3 ... 0.5: t of five degrees of freedom, 2.571, times their standard error.
    assert random.within == pytest.approx(
        2.571 * np.std([-5, -3, -1, 1, 3, 5], ddof=1) / 60**0.5 / 10**0.5, rel=1e-3
    )
    assert wired.gained == pytest.approx(2 + 0.2 * seeds)
    assert random.less == pytest.approx(0.0, abs=1e-12) and random.p == pytest.approx(1.0)
    text = controls.table(found)
    assert text.count("\n| ") == 3 and "rewired" in text and "0.031" in text
    said = controls.told({"wired": [_told(1.0), _told(3.0)]}, "decisions")
    assert "- wired, 0 to 40 decisions, 40 simulated s, 1.0 CPU min each: 0, 0.571" in said


def _told(level: float) -> list[dict[str, float]]:
    return [row | {"cpu_s": 60.0, "simulated_s": row["steps"]} for row in _rows(level)]


def test_curves_of_unequal_rows_have_the_same_area() -> None:
    fine, coarse = _rows(1.0, 41), _rows(1.0, 3)
    each = [row | {"steps": row["steps"] * 2 / 40} for row in fine], coarse
    areas = [controls.compared({"wired": [rows, rows]})[0].area[0] for rows in each]
    assert areas == pytest.approx([1.0, 1.0])


def test_what_is_changed_in_a_control_is_its_wiring(tmp_path: Path) -> None:
    tree = evolution("perturb.ablate=[ASEL]", "perturb.scale_chemical=0.5")
    assert controls.variants(tree, "parameters") == ("wired", "rewired", "random")
    same = controls.changed(tree, "wired", 3, tmp_path)
    rewired = controls.changed(tree, "rewired", 3, tmp_path)
    assert same["perturb"] == tree["perturb"] and same["seed"] == rewired["seed"] == 3
    assert rewired["perturb"]["ablate"] == ["ASEL"] and rewired["perturb"]["wiring_seed"] == 3
    assert rewired["perturb"]["shuffle_wiring"] == ["chemical", "gap_junction"]
    assert controls.changed(tree, "random", 3, tmp_path)["perturb"]["random_wiring"] is True
    assert {str(key) for key, value in tree.items() if value != rewired[str(key)]} == {
        "seed",
        "output",
        "perturb",
    }


def test_beside_a_trained_wiring_a_network_has_as_many_numbers(tmp_path: Path) -> None:
    tree = training(["experiment=worm_chemotaxis", "train=policy_gradient", "steps=3"])
    assert controls.variants(tree, "wiring") == ("wired", "rewired", "random", "no circuit")
    alone = controls.changed(tree, "no circuit", 2, tmp_path)
    assert alone["learner"] == "muscles" and alone["steps"] == 3 and alone["perturb"] == tree["perturb"]
    assert alone["learners"]["muscles"]["episode_s"] == tree["learners"]["wiring"]["episode_s"]
    numbers = len(Weights.of(read(alone), alone["algorithm"]["hidden"], 0).bounds)
    wanted = len(evolution_of(read(tree)).bounds)
    assert numbers == pytest.approx(wanted, rel=0.05)


@pytest.mark.thorough
def test_the_comparison_goes_into_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    words = ["train", "train=policy_gradient", "experiment=fish_optomotor", "controls=true", "seeds=2"]
    words += [
        "steps=1",
        "algorithm.population=2",
        "learners.wiring.episode_s=0.05",
        f"page={page}",
        "--quiet",
    ]
    words += [f"output={tmp_path / 'out'}"]
    page.write_text("nothing")
    assert main(words) != 0 and "needs the lines" in capsys.readouterr().err
    marks = "<!-- controls fish_optomotor, wiring: made by neuromech train -->\n"
    page.write_text(f"Before\n{marks}<!-- /controls fish_optomotor, wiring -->\nAfter\n")
    assert main(words) == 0
    text = page.read_text()
    assert text.startswith("Before") and text.rstrip().endswith("After")
    assert (tmp_path / "out" / controls.PAGE).read_text().strip() in text


def test_controls_are_refused_where_there_is_no_wiring_or_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no wiring"):
        controls.run_controls(small(f"output={tmp_path}"), 2, progress=False)
    with pytest.raises(InputError, match="2 or more"):
        controls.run_controls(evolution(f"output={tmp_path}"), 1, progress=False)


@pytest.mark.thorough
def test_a_training_and_its_controls_leave_curves_and_a_comparison(tmp_path: Path) -> None:
    given = dict(experiment="worm_chemotaxis", seeds=2, steps=1, output=str(tmp_path / "a"))
    short = {"learners.parameters.episode_s": 0.3, "algorithm.population": 2}
    found = nm.train_controls("evolution", **given, **short)
    assert set(found.table["trained_on"]) == {"wired", "rewired", "random"} and len(found.table) == 6
    assert list(found.differences.index) == ["rewired", "random"]
    assert (found.folder / "controls.png").stat().st_size > 5000
    kept = json.loads((found.folder / "controls.json").read_text())
    again = nm.train_controls(
        "evolution", **given, **short
    )  # every training goes on where it was: nothing is left
    assert json.loads((again.folder / "controls.json").read_text()) == kept
    curve = [curves.read(found.folder / name / "seed_1")[0][curves.REWARD] for name in ("wired", "rewired")]
    assert curve[0] != curve[1]
