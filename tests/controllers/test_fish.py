"""The larva's circuit: its tables, that the worm's machinery runs it, and what it does."""

from __future__ import annotations

import copy
import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuromech import batch
from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.controllers import Controller, connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.evaluation.episode_values import Stretch, measure
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Perturb, Window
from neuromech.specs.run import Clock
from neuromech.tracking.kinematics import tail as tails
from neuromech.tracking.trackers import bouts, eyes
from neuromech.world.body import Body
from neuromech.world.body import load as load_body
from tests import scripts

FOLDER = content.find("controllers", "fish_optomotor")
CLOCK = Clock(0.0005, 0.005, 0.005, 10)
NONE = Perturb()
Make = Callable[..., ConnectomeController]


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body(content.load("bodies", "larval_fish"))


@pytest.fixture(scope="module")
def make(body: Body) -> Make:
    parameters = content.read_yaml(FOLDER / "parameters.yaml")["parameters"]

    def build(
        perturb: Perturb = NONE, folder: Path = FOLDER, seed: int = 0, **changes: Any
    ) -> ConnectomeController:
        spec = replace(content.wired("fish_optomotor"), folders=(folder,))
        return connectome.build(spec, body, CLOCK, perturb, seed, copy.deepcopy(parameters) | changes)

    return build


def look(left: float = 0.5, right: float = 0.5) -> Observation:
    return {
        f"{side}_eye": np.full(320, level, np.float32) for side, level in (("left", left), ("right", right))
    }


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file))


def test_the_tables_are_what_their_script_writes() -> None:
    neurons, connections = scripts.load(FOLDER / "make_tables.py").rows()
    for name, rows in (("neurons.csv", neurons), ("connections.csv", connections)):
        written = [list(row.values()) for row in table(name)]
        assert written == [[str(cell) for cell in row] for row in rows]


def test_every_connection_names_its_source_and_has_a_mirror_image() -> None:
    rows = table("connections.csv")
    assert all(row["source"].strip() for row in rows)

    def mirrored(name: str) -> str:
        if name.startswith(("left", "right")):
            return name.replace("left", "@").replace("right", "left").replace("@", "right")
        return name[:-1] + {"L": "R", "R": "L"}[name[-1]]

    found = {
        (row["pre"], row["post"], row["kind"], row["weight"], row["sign"], row["source"]) for row in rows
    }
    assert found == {(mirrored(pre), mirrored(post), *rest) for pre, post, *rest in found}


def test_signs_follow_transmitters_and_eyes_cross() -> None:
    sign = {
        row["name"]: -1 if row["transmitter"] in ("GABA", "glycine") else 1 for row in table("neurons.csv")
    }
    kind = {row["name"]: row["type"] for row in table("neurons.csv")}
    for row in table("connections.csv"):
        assert int(row["sign"]) == sign[row["pre"]], row
        if kind[row["pre"]] == "sensory":
            assert row["pre"][-1] != row["post"][-1], row


def test_the_populations_that_decide_are_wired_by_their_counts(make: Make) -> None:
    wiring = make().connectome
    decision = set(wiring.resolve("decision").tolist())
    names = list(wiring.neurons)
    per_cell = {
        (pre, post, crosses): weight
        for pre, post, crosses, weight in scripts.load(FOLDER / "make_tables.py").counted()
    }
    inner = 0
    for pre, post in zip(*np.nonzero(wiring.chemical), strict=True):
        if pre in decision and post in decision:
            (one, side), (other, where) = names[pre].split("_"), names[post].split("_")
            assert wiring.chemical[pre, post] == per_cell[one, other, side != where]
            inner += 1
    assert inner == 2 * len(per_cell)
    # 10 of 63 input synapses of 20 imaged cells: of the same number per cell, 10 of 118 of those predicted.
    assert per_cell["iMIe", "iMIe", False] == pytest.approx(10 * (63 / 20) / 118, abs=1e-4)
    crossing = sum(value for (pre, _, crosses), value in per_cell.items() if pre == "cMI" and crosses)
    staying = sum(value for (pre, _, crosses), value in per_cell.items() if pre == "cMI" and not crosses)
    assert crossing > 20 * staying


def test_shuffling_the_counted_block_leaves_all_other_wiring_alone(make: Make) -> None:
    whole = make().connectome
    mixed = make(Perturb(shuffle_wiring=("decision",)), seed=1).connectome
    decision = np.isin(np.arange(len(whole.neurons)), whole.resolve("decision"))
    inside = decision[:, None] & decision[None, :]
    changed = whole.chemical != mixed.chemical
    assert changed[inside].any() and not changed[~inside].any()
    # Axons from rostral hear the pretectum alone.
    assert not whole.chemical[np.ix_(decision, whole.resolve("RA"))].any()


