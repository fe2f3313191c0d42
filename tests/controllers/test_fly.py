"""The fly's leg circuits: their tables, the rhythm without a body, and the walk."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import xarray as xr

from neuromech.brain.connectome import Connectome
from neuromech.controllers import connectome
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Clock
from neuromech.tracking.trackers import walking
from neuromech.world.body import load as load_body
from tests import scripts

FOLDER = content.find("controllers", "fly_walk")
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
TRIPOD = {"lf": 0, "rm": 0, "lh": 0, "rf": 1, "lm": 1, "rh": 1}
CLOCK = Clock(0.0002, 0.002, 0.004, 4)
SECONDS = 1.5


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = scripts.load(FOLDER / "make_tables.py")
    monkeypatch.setitem(sys.modules, "make_tables", module)
    return module


def test_the_tables_are_what_their_script_writes(script: ModuleType) -> None:
    for name, rows in zip(("neurons.csv", "connections.csv"), script.tables(), strict=True):
        assert [list(row.values()) for row in table(name)] == [[str(cell) for cell in row] for row in rows]


def test_the_odour_tables_are_what_their_script_writes() -> None:
    folder = content.find("controllers", "fly_odour")
    for name, rows in zip(
        ("neurons.csv", "connections.csv"), scripts.load(folder / "make_tables.py").tables(), strict=True
    ):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            assert list(csv.reader(file))[1:] == [list(row) for row in rows]


def test_left_and_right_are_wired_alike() -> None:
    other = {"l": "r", "r": "l", "L": "R", "R": "L"}

    def mirrored(name: str) -> str:
        if name[0] in "lr" and name[1] in "fmh":
            return other[name[0]] + name[1:]
        parts = name.split("_")
        return "_".join(
            other[part[0]] + part[1:] if part in LEGS or part in ("L", "R") else part for part in parts
        )

    # WK wakes another unit in each tripod, so that legs begin apart.
    rows = {
        (row["pre"], row["post"], row["kind"], row["weight"], row["sign"])
        for row in table("connections.csv")
        if not row["pre"].startswith("WK")
    }
    assert {(mirrored(pre), mirrored(post), *more) for pre, post, *more in rows} == rows


def rates(**commands: float) -> tuple[np.ndarray, list[str]]:
    """Rates (time, neuron) as shares of their peak without a body, after the first half second."""
    spec = content.wired("fly_walk")
    told = {**dict.fromkeys(spec.commands, 0.0), **commands}
    body = load_body(content.load("bodies", "fly"))
    brain = connectome.build(replace(spec, commands=told), body, CLOCK, Perturb())
    found = []
    for _ in range(round(SECONDS / CLOCK.control_s)):
        brain.act({"load": np.zeros(6, np.float32)})
        found.append(brain.activity / 100.0)
    return np.array(found)[round(0.5 / CLOCK.control_s) :], list(brain.neuron_names)


def swings(found: np.ndarray, names: list[str]) -> dict[str, np.ndarray]:
    """Whether each leg swings, (time,)."""
    of = {leg: [names.index(f"{unit}_{leg}") for unit in ("SW1", "SW2", "SW3")] for leg in LEGS}
    return {leg: found[:, cells].sum(axis=1) > 0.5 for leg, cells in of.items()}


def step(found: np.ndarray, names: list[str]) -> tuple[float, float, float, float]:
    """Frequency (Hz), duty factor, and phase against the left fore leg of the hind leg and the other side."""
    onsets = {leg: np.flatnonzero(np.diff(x.astype(int)) > 0) for leg, x in swings(found, names).items()}
    period = float(np.diff(onsets["lf"]).mean())
    phase = []
    for leg in ("lh", "rf"):
        late = [(onsets[leg][onsets[leg] >= t][:1] - t) / period for t in onsets["lf"][:-2]]
        phase.append(float(np.angle(np.exp(2j * np.pi * np.concatenate(late)).mean()) / (2 * np.pi)))
    swing = np.mean([x.mean() for x in swings(found, names).values()])
    return 1 / (period * CLOCK.control_s), 1 - float(swing), phase[0], abs(phase[1])


def test_more_drive_shortens_stance_only_and_brings_hind_and_fore_leg_together() -> None:
    slow, fast = (step(*rates(DNp09_L=drive, DNp09_R=drive)) for drive in (0.25, 0.8))
    assert 7 < slow[0] < fast[0] - 1.5 and fast[0] < 13
    assert 0.55 < fast[1] < slow[1] - 0.05 < 0.75
    swing_s = [(1 - duty) / hz for hz, duty, *_ in (slow, fast)]
    assert swing_s[0] == pytest.approx(swing_s[1], rel=0.12)
    # A wave from hind to fore when slow, a tripod when fast; the two sides alternate always.
    assert abs(fast[2]) < 0.08 < slow[2] < 0.3
    assert slow[3] == pytest.approx(0.5, abs=0.03) and fast[3] == pytest.approx(0.5, abs=0.03)


def test_mdn_turns_to_the_backward_layer_and_lets_the_rhythm_run() -> None:
    found, names = rates(MDN_L=0.6, MDN_R=0.6)
    forward, backward = (
        found[:, [i for i, name in enumerate(names) if name.startswith(f"{layer}_")]].max()
        for layer in ("PF", "PB")
    )
    assert forward < 0.01 and backward > 0.7
    assert 7 < step(found, names)[0] < 13


def test_a_foot_lets_go_while_its_leg_swings_and_only_then() -> None:
    found, names = rates(DNp09_L=0.6, DNp09_R=0.6)
    for leg, off in swings(found, names).items():
        grip = found[:, names.index(f"MN_{leg}_grip")]
        late = np.roll(off, 4)  # 8 ms for two synapses
        assert grip[off & late][: len(off) // 2].min() < 0.02
        assert grip[~off & ~late & ~np.roll(off, 8)].min() > 0.5


def test_nobody_told_to_walk_stands() -> None:
    found, names = rates()
    assert found[:, [names.index(f"ST_{leg}") for leg in LEGS]].min() > 0.9
    assert not any(x.any() for x in swings(found, names).values())


def walked(*overrides: str) -> dict[str, float | None]:
    run = load_run(["experiment=fly_walk", "duration_s=1.5", *overrides])
    seen: xr.Dataset = Loop.of(run).play_in_memory()
    return walking.measure(seen.sel(time=slice(0.4, None)))


def test_it_walks_in_tripods_as_fast_as_a_fly() -> None:
    found = walked()
    assert found["fell"] == 0
    assert 8 < (found["axial_speed_mm_s"] or 0) < 18 and 7 < (found["stride_hz"] or 0) < 13
    assert 0.55 < (found["duty_factor"] or 0) < 0.75 and (found["tripod_index"] or 0) > 0.6


def test_mdn_walks_it_backwards_and_dna02_turns_it_to_its_side() -> None:
    still = "controller.commands.DNp09_L=0", "controller.commands.DNp09_R=0"
    back = walked(*still, "controller.commands.MDN_L=0.6", "controller.commands.MDN_R=0.6")
    assert back["fell"] == 0 and (back["axial_speed_mm_s"] or 0) < -5
    left = walked("controller.commands.DNa02_L=1")
    assert left["fell"] == 0 and (left["turning_deg_s"] or 0) > 30


def test_the_mean_step_of_the_clip_is_what_was_fitted(data: Path, script: ModuleType) -> None:
    fit = scripts.load(FOLDER / "fit_pattern.py")
    mean = fit.mean_step(data / fit.CLIP)
    assert {part: wave.shape for part, wave in mean.items()} == dict.fromkeys("fmh", (fit.GRID, 7))
    # A foot is carried forwards by its femur first lifted, then lowered again.
    for wave in mean.values():
        femur = wave[:, fit.DOFS.index("trochanterfemur_pitch")]
        assert femur[: fit.GRID // 2].argmin() < 0.45 * fit.GRID and np.ptp(femur) > 0.4
    assert fit.lowpass(np.ones((5, 1)), 0.001, 0.01) == pytest.approx(np.ones((5, 1)))


STILL = np.zeros(2, np.float32)


class Smeller:
    """The fly's brain without its body, and how active some of its neurons are after what it senses."""

    def __init__(self) -> None:
        spec = content.wired("fly_odour")
        self.brain = connectome.build(spec, load_body(content.load("bodies", "fly")), CLOCK, Perturb())
        self.names = self.brain.neuron_names

    def feel(self, left: float, right: float, wind: np.ndarray = STILL, seconds: float = 0.3) -> None:
        for _ in range(round(seconds / CLOCK.control_s)):
            odour = np.array([left, right, 0.0, 0.0], np.float32)
            self.brain.act({"load": np.zeros(6, np.float32), "odour": odour, "wind": wind})
            self.seen.append(self.brain.activity / 100.0)

    def after(self, *names: str) -> list[float]:
        late = np.mean(self.seen[-75:], axis=0)
        return [float(late[self.names.index(name)]) for name in names]

    def reset(self) -> None:
        self.brain.reset(0)
        self.seen: list[np.ndarray] = []


