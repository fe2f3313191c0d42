"""A fit: its coordinates, its costs, and that stopping it changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.training import fit
from neuromech.training.goals import WORST, Goal, Scenario

BASE = {"tone": 0.5, "leak_nS": {"*": 1.0, "A": 2.0}}
BOUNDS = {"tone": (-1.0, 1.0), "leak_nS.A": (1.0, 5.0)}


def problem(*scenarios: Scenario) -> fit.Problem:
    return fit.Problem(BOUNDS, BASE, scenarios)


@given(tone=st.floats(-0.95, 0.95), leak=st.floats(1.1, 4.9))
def test_a_point_and_its_parameters_are_the_same_thing(tone: float, leak: float) -> None:
    wanted = {"tone": tone, "leak_nS": {"*": 1.0, "A": leak}}
    found = problem().decode(list(problem().encode(wanted)))
    assert found["tone"] == pytest.approx(tone) and found["leak_nS"] == {"*": 1.0, "A": pytest.approx(leak)}
    assert BASE == {"tone": 0.5, "leak_nS": {"*": 1.0, "A": 2.0}}  # untouched


@given(point=st.lists(st.floats(-600, 600), min_size=2, max_size=2))
def test_no_point_leaves_the_bounds(point: list[float]) -> None:
    found = problem().decode(point)
    assert -1 <= found["tone"] <= 1 and 1 <= found["leak_nS"]["A"] <= 5


def test_a_start_on_a_bound_can_move() -> None:
    place = problem().encode({"tone": 1.0, "leak_nS": {"A": -7.0}})
    assert np.isfinite(place).all() and np.abs(place).max() < 5


def stub(monkeypatch: pytest.MonkeyPatch, measured: dict[str, list[dict[str, float | None]]]) -> list[str]:
    """Replace the simulation by measures given per scenario and seed; returns the scenarios simulated."""
    seen: list[str] = []

    def simulate(scenario: Scenario, parameters: Any, folders: Any) -> list[dict[str, float | None]]:
        seen.append(scenario.name)
        return [measured[scenario.name][seed] for seed in scenario.seeds]

    monkeypatch.setattr(fit, "_simulate", simulate)
    return seen


def scenario(name: str, *goals: Goal, seeds: tuple[int, ...] = (0,), gate: float = np.inf) -> Scenario:
    return Scenario(name, (), (0.0, 1.0), goals, seeds, gate)


def test_the_cost_is_the_sum_over_goals_of_the_mean_over_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    stub(
        monkeypatch, {"crawl": [{"v": 1.0, "f": 0.5}, {"v": 3.0, "f": None}], "swim": [{"v": 4.0, "f": 2.0}]}
    )
    total, seen = problem(
        scenario("crawl", Goal("v", low=2.0), Goal("f", low=0.5, weight=2.0), seeds=(0, 1)),
        scenario("swim", Goal("v", high=1.5, scale=0.5, relative_to="crawl")),
    ).cost(BASE)
    # crawl: v costs (1 + 0) / 2, f (0 + 2 WORST) / 2; swim: 4 / mean(1, 3) = 2 is one scale above 1.5.
    assert total == pytest.approx(0.5 + WORST + 1.0)
    assert seen == {"crawl": {"v": 2.0, "f": 0.5}, "swim": {"v": 4.0, "f": 2.0}}


def test_behind_a_closed_gate_nothing_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    played = stub(monkeypatch, {"crawl": [{"v": 0.0}], "swim": [{"v": 9.0}], "turn": [{"v": 9.0}]})
    later = (scenario("swim", Goal("v", weight=2.0)), scenario("turn", Goal("v")))
    shut = problem(scenario("crawl", Goal("v", low=1.0), gate=0.5), *later)
    assert shut.cost(BASE)[0] == pytest.approx(1.0 + 3 * WORST) and played == ["crawl"]
    opened = problem(scenario("crawl", Goal("v", low=1.0), gate=1.0), *later)
    assert opened.cost(BASE)[0] == pytest.approx(1.0) and played[1:] == ["crawl", "swim", "turn"]


def settings_of(output: Path, generations: int, **changes: Any) -> dict[str, Any]:
    return {
        "fit": "tiny",
        "controller": "worm_connectome",
        "parameters": {"tone": [-1.0, 1.0], "scale_mV": [2.0, 30.0]},
        "scenarios": [
            {
                "name": "crawl",
                "run": ["experiment=worm_crawl", "duration_s=1"],
                "window_s": [0.2, 1.0],
                # Out of reach, so that every point has a cost of its own.
                "goals": [{"measure": "bend_rms_per_mm", "low": 50.0, "scale": 50.0}],
            }
        ],
        "search": {"generations": generations, "population": 4, "sigma": 0.5, "workers": 1},
        "seed": 3,
        "output": str(output),
    } | changes


def test_overrides_of_the_fit_come_over_those_of_every_scenario(tmp_path: Path) -> None:
    over = ("seed=5", "perturb.ablate=[AVA]")
    found = fit._problem(settings_of(tmp_path, 1, run=over))
    assert [each.over for each in found.scenarios] == [over]
    still = fit._problem(settings_of(tmp_path, 1))
    assert found.cost(found.base)[0] != still.cost(still.base)[0]
    wrong = fit._problem(settings_of(tmp_path, 1, run=("perturb.ablate=[AVAX]",)))
    with pytest.raises(InputError, match="unknown neuron or class 'AVAX'"):
        wrong.cost(wrong.base)


class _Here:
    """A pool of one worker in this very process: starting another costs more than the fit."""

    def __init__(self, workers: int) -> None:
        assert workers == 1

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def map(self, function: Any, points: Any, chunksize: int) -> list[float]:
        return [function(point) for point in points]


@pytest.fixture
def without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit.dask_cluster, "installed", lambda: False)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, without_dask: None) -> None:
    context = type("Context", (), {"Pool": staticmethod(_Here)})
    monkeypatch.setattr(fit.multiprocessing, "get_context", lambda kind: context)


@pytest.mark.usefixtures("in_process")
def test_a_resumed_fit_is_the_one_that_was_never_stopped(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    result = fit.run_fit(settings_of(whole, 3), progress=False)
    fit.run_fit(settings_of(parts, 1), progress=False)
    fit.run_fit(settings_of(parts, 3), progress=False)
    with np.load(whole / "history.npz") as one, np.load(parts / "history.npz") as other:
        assert one["points"].shape == (3, 4, 2) and one["costs"].shape == (3, 4)
        assert len(np.unique(one["costs"])) > 6  # the parameters reach the body
        assert other["points"] == pytest.approx(one["points"], rel=1e-12)
        assert np.array_equal(other["costs"], one["costs"])
        best = one["points"].reshape(-1, 2)[one["costs"].argmin()]
        lowest = float(one["costs"].min())
    written = yaml.safe_load(result.read_text())
    assert written["fits"][-1]["score"] == pytest.approx(lowest, abs=1e-4)
    assert written["fits"][-1]["seed"] == 3 and written["fits"][-1]["evaluations"] == 12
    assert "neuromech fit fit=tiny seed=3" in written["fits"][-1]["command"]
    assert written["parameters"]["tone"] == pytest.approx(-1 + 2 / (1 + np.exp(-best[0])), rel=1e-4)
    assert not [file.name for file in whole.iterdir() if "part." in file.name or file.name.endswith(".part")]


@pytest.mark.thorough
@pytest.mark.usefixtures("without_dask")
def test_a_fit_runs_in_processes_of_its_own(tmp_path: Path) -> None:
    quick = settings_of(tmp_path / "fit", 1)
    quick["search"] = {"generations": 1, "population": 2, "sigma": 0.5, "workers": 1}
    quick["scenarios"][0] |= {"run": ["experiment=worm_crawl", "duration_s=0.5"], "window_s": [0.1, 0.5]}
    assert yaml.safe_load(fit.run_fit(quick, progress=False).read_text())["fits"][-1]["evaluations"] == 2


@pytest.mark.thorough
@pytest.mark.usefixtures("without_dask")
def test_a_fit_of_a_users_own_controller_and_experiment(tmp_path: Path) -> None:
    # In processes of their own: these too must look beside the folder.
    mine = Path(
        shutil.copytree(content.find("controllers", "worm_connectome"), tmp_path / "controllers" / "mine")
    )
    text = (mine / "controller.yaml").read_text()
    (mine / "controller.yaml").write_text(text.replace("name: worm_connectome", "name: mine"))
    (tmp_path / "configs" / "experiment").mkdir(parents=True)
    (tmp_path / "configs" / "experiment" / "own.yaml").write_text(
        "# @package _global_\nbody: worm\nenvironment: {name: agar_salt}\ncontroller: {name: mine}\n"
    )
    quick = settings_of(tmp_path / "fit", 1, controller="mine")
    quick["search"] = {"generations": 1, "population": 2, "sigma": 0.5, "workers": 1}
    quick["scenarios"][0] |= {"run": ["experiment=own", "duration_s=0.5"], "window_s": [0.1, 0.5]}
    found = fit.run_fit(quick, progress=False, config_dirs=[tmp_path / "configs"])
    assert yaml.safe_load(found.read_text())["fits"][-1]["command"].endswith(
        f"--config-dir {tmp_path / 'configs'}"
    )


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"controller": "worm_conectome"}, "worm_connectome"),
        ({"parameters": {"tune": [0, 1]}}, "tune"),
        ({"parameters": {"leak_nS.Q": [0, 1]}}, "leak_nS.Q"),
        ({"parameters": {"tone": [1, 0]}}, "tone"),
        ({"parameters": {"tone": [float("nan"), 1]}}, "tone"),
        ({"parameters": {"tone": [1]}}, "tone"),
        ({"parameters": {}}, "parameters"),
        ({"scenarios": []}, "scenarios"),
        ({"search": {"population": 4, "sigma": 0.5}}, "search.generations is missing"),
        ({"search": [[]]}, "search must be a group of keys"),
        (
            {"search": {"generations": 1, "population": 10**400, "sigma": 1}},
            "search.population must be a whole",
        ),
        (
            {"search": {"generations": 1, "population": 4, "sigma": 1, "workers": [1]}},
            "search.workers must be",
        ),
        ({"parameters": "tone"}, "parameters must be a group of"),
        ({"seed": {"a": 1}}, "seed must be a whole number of at least 0"),
        ({"sede": 1}, "unknown key 'sede'; nearest: seed"),
        ({"cluster": "slrum"}, "unknown cluster 'slrum'; nearest: slurm"),
        ({"cluster": 3}, "cluster must be text"),
    ],
)
def test_a_wrong_fit_is_one_clear_line(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        fit.run_fit(settings_of(tmp_path / "fit", 1, **change), progress=False)


@pytest.mark.usefixtures("in_process")
def test_a_history_of_other_parameters_is_refused(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "history.npz",
        names=["tone"],
        points=np.zeros((1, 4, 1)),
        costs=np.zeros((1, 4)),
        wall_s=0.0,
    )
    with pytest.raises(InputError, match="other parameters"):
        fit.run_fit(settings_of(tmp_path, 2), progress=False)


@pytest.mark.usefixtures("in_process")
def test_a_history_of_another_population_is_refused(tmp_path: Path) -> None:
    names = ["tone", "scale_mV"]
    np.savez(
        tmp_path / "history.npz", names=names, points=np.zeros((1, 6, 2)), costs=np.zeros((1, 6)), wall_s=0.0
    )
    with pytest.raises(InputError, match="population"):
        fit.run_fit(settings_of(tmp_path, 2), progress=False)