def test_the_counts_are_those_of_the_published_tables(data: Path) -> None:
    rows = scripts.load(FOLDER / "make_counts.py").rows(data / "fish" / "clem_zfish1")
    written = [list(row.values()) for row in table("hindbrain_counts.csv")]
    assert written == [[str(cell) for cell in row] for row in rows]


def test_it_is_a_controller_whose_activity_are_rates(make: Make, body: Body) -> None:
    controller = make()
    assert isinstance(controller, Controller) and controller.activity_unit == "Hz"
    assert len(controller.neuron_names) == len(table("neurons.csv"))
    controller.reset(0)
    first = [controller.act(look()) for _ in range(100)]
    rates = controller.activity
    assert rates.dtype == np.float32 and (rates >= 0).all() and (rates <= 300).all()
    assert (
        first[0].shape == (len(body.muscles),)
        and (np.array(first) >= 0).all()
        and (np.array(first) <= 1).all()
    )
    controller.reset(0)
    assert np.array_equal(first, [controller.act(look()) for _ in range(100)])
    controller.reset(1)
    assert not np.array_equal(first, [controller.act(look()) for _ in range(100)])


def test_muscles_hear_only_the_motor_neurons_of_their_segment(make: Make, body: Body) -> None:
    controller = make()
    decode = np.asarray(controller.brain.decode)
    for muscle, row in zip(body.muscles, decode, strict=True):
        heard = [controller.neuron_names[i] for i in np.flatnonzero(row)]
        expected = [] if muscle.startswith("eye") else [f"MN_{muscle[-2:]}{muscle[0].upper()}"]
        assert heard == expected
    still = make(Perturb(ablate=("motor",)))
    still.reset(0)
    assert not np.any([still.act(look()) for _ in range(300)])


def test_ablated_and_silenced_populations_do_not_fire(make: Make) -> None:
    gone = make(Perturb(ablate=("BI",), silence=(Window(("iMIe_L",), 0.1, 0.2),)))
    gone.reset(0)
    seen = []
    for _ in range(60):
        gone.act(look())
        seen.append(gone.activity)
    rates = np.array(seen)
    assert not rates[:, gone.connectome.resolve("BI")].any()
    (cell,) = gone.connectome.resolve("iMIe_L")
    assert not rates[20:40, cell].any() and rates[:20, cell].any() and rates[40:, cell].any()


def test_shuffling_and_scaling_reach_its_wiring(make: Make) -> None:
    whole, cut = make().brain.network, make(Perturb(scale_chemical=0.5)).brain.network
    assert np.asarray(cut.chemical_pA) == pytest.approx(0.5 * np.asarray(whole.chemical_pA))  # type: ignore[attr-defined]
    one, again, other = (
        make(Perturb(shuffle_wiring=True), seed=s).brain.network.chemical_pA for s in (1, 1, 2)
    )  # type: ignore[attr-defined]
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau_ms": {"*": 0.0}}, "tau_ms must be above 0"),
        ({"scale_pA": 0.0}, "scale_pA"),
        ({"bias_pA": {"nMLFx": 1.0}}, "nMLF"),
        ({"leak_nS": {"*": 1.0}}, "leak_nS"),
        ({"direction_selective": {}}, "direction_selective"),
    ],
)
def test_wrong_parameters_are_one_clear_line(make: Make, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        make(**changes)
    assert "\n" not in str(refused.value)


def test_a_gap_junction_or_an_unknown_model_is_refused(make: Make, body: Body, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "copy"))
    with (folder / "connections.csv").open("a") as file:
        file.write("nMLF_L,nMLF_R,gap_junction,1,0,x\n")
    with pytest.raises(InputError, match="no gap junctions"):
        make(folder=folder)
    spec = replace(content.wired("fish_optomotor"), model="rat")
    with pytest.raises(InputError, match="unknown neuron model 'rat'; nearest: rate"):
        connectome.build(spec, body, CLOCK, NONE)


def test_a_perturbation_of_nobody_is_one_clear_line(make: Make) -> None:
    with pytest.raises(InputError, match="nearest: nMLF"):
        make(Perturb(ablate=("nMFL",)))


