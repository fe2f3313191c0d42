"""Limbs on a tether, replayed bouts, direction tuning, spiking trials and policies as rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import neuromech as nm
from neuromech import InputError
from neuromech.brain.neurons.synapses import Synapses
from neuromech.evaluation import imitation_row, limbs_row, policy_row, replay_row, spikes_row, tuning_row
from neuromech.evaluation.questions import Contender, Question, ask
from neuromech.evaluation.results_store import ResultsStore
from neuromech.evaluation.scorecard import Card, Scorecard, markdown
from neuromech.evaluation.told import Told
from neuromech.evaluation.verdicts import judge
from neuromech.specs import evaluation as specs
from neuromech.specs.evaluation_parts import LimbsSpec, SpikesSpec


def question(run: dict[str, Any], metric: str, **part: Any) -> Question:
    row = {"title": "row", "kind": "behaviour", "run": run, "measure": [{"metric": metric}], **part}
    (found,) = ask(specs.read({"title": "Rows", "seeds": 1, "rows": {"row": row}}), Contender())
    found.check()
    return found


def episode(hz: float, degrees: float, late: float) -> xr.Dataset:
    """A limb whose neuron fires at 10 Hz, whose joint moves at `hz`, and whose pools alternate or do not."""
    t = np.arange(0, 3, 0.004)
    rate = 50 + 40 * np.cos(2 * np.pi * 10 * t)
    other = 50 + 40 * np.cos(2 * np.pi * (10 * t - late))
    angle = np.radians(0.5 * degrees) * np.sin(2 * np.pi * hz * t)
    return xr.Dataset(
        {
            "activity": (("time", "neuron"), np.column_stack([rate, rate, other])),
            "sense_joints": (("time", "joints_channel"), np.column_stack([angle, 0.1 * angle])),
        },
        {"time": t, "neuron": ["E_l", "MN_l_up_1", "MN_l_down_1"], "joints_channel": ["l_knee", "l_toe"]},
    )


@pytest.mark.parametrize(
    ("hz", "degrees", "late", "moves", "alternating"),
    [(10.0, 30, 0.5, 1, 1), (14.0, 30, 0.5, 0, 1), (10.0, 5, 0.0, 0, 0)],
)
def test_joints_and_pools_are_held_against_the_limbs_rhythm(
    hz: float, degrees: float, late: float, moves: int, alternating: int
) -> None:
    spec = LimbsSpec(
        rhythm={"l": "E_l"}, joints={"leg": ("knee", "toe")},
        pools={"up": ("MN_{limb}_up",), "down": ("MN_{limb}_down",)},
    )  # fmt: skip
    found = limbs_row.measure(episode(hz, degrees, late), spec)
    assert found.values["l.hz"] == pytest.approx(10, abs=0.05) and found.values["leg.moves"] == moves
    assert found.values["alternating"] == alternating
    assert "(knee)" in found.text
    with pytest.raises(InputError, match="unknown joint 'l_hip'; there are l_knee, l_toe"):
        limbs_row.measure(
            episode(hz, degrees, late), LimbsSpec(rhythm={"l": "E_l"}, joints={"hip": ("hip",)})
        )


def test_the_held_out_bouts_end_where_the_larva_did(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROMECH_DATA", str(data))
    replay = {"measured": "larva_replay_bouts", "bouts": [12]}
    found = replay_row.answer(question({"experiment": "fish_spontaneous"}, "turn_slope", replay=replay), 0)
    assert 0.8 < (found.values["displacement_ratio"] or 0) < 1.25
    assert 0.7 < (found.values["turn_slope"] or 0) < 1.4 and (found.values["path_rms_mm"] or 9) < 0.7
    wrong = question({"experiment": "fish_spontaneous"}, "turn_slope", replay={**replay, "bouts": [99]})
    with pytest.raises(InputError, match="unknown bout '99'"):
        replay_row.answer(wrong, 0)


def test_t4a_prefers_front_to_back() -> None:
    small = {"cells": "T4a", "edges": "bright", "direction_deg": 180, "radius": 3}
    fly = {"experiment": "fly_optomotor"}
    own = tuning_row.answer(question(fly, "off_deg", tuning=small), 0)
    assert own["off_deg"] is not None and own["off_deg"] < 45
    assert (own["selectivity"] or 0) > 0.2 and (own["own_over_other"] or 0) > 2
    with pytest.raises(InputError, match="unknown cell type 'T4x'; nearest: "):
        tuning_row.answer(question(fly, "off_deg", tuning={**small, "cells": "T4x"}), 0)
    with pytest.raises(InputError, match="no trained optic lobe"):
        tuning_row.answer(question({"experiment": "worm_crawl"}, "off_deg", tuning=small), 0)


def test_who_is_driven_fires_at_that_rate_and_who_it_reaches_with_it() -> None:
    # 0 to 3 get the random spikes; 0 reaches 4 so strongly that every spike makes it fire; 5 gets nothing.
    chain = Synapses.of(6, np.array([0]), np.array([4]), np.array([400]))
    spec = SpikesSpec(excite="A", rate_Hz=50, output="B", trials=10)
    found = spikes_row.measure(chain, np.arange(4), 4, spec)
    assert found["active"] == 5
    assert found["spikes"] == pytest.approx(4 * 50 + 50, rel=0.1)
    # A little less: what comes within 2.2 ms of its own spike is lost, a ninth at this rate.
    assert found["output_Hz"] == pytest.approx(50 * (1 - 0.0022 * 50), abs=6)
    assert spikes_row.measure(chain, np.arange(4), 5, spec)["output_Hz"] == 0


def test_a_wiring_that_is_shipped_is_driven_by_the_names_of_its_neurons() -> None:
    run = {"experiment": "fly_brain_walk", "controller.wiring": ["flywire630_P9_MDN"]}
    part = {"excite": "P9_L", "rate_Hz": 100, "output": "DNa02_L", "trials": 2, "duration_s": 0.3}
    found = spikes_row.answer(question(run, "spikes", spikes=part), 0)
    assert (found["active"] or 0) > 1
    shuffled = spikes_row.answer(question(run, "spikes", spikes={**part, "shuffled": True}), 0)
    assert shuffled["spikes"] != found["spikes"]
    with pytest.raises(InputError, match="unknown neuron 'P99_L'"):
        spikes_row.answer(question(run, "spikes", spikes={**part, "excite": "P99_L"}), 0)
    missing = question({**run, "controller.wiring": ["flywire_630"]}, "spikes", spikes=part)
    with pytest.raises(InputError, match="flywire_630"):
        spikes_row.answer(missing, 0)


def test_a_policy_that_is_not_trained_earns_what_its_episodes_earn() -> None:
    worm = {"experiment": "worm_chemotaxis", "duration_s": 0.5}
    own = policy_row.answer(question(worm, "score", policy={"score": "approach", "episodes": 2}), 0)
    assert not isinstance(own, Told) and own["score"] is not None and own["speed_mm_s"] is not None
    part = {"score": "approach", "train": "evolution", "learner": "parameters", "trained": False}
    start = policy_row.answer(question(worm, "score", policy=part), 0)
    assert not isinstance(start, Told) and start["score"] != own["score"]
    with pytest.raises(InputError, match="unknown reward 'aproach'; nearest: approach"):
        policy_row.answer(question(worm, "score", policy={"score": "aproach"}), 0)


@pytest.mark.thorough
def test_a_policy_is_trained_on_one_half_and_judged_by_the_other(tmp_path: Path) -> None:
    pytest.importorskip("stable_baselines3", reason="the extra rl is missing")
    crawl = nm.run("worm_crawl", duration_s=20, video=False, output=str(tmp_path / "crawl"))
    part = {"measured": str(tmp_path / "crawl" / "episode_000.nc"), "steps": 8192}
    found = imitation_row.answer(question({"experiment": "worm_imitation"}, "score", imitation=part), 0)
    values = found.values
    assert values["steps"] == 8192 and values["cpu_min"] and 0 < (values["apart_deg"] or 0) < 90
    assert (
        values["score"] is not None and values["ceiling"] is not None and values["random_floor"] is not None
    )
    assert "Reward per s in training" in found.text and "undulation" in crawl.data.attrs["tracker"]
    with pytest.raises(InputError, match="worm_crawl has no environment.reference"):
        imitation_row.answer(question({"experiment": "worm_crawl"}, "score", imitation=part), 0)


def test_a_text_is_kept_and_stands_below_the_table(tmp_path: Path) -> None:
    asked = question({"experiment": "worm_crawl"}, "speed_mm_s")
    store = ResultsStore(tmp_path)
    store.add(asked, {0: Told({"speed_mm_s": 0.2}, "| a | b |")})
    again = ResultsStore(tmp_path)
    assert again.told(asked) == "| a | b |" and again.values(asked) == [{"speed_mm_s": 0.2}]
    verdicts = judge([asked], {"row": again.values(asked)}, {})
    card = Card("mine", verdicts, {"row": again.values(asked)}, (), {"row": again.told(asked)})
    text = markdown(Scorecard("rows", "Rows", "", tmp_path, {"mine": card}))
    assert text.endswith("**row**\n\n| a | b |")
    again.add(asked, {0: {"speed_mm_s": 0.2}})
    assert ResultsStore(tmp_path).told(asked) == ""


def test_what_a_training_took_does_not_say_whether_it_came_out_alike(tmp_path: Path) -> None:
    asked = question({"experiment": "worm_crawl"}, "speed_mm_s")
    store = ResultsStore(tmp_path)
    store.add(asked, {0: {"speed_mm_s": 0.2, "cpu_min": 1.0}, 1: {"speed_mm_s": 0.3}})
    assert store.confirm(asked, 0, {"speed_mm_s": 0.2, "cpu_min": 2.0})
    assert not store.confirm(asked, 0, {"speed_mm_s": 0.21, "cpu_min": 2.0})