@pytest.fixture(scope="module")
def smeller() -> Smeller:
    return Smeller()


def test_the_odour_steers_to_the_side_that_smells_more(smeller: Smeller) -> None:
    def steered(left: float, right: float) -> tuple[float, float]:
        smeller.reset()
        smeller.feel(left, right)
        one, other = smeller.after("DNa02_L", "DNa02_R")
        return one, other

    for level in (0.02, 0.2):
        one, other = steered(level * 1.03, level)
        assert one > 0.4 and other < 0.1
        assert steered(level, level * 1.03) == pytest.approx((other, one), abs=0.12)
    assert max(steered(0.1, 0.1)) < 0.25


def test_wind_steers_while_it_smells_and_only_then(smeller: Smeller) -> None:
    from_the_left = np.array([20.0, 0.0], np.float32)
    for wind, sides in ((from_the_left, "LR"), (from_the_left[::-1].copy(), "RL")):
        windward, lee = (f"DNa02_{side}" for side in sides)
        smeller.reset()
        smeller.feel(0.0, 0.0, wind, seconds=1.0)
        assert max(smeller.after(windward, lee)) < 0.25
        smeller.feel(0.05, 0.05, wind, seconds=1.0)
        into, away = smeller.after(windward, lee)
        assert into > 0.8 and away < 0.1