def episode(*overrides: str, seconds: float = 8.0, seed: int = 0) -> xr.Dataset:
    run = load_run(["experiment=fish_optomotor", f"duration_s={seconds}", f"seed={seed}", *overrides])
    return Loop.of(run).play_in_memory()


def swum(recording: xr.Dataset) -> list[bouts.Bout]:
    return [bout for bout in bouts.detect(tails.read(recording)) if bout.complete]


def test_a_pulse_to_the_descending_populations_is_a_straight_bout() -> None:
    quiet = "perturb.ablate=[BI,vSPN,VIG,sensory]"
    pulse = "perturb.stimulate=[{neurons:[nMLF,mRSN],start_s:0.3,stop_s:0.43,current_pA:23}]"
    (bout,) = swum(episode(quiet, pulse, seconds=1.0))
    assert bout.start_s == pytest.approx(0.3, abs=0.06) and 150 < bout.duration_ms < 350
    assert bout.tail_beat_hz is not None and 20 < bout.tail_beat_hz < 35
    assert 1.5 < bout.displacement_mm < 4.5 and abs(bout.turn_deg) < 30
    assert not swum(episode(quiet, seconds=1.0))  # nothing moves it else


def test_gratings_to_either_side_turn_it_there_and_forward_ones_drive_it() -> None:
    left, right = (episode(f"environment.stimulus.direction={side}") for side in ("left", "right"))
    turns = [np.array([bout.turn_deg for bout in swum(seen)][1:]) for seen in (left, right)]
    assert len(turns[0]) > 5 and len(turns[1]) > 5
    assert turns[0].mean() > 20 and turns[1].mean() < -20
    # Half a brain: the left pretectum sees leftward motion.
    half = swum(episode("environment.stimulus.direction=left", "perturb.ablate=[pretectum_left,PCl_L,PCm_L]"))
    assert abs(np.mean([bout.turn_deg for bout in half])) < 0.5 * turns[0].mean()
    ahead = episode("environment.stimulus.speed_mm_s=15")
    slow = episode("environment.stimulus.speed_mm_s=15", "perturb.ablate=[nMLF]")
    speeds = [bouts.metrics(seen)["speed_mm_s"] for seen in (ahead, slow)]
    assert speeds[0] is not None and speeds[1] is not None and speeds[1] < 0.5 * speeds[0]


EYES = content.find("controllers", "fish_oculomotor")


def test_the_oculomotor_tables_are_what_their_script_writes_and_name_their_sources() -> None:
    neurons, connections = scripts.load(EYES / "make_tables.py").rows()
    for name, rows in (("neurons.csv", neurons), ("connections.csv", connections)):
        with (EYES / name).open() as file:
            written = [list(row.values()) for row in csv.DictReader(file)]
        assert written == [[str(cell) for cell in row] for row in rows]
    assert all(str(row[-1]).strip() for row in connections)


@pytest.mark.thorough
def test_a_disc_on_either_side_makes_the_larva_turn_away_with_its_mauthner_cell() -> None:
    for azimuth, fires in ((90, "Mth_L"), (-90, "Mth_R")):
        run = load_run([
            "experiment=fish_looming", "duration_s=3.3", "environment.stimulus.l_v_s=0.1",
            f"environment.stimulus.azimuth_deg={azimuth}",
        ])  # fmt: skip
        (seen,) = batch.watch([Loop.of(run)], activity=True)
        rates = seen["activity"]
        other = {"Mth_L": "Mth_R", "Mth_R": "Mth_L"}[fires]
        assert rates.sel(neuron=fires).max() > 50 > rates.sel(neuron=other).max()
        values = measure(seen, Stretch(parts={"loom": (2.8, 3.3)}))
        turn, rate = values["loom.swing_turn_deg"], values["loom.swing_deg_s"]
        assert turn is not None and rate is not None and rate > 3000 and np.sign(turn) == -np.sign(azimuth)


@pytest.mark.thorough
def test_held_eyes_follow_a_windmill_and_jump_back() -> None:
    run = load_run(["experiment=fish_okr", "duration_s=12"])
    (seen,) = batch.watch([Loop.of(run)])
    found = eyes.of(seen.sel(time=slice(2.0, None)))
    assert found["slow_phase_gain"] is not None and 0.4 < found["slow_phase_gain"] < 1.0
    assert found["quick_phase_hz"] is not None and found["quick_phase_hz"] > 0.05
    head = seen["landmarks"].values[:, :7]
    assert np.ptp(head, axis=0).max() < 0.01
