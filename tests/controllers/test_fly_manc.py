"""The walking circuit of MANC: its tables, its muscles, its rhythm without a body, and legs on a tether."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import neuromech
from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.isolated import Preparation, play
from neuromech.brain.neurons.rate_saturating import RateSaturating
from neuromech.evaluation import isolated_row, rhythms
from neuromech.evaluation.questions import Contender, ask
from neuromech.specs import content, evaluation
from neuromech.specs.controller import RateSaturatingSpec
from tests.controllers.fly_manc_reference import integrated

FOLDER = content.find("controllers", "fly_manc")
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
IN_FANC = {
    "Tergopleural/Pleural promotor MN": ("tergopleural_promotor_pleural_promotor_miller_28_30",),
    "Sternal anterior rotator MN": ("sternal_anterior_rotator_miller_31",),
    "Sternal adductor MN": ("sternal_adductor_miller_miller_in_thorax_miller_33",),
    "Pleural remotor/abductor MN": ("pleural_remotor_and_abductor_miller_29",),
    "Sternal posterior rotator MN": ("sternal_posterior_rotator_miller_32",),
    "Tergotr. MN": ("tergotrochanter",),
    "Sternotrochanter MN": ("extracoxal_trochanter_depressor",),
    "Tr extensor MN": ("trochanter_extensor",),
    "Fe reductor MN": ("femur_reductor",),
    "Ti extensor MN": ("tibia_extensor",),
    "Ti flexor MN": ("main_tibia_flexor",),
    "Acc. ti flexor MN": ("auxiliary_tibia_flexor",),
}
"""Muscles of FANC's left front leg that go by the name of a motor neuron's type in MANC."""
HELD = ("coxa_swing", "coxa_stance", "tr_flex", "tr_extend", "ti_flex", "ti_extend", "grip")
UNHEARD = ("sensory", "let_go", *(f"hold_{pool}" for pool in HELD), *(f"relax_{pool}" for pool in HELD[:-1]))
"""What does not fire while homeostasis sets motor neurons: all that was added but the coupling of legs."""
FUNCTION = {
    "coxa_swing": "swing", "coxa_adduct": "swing", "coxa_stance": "stance", "tr_flex": "flex",
    "tr_extend": "extend", "ti_flex": "flex", "ti_extend": "extend", "fe_reductor": "reductor",
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file))


def test_the_tables_hold_the_cut_of_manc_and_say_what_was_added() -> None:
    neurons, edges = rows("neurons.csv"), rows("connections.csv")
    cut = [each for each in neurons if each["source"] == "MANC"]
    assert Counter(each["type"] for each in cut) == {"descending": 2, "premotor": 138, "motor": 392}
    assert len({each["body_id"] for each in cut}) == len(cut)
    wiring = [each for each in edges if each["source"] == "MANC"]
    assert len(wiring) == 10_279 and sum(int(each["weight"]) for each in wiring) == 226_660
    added = [each for each in neurons if each["source"] != "MANC"]
    assert all(each["source"].startswith("added here") for each in added)
    relaxed = (f"relax_{pool}" for pool in HELD if pool != "grip")
    waiting = ("wait_same_side", "wait_across")
    kinds = ("load", "let_go", *waiting, *relaxed, *(f"hold_{pool}" for pool in HELD))
    assert Counter(each["class"] for each in added) == {**dict.fromkeys(kinds, 6), "hold_proboscis": 1}


def test_a_premotor_neuron_has_one_sign() -> None:
    signs: dict[str, set[str]] = {}
    for each in rows("connections.csv"):
        if each["source"] == "MANC":
            signs.setdefault(each["pre"], set()).add(each["sign"])
    assert all(len(each) == 1 for each in signs.values())


def test_a_motor_neuron_reaches_muscles_of_its_own_leg_as_the_table_of_muscles_says() -> None:
    neurons = {each["name"]: each for each in rows("neurons.csv")}
    wanted: dict[str, set[str]] = {}
    for each in rows("muscles.csv"):
        wanted.setdefault(each["manc_type"], set()).add(each["muscle"])
    reached: dict[str, set[str]] = {}
    for each in rows("connections.csv"):
        if each["kind"] == "neuromuscular" and neurons[each["pre"]]["type"] == "motor":
            reached.setdefault(each["pre"], set()).add(each["post"])
    for name, cell in neurons.items():
        if cell["type"] == "motor":
            muscles = {f"{cell['leg']}_{muscle}" for muscle in wanted.get(cell["manc_type"], set())}
            assert reached.get(name, set()) == muscles
    assert {leg for leg in LEGS if any(m.startswith(leg) for own in reached.values() for m in own)} == set(
        LEGS
    )


def test_fanc_names_the_same_muscles_and_as_many_motor_neurons_of_a_front_leg(data: Path) -> None:
    fanc = pd.read_csv(data / "fly" / "fanc_t1l" / "leg_motor_neurons.csv.gz")
    pools = {each["manc_type"]: each["pool"] for each in rows("muscles.csv")}
    counts = Counter(each["manc_type"] for each in rows("neurons.csv") if each["leg"] == "lf")
    for kind, muscles in IN_FANC.items():
        found = fanc[fanc.muscle.isin(muscles)]
        assert len(found) == counts[kind], kind
        assert set(found.function) == {FUNCTION[pools[kind]]}, kind
    flexors = fanc[fanc.muscle.isin(["trochanter_flexor", "trochanter_promotor"])]
    assert len(flexors) == counts["Tr flexor MN"] + counts["Acc. tr flexor MN"]


def rates(ablate: tuple[str, ...] = (), drive: float = 1.0) -> dict[str, np.ndarray]:
    """Shares of the highest rate of E1 of the six legs over two seconds, one sample every 2 ms."""
    commands = {"DNg100_L": drive, "DNg100_R": drive}
    prepared = Preparation.of("fly_manc", commands, ablate, ["DNg100", "premotor"])
    _, output, _ = play([prepared], 2.5, 0.002, 2)
    return {leg: output[0, 250:, prepared.neurons.index(f"E1_{leg}")] for leg in LEGS}


def test_the_isolated_circuit_walks_with_all_legs_and_needs_e1_e2_and_drive() -> None:
    for rate in rates().values():
        power = np.abs(np.fft.rfft(rate - rate.mean()))
        assert 6 <= power.argmax() / (0.002 * len(rate)) <= 17 and np.ptp(rate) > 0.01
    for still in (rates(("E1",)), rates(("E2",)), rates(drive=0.2)):
        assert max(np.ptp(rate) for rate in still.values()) < 0.002


def test_silencing_e1_of_one_leg_stops_that_leg_alone() -> None:
    still = rates(("E1_lm",))
    moving = {leg for leg, rate in still.items() if np.ptp(rate) > 0.01}
    assert moving == set(LEGS) - {"lm"}


@pytest.mark.thorough
def test_on_a_tether_the_legs_move_and_without_a_command_they_do_not(tmp_path: Path) -> None:
    moved, firing = [], []
    for value in (1.0, 0.0):
        commands: dict[str, Any] = {f"controller.commands.DNg100_{side}": value for side in "LR"}
        out = tmp_path / str(value)
        run = neuromech.run("fly_manc_tethered", duration_s=1.5, video=False, output=out, **commands)
        late = run.data.isel(time=slice(-125, None))  # half a second
        angles = late["sense_joints"].values
        spectrum = np.abs(np.fft.rfft(angles - angles.mean(axis=0), axis=0)) / len(angles) * 2
        moved.append(np.degrees(spectrum[3:11].max(axis=0)).reshape(6, 7).max(axis=1))  # 6 to 20 Hz
        firing.append(max(np.ptp(late["activity"].sel(neuron=f"E1_{leg}").values) for leg in LEGS))
    assert (moved[0] > 4).all() and firing[0] > 5
    # Antagonists that inhibit each other and adapt may still change places, in two legs as far as in a step.
    assert (moved[1] < moved[0]).sum() >= 4 and firing[1] == 0


def test_homeostasis_gives_every_motor_neuron_its_mean_rate_while_the_command_is_on() -> None:
    cord = Preparation.of("fly_manc", {"DNg100_L": 1.0, "DNg100_R": 1.0}, ablate=UNHEARD)
    spec = content.wired("fly_manc")
    assert isinstance(spec, RateSaturatingSpec)
    wanted = spec.homeostasis["motor"].rate_Hz
    names = [each["name"] for each in rows("neurons.csv") if each["type"] == "motor"]
    motor = [cord.neurons.index(name) for name in names]
    network = cord.network
    assert isinstance(network, RateSaturating)
    _, output, _ = play([cord], 3.0, 0.001, 1)
    mean = (output[0, 1000:].mean(axis=0) * np.asarray(network.peak_Hz))[motor]
    assert np.median(mean) == pytest.approx(wanted, rel=0.1)
    assert (np.abs(mean / wanted - 1) < 0.5).mean() > 0.95
    without = RateSaturating.from_circuit(Circuit.load(replace(spec, homeostasis={})))
    premotor = [cord.neurons.index(each["name"]) for each in rows("neurons.csv") if each["type"] != "motor"]
    assert (np.asarray(without.bias_pA) == np.asarray(network.bias_pA))[premotor].all()


def test_synaptic_scaling_gives_every_motor_neuron_currents_of_one_size_and_keeps_who_tells_it() -> None:
    spec = content.wired("fly_manc")
    assert isinstance(spec, RateSaturatingSpec)
    wanted = spec.homeostasis["motor"]
    circuit = Circuit.load(spec)
    scaled = np.asarray(RateSaturating.from_circuit(circuit).chemical_pA_per_Hz, float)
    unscaled = replace(spec, homeostasis={"motor": replace(wanted, modulation_pA=0.0)})
    plain = np.asarray(RateSaturating.from_circuit(replace(circuit, spec=unscaled)).chemical_pA_per_Hz, float)
    types = np.array(circuit.connectome.types)
    motor, added = types == "motor", np.isin(types, ["added", "sensory"])
    assert (scaled[~motor] == plain[~motor]).all() and (scaled[:, added] == plain[:, added]).all()
    rows_ = np.flatnonzero(motor)
    factors = np.full((2, len(rows_)), np.nan)
    for number, row in enumerate(rows_):
        for of_sign, sign in zip(factors, (1, -1), strict=True):
            there = (np.sign(plain[row]) == sign) & ~added
            if there.any() and scaled[row, there].any():
                factor = scaled[row, there] / plain[row, there]
                assert np.ptp(factor) < 1e-4 * factor.max()  # who tells it what stays as it is
                of_sign[number] = factor.max()
    assert np.nanmax(factors[0]) <= 20.001
    cord = Preparation.of("fly_manc", {"DNg100_L": 1.0, "DNg100_R": 1.0}, ablate=UNHEARD)
    network = cord.network
    assert isinstance(network, RateSaturating)
    _, output, _ = play([cord], 1.5, 0.001, 1)
    rates_Hz = output[0, 700:] * np.asarray(network.peak_Hz)
    free = rows_[factors[0] < 19]
    assert len(free) > 200
    spread = (rates_Hz @ scaled[free].T).std(axis=0)
    assert np.median(spread) == pytest.approx(wanted.modulation_pA, rel=0.1)
    excited, inhibited = (np.maximum(k * scaled[free], 0) @ rates_Hz.mean(axis=0) for k in (1, -1))
    assert np.median(inhibited / excited) == pytest.approx(wanted.inhibition, rel=0.1)


def test_the_rhythm_is_that_of_the_same_equations_written_again() -> None:
    """By scipy, with steps that its error chooses, and without neuromech."""
    (question,) = [each for each in ask(evaluation.load("fly_manc"), Contender()) if each.key == "alone"]
    own = isolated_row.answer(question, 0).values
    courses = integrated(400.0, 3.0, 1.0, ("E1", "E2", "I1"), LEGS)
    limbs = {leg: [f"{name}_{leg}" for name in ("E1", "E2", "I1")] for leg in LEGS}
    for leg, hz in rhythms.of_limbs(courses, limbs, 0.001, (4.0, 20.0)).items():
        assert own[f"{leg}.hz"] == pytest.approx(hz, rel=0.05)


def test_what_another_fit_found_is_laid_over_the_parameters_and_named_by_the_seed() -> None:
    folders = [content.find("controllers", "fly_manc_start")]
    own, found = content.parameters(folders), content.parameters(folders, "roles_{seed}", 3)
    told = content.read_yaml(folders[0] / "fits" / "roles_3.yaml")["parameters"]
    assert found != own and found == content.union(own, told)
    with pytest.raises(InputError, match="roles_7"):
        content.parameters(folders, "roles_{seed}", 7)