def test_it_searches_when_the_odour_is_lost_and_gives_up_later(smeller: Smeller) -> None:
    smeller.reset()
    smeller.feel(0.05, 0.05, seconds=2.0)
    walking_speed, lost = smeller.after("DNp09_L", "LOST")
    assert lost < 0.05
    smeller.feel(0.0, 0.0, seconds=1.5)
    slower, lost, *sides = smeller.after("DNp09_L", "LOST", "SR_L", "SR_R")
    assert lost > 0.8 and slower < walking_speed - 0.05
    # It turns to one side or the other, not to both.
    assert max(sides) > 0.3 and min(sides) < 0.1
    smeller.feel(0.0, 0.0, seconds=9.0)
    assert max(smeller.after("LOST", "SR_L", "SR_R")) < 0.05


def test_it_slows_down_where_the_odour_is_as_strong_as_at_its_source(smeller: Smeller) -> None:
    smeller.reset()
    smeller.feel(0.5, 0.5, seconds=1.0)
    walks = smeller.after("DNp09_L")[0]
    smeller.feel(1.0, 1.0, seconds=1.0)
    assert smeller.after("DNp09_L")[0] < 0.5 * walks


def test_a_controller_that_extends_another_has_its_neurons_first_and_its_own_after() -> None:
    walk, odour = (content.wired(name) for name in ("fly_walk", "fly_odour"))
    muscles = load_body(content.load("bodies", "fly")).muscles
    below = Connectome.read(walk.folders, muscles)
    whole = Connectome.read(odour.folders, muscles)
    count = len(below.neurons)
    assert whole.neurons[:count] == below.neurons
    assert {"ORN_L", "ORN_R", "PN_L", "PN_R", "OD"} < set(whole.neurons[count:])
    assert np.array_equal(whole.chemical[:count, :count], below.chemical)
    assert np.array_equal(whole.nmj[:count], below.nmj) and not whole.nmj[count:].any()
    assert odour.commands == {**walk.commands, "DNp09_L": 0.45, "DNp09_R": 0.45}
