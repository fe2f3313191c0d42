"""The connectome as controller: perturbations, seeds, and that muscles hear nothing but motor neurons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain import brain as brains
from neuromech.brain.neurons.graded_wireless import GradedWireless
from neuromech.controllers import Controller, connectome
from neuromech.specs import content
from neuromech.specs.checking import plain
from neuromech.specs.controller import WiredSpec, read_controller
from neuromech.specs.perturb import Perturb, Window
from neuromech.world import body as bodies
from neuromech.world.body import Body
from tests.controllers.worm import CLOCK, NONE, Make, edit, play, senses


def test_it_is_a_controller_of_302_neurons_and_95_muscles(make: Make) -> None:
    controller = make()
    assert isinstance(controller, Controller) and controller.activity_unit == "mV"
    assert len(set(controller.neuron_names)) == 302
    activity, excitation = play(controller, 5)
    assert excitation.shape == (5, 95) and excitation.dtype == np.float32
    assert (excitation >= 0).all() and (excitation <= 1).all()
    assert activity.shape == (5, 302) and np.isfinite(activity).all()


def test_one_seed_gives_the_same_bits(make: Make) -> None:
    controller = make()
    first, again, other = (play(controller, 30, seed) for seed in (3, 3, 4))
    fresh = play(make(), 30, 3)
    for a, b in ((first, again), (first, fresh)):
        assert a[0].tobytes() == b[0].tobytes() and a[1].tobytes() == b[1].tobytes()
    assert not np.array_equal(first[0], other[0])


def test_without_noise_the_seed_says_nothing(make: Make) -> None:
    quiet = make(noise_pA={"*": 0.0})
    assert np.array_equal(play(quiet, 20, 1)[0], play(quiet, 20, 2)[0])


def test_noise_has_the_same_effect_at_any_control_period(make: Make) -> None:
    # White noise of density n on a lone leaky cell: sd = n / sqrt(2 leak C), here with leak 1 nS, C 100 pF.
    lone = {"leak_nS": {"*": 1.0}, "tau_ms": {"*": 100.0}, "noise_pA": {"*": 20.0}}
    off = {
        "chemical_nS": {"*>*": 0.0},
        "gap_nS": {"*>*": 0.0},
        "plateau_nS": {"*": 0.0},
        "bias_pA": {"*": 0.0},
    }
    still = {"drive_pA": {"*": 0.0}, "stretch_pA_mm": {"B:ahead": 0.0}}
    controller = make(**lone, **off, **still)
    controller.reset(0)
    calm = {name: np.zeros_like(value) for name, value in senses(0).items()}
    seen = []
    for _ in range(300):
        controller.act(calm)
        seen.append(controller.activity)
    spread = np.array(seen)[100:].std(axis=1).mean()
    assert spread == pytest.approx(20.0 / np.sqrt(2 * 1.0 * 100.0), rel=0.15)


WINDOW = Window(("AVA", "RIML"), 0.1, 0.2)


def test_silence_acts_only_inside_its_window(make: Make) -> None:
    plain, _ = play(make(), 40)
    controller = make(Perturb(silence=(WINDOW,)))
    seen, _ = play(controller, 40)
    cells = controller.connectome.resolve(["AVA", "RIML"])
    assert len(cells) == 3
    low = np.asarray(controller.brain.network.silent_mV)[cells]
    assert np.array_equal(seen[:10], plain[:10])
    assert np.array_equal(seen[10:20, cells], np.tile(low, (10, 1)))
    assert not np.isin(plain[10:20, cells], low).any()
    assert (seen[20:, cells] != low).all()  # free again at once


def test_stimulation_acts_only_inside_its_window(make: Make) -> None:
    quiet = {"noise_pA": {"*": 0.0}}
    plain, _ = play(make(**quiet), 40)
    window = Window(("AVAL",), 0.1, 0.2, current_pA=50.0)
    controller = make(Perturb(stimulate=(window,)), **quiet)
    seen, _ = play(controller, 40)
    (cell,) = controller.connectome.resolve("AVAL")
    difference = (seen - plain)[:, cell]
    assert np.array_equal(seen[:10], plain[:10])
    assert difference[10] > 0 and (np.diff(difference[10:14]) > 0).all()
    # The first step is the neuron's alone, before the network answers: an RC charging for one control period.
    cells = controller.brain.network
    gap = -float(cells.gap_nS[cell, cell]) if cells.gap_nS[cell, cell] < 0 else 0.0
    rate = (float(cells.leak_nS[cell]) + gap) / float(cells.capacitance_pF[cell])
    alone = 50 / (float(cells.leak_nS[cell]) + gap) * -np.expm1(-rate * 10.0)
    assert difference[10] == pytest.approx(alone, rel=0.25)
    # Once the current stops it pulls no more: the membrane falls.
    assert difference[20] < difference[19]


def test_an_ablated_neuron_releases_nothing_whatever_happens_to_it(make: Make) -> None:
    controller = make(Perturb(ablate=("ASE", "AVAL")))
    cells = controller.connectome.resolve(["ASE", "AVAL"])
    seen, moved = play(controller, 30)
    network = controller.brain.network
    assert np.array_equal(seen[:, cells], np.tile(np.asarray(network.silent_mV)[cells], (30, 1)))
    # Its synapses miss what they got at rest: all that an intact neuron can withdraw, to a thousandth.
    released = np.asarray(network.release(jnp.asarray(controller.activity)))[cells]
    assert released == pytest.approx(-float(network.tonic * network.scale_mV), rel=1e-3)
    # Whatever is injected into it, nobody else notices.
    driven = make(Perturb(ablate=("ASE", "AVAL"), stimulate=(Window(("ASE", "AVAL"), 0.0, 9.0, 500.0),)))
    assert np.array_equal(play(driven, 30)[0], seen) and np.array_equal(play(driven, 30)[1], moved)
    gap = np.asarray(network.gap_nS)
    assert not gap[:, cells].any() and not gap[cells].any()


@pytest.mark.parametrize("victim", ["DB1", "AVB", "ASEL"])
def test_ablation_leaves_everything_else_as_it_was(make: Make, victim: str) -> None:
    whole, cut = make().brain, make(Perturb(ablate=(victim,))).brain
    index = make().connectome.resolve(victim)
    others = np.setdiff1d(np.arange(302), index)
    pairs = np.ix_(others, others)
    assert np.array_equal(
        np.asarray(cut.network.chemical_nS)[pairs], np.asarray(whole.network.chemical_nS)[pairs]
    )
    off_diagonal = ~np.eye(len(others), dtype=bool)
    for a, b in [(np.asarray(one.network.gap_nS)[pairs][off_diagonal] for one in (cut, whole))]:
        assert np.array_equal(a, b)
    assert np.array_equal(np.asarray(cut.decode)[:, others], np.asarray(whole.decode)[:, others])
    assert np.array_equal(np.asarray(cut.encode)[others], np.asarray(whole.encode)[others])
    # A motor neuron's own bias is its own: it does not know that its command neuron is gone.
    assert np.asarray(cut.network.bias_pA)[others] == pytest.approx(np.asarray(whole.network.bias_pA)[others])


@pytest.mark.parametrize(
    "perturb", [Perturb(scale_gap_junctions=0.0), Perturb(scale_chemical=0.0)], ids=["gap", "chemical"]
)
def test_scaling_one_kind_leaves_everything_else_as_it_was(make: Make, perturb: Perturb) -> None:
    whole, cut = make().brain.network, make(perturb).brain.network
    chemical, gap = np.asarray(cut.chemical_nS), np.asarray(cut.gap_nS)
    assert np.array_equal(chemical, np.asarray(whole.chemical_nS) * perturb.scale_chemical)
    assert np.array_equal(gap, np.asarray(whole.gap_nS) * perturb.scale_gap_junctions)
    assert np.asarray(cut.bias_pA) == pytest.approx(np.asarray(whole.bias_pA))


def test_scaling_reaches_the_contacts_onto_muscles(make: Make) -> None:
    whole = make()
    onto = whole.connectome.gap_muscle.T > 0
    assert onto.sum() == 5
    decode, uncoupled, coupled = (
        np.asarray(make(perturb).brain.decode)
        for perturb in (NONE, Perturb(scale_gap_junctions=0.0), Perturb(scale_chemical=0.0))
    )
    assert np.array_equal(uncoupled != decode, onto) and (coupled[onto] > 0).all()
    assert not coupled[~onto].any()
    assert uncoupled + coupled == pytest.approx(decode, abs=1e-7)


def test_muscles_stand_where_they_bend_the_body(body: Body) -> None:
    torques = body.muscle_torques([f"bend_{i:02d}" for i in range(1, 25)])
    for name, row in zip(body.muscles, torques, strict=True):
        (felt,) = np.flatnonzero(row)
        assert felt + 1 == int(name[-2:]) and np.sign(row[felt]) == (1 if name[1] == "D" else -1)
    rolled = bodies.load(content.load("bodies", "worm"), mirrored=True)
    assert rolled.muscle_torques(["bend_03"]) == pytest.approx(torques[:, 2:3])


def with_encoding(change: Callable[[dict[str, Any]], Any]) -> WiredSpec:
    spec = content.wired("worm_connectome")
    tree = plain(spec)
    change(tree["encoding"])
    changed = read_controller(tree)
    assert isinstance(changed, WiredSpec)
    return replace(changed, folder=spec.folder, folders=spec.folders)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda each: each["salt"].update(kind="onoff"), "on_off"),
        (lambda each: each["salt"].update(sense="sald"), "nearest: salt"),
        (lambda each: each["salt"].pop("rise"), "encoding.salt.rise is missing"),
        (lambda each: each["touch"]["neurons"].update(posterio=["PLM"]), "posterior"),
        (lambda each: each["salt"].update(fall=["ASX"]), "nearest: AS"),
        (lambda each: each.update(odour=each["salt"]), "odour is missing"),
    ],
    ids=["kind", "sense", "key", "field", "neuron", "parameters"],
)
def test_a_wrong_encoding_is_one_clear_line(
    body: Body, parameters: dict[str, Any], change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        connectome.build(with_encoding(change), body, CLOCK, NONE, 0, parameters)


def test_two_entries_may_read_one_sense(body: Body, parameters: dict[str, Any]) -> None:
    spec = with_encoding(lambda each: each.update(ash={**each["salt"], "rise": ["ASH"], "fall": []}))
    both = connectome.build(spec, body, CLOCK, NONE, 0, parameters | {"ash": parameters["salt"]})
    cells = both.connectome.resolve("ASH")
    encode = np.asarray(both.brain.encode)
    assert encode.shape == (302, 34) and np.array_equal(np.unique(encode[cells, 32]), [30.0])
    assert play(both, 3)[0].shape == (3, 302)


def test_a_controller_without_senses_plays(body: Body, parameters: dict[str, Any]) -> None:
    own = {
        key: value
        for key, value in parameters.items()
        if key in (*GradedWireless.sections, *connectome.SECTIONS)
    }
    deaf = connectome.build(with_encoding(dict.clear), body, CLOCK, NONE, 0, own)
    assert play(deaf, 3)[0].shape == (3, 302)


def test_swapping_ase_exchanges_their_currents_and_nothing_else(make: Make) -> None:
    plain, swapped = make(), make(Perturb(swap=(("ASEL", "ASER"),)))
    (left,), (right,) = plain.connectome.resolve("ASEL"), plain.connectome.resolve("ASER")
    before, after = np.asarray(plain.brain.encode), np.asarray(swapped.brain.encode)
    assert (before[left, 24:26].tolist(), before[right, 24:26].tolist()) == ([30.0, 0.0], [0.0, 20.0])
    assert (after[left, 24:26].tolist(), after[right, 24:26].tolist()) == ([0.0, 20.0], [30.0, 0.0])
    others = np.setdiff1d(np.arange(302), [left, right])
    assert np.array_equal(after[others], before[others]) and np.array_equal(after[:, :24], before[:, :24])
    a, b = jax.tree.leaves(plain.brain.network), jax.tree.leaves(swapped.brain.network)
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_salt_reaches_asel_when_it_rises_and_aser_when_it_falls(make: Make) -> None:
    quiet = make(noise_pA={"*": 0.0}, chemical_nS={"*>*": 0.0}, gap_nS={"*>*": 0.0}, plateau_nS={"*": 0.0})
    (left,), (right,) = quiet.connectome.resolve("ASEL"), quiet.connectome.resolve("ASER")
    rest = np.asarray(quiet.brain.network.rest_mV)
    for levels, up, still in (((5.0, 9.0), left, right), ((9.0, 5.0), right, left)):
        quiet.reset(0)
        for level in levels:
            quiet.act(senses(0) | {"salt": np.array([level], np.float32)})
        assert quiet.activity[up] > rest[up] + 0.1
        assert quiet.activity[still] == pytest.approx(rest[still], abs=1e-3)


def test_touch_reaches_the_touch_neurons_of_its_half(make: Make) -> None:
    quiet = make(noise_pA={"*": 0.0}, chemical_nS={"*>*": 0.0}, gap_nS={"*>*": 0.0}, plateau_nS={"*": 0.0})
    fields = {"front": (["ALM", "AVM"], [400.0, 0.0]), "back": (["PLM"], [0.0, 400.0])}
    rest = np.asarray(quiet.brain.network.rest_mV)
    every = quiet.connectome.resolve(["ALM", "AVM", "PLM"])
    for names, force in fields.values():
        quiet.reset(0)
        quiet.act(senses(0) | {"touch": np.array(force, np.float32)})
        felt = {int(i) for i in every if quiet.activity[i] > rest[i] + 0.1}
        assert felt == {int(i) for i in quiet.connectome.resolve(names)}


def test_muscles_hear_nothing_but_the_neuromuscular_table(make: Make, folder: Path) -> None:
    # A few motor neurons also have gap junctions with a muscle.
    edit(
        folder / "connections.csv",
        lambda rows: [row for row in rows if not re.search(r",M[DV][LR]\d\d,", row)],
    )
    controller = make(folder=folder, tone=0.3)
    activity, excitation = play(controller, 40)
    assert np.ptp(activity, axis=0).max() > 1  # the brain is alive
    assert excitation == pytest.approx(np.full((40, 95), 0.5 + 0.5 * np.tanh(0.3)), abs=1e-6)


def test_a_muscle_hears_only_its_own_motor_neurons(make: Make) -> None:
    controller = make(noise_pA={"*": 0.0})
    decode, wiring = np.asarray(controller.brain.decode), controller.connectome
    assert ((decode != 0) <= ((wiring.nmj + wiring.gap_muscle).T > 0)).all()
    chemical = (decode != 0) & (wiring.gap_muscle.T == 0)
    assert np.array_equal(np.sign(decode)[chemical], wiring.nmj_sign.T[chemical])


def test_shuffled_wiring_moves_every_kind_but_keeps_the_seed(make: Make) -> None:
    whole = make().brain.network
    one, again, other = (make(Perturb(shuffle_wiring=True), seed).brain.network for seed in (1, 1, 2))
    assert np.array_equal(one.chemical_nS, again.chemical_nS)
    for name in ("chemical_nS", "gap_nS"):
        assert not np.array_equal(getattr(one, name), getattr(whole, name))
        assert not np.array_equal(getattr(one, name), getattr(other, name))
    spared = make(Perturb(shuffle_wiring=("sensory", "interneuron")), 1)
    motor = np.array([kind == "motor" for kind in spared.connectome.types])
    pairs = np.ix_(motor, motor)
    assert np.array_equal(spared.connectome.chemical[pairs], make().connectome.chemical[pairs])
    assert np.array_equal(np.asarray(spared.brain.decode), np.asarray(make().brain.decode))


@pytest.mark.thorough
def test_a_period_of_the_brain_can_be_differentiated_and_batched(make: Make) -> None:
    controller = make()
    state = brains.init(controller.brain)
    zeros, present = jnp.zeros(302), jnp.ones(302)
    sensed = jnp.concatenate([senses(3)[name] for name in ("bend", "salt", "food", "glycerol", "touch")])

    def excite(channels: Any) -> Any:
        return brains.advance(controller.brain, state, channels, zeros, present, 0.01, 2)[1]

    jacobian = np.asarray(jax.jacrev(excite)(sensed))
    assert jacobian.shape == (95, 30) and np.isfinite(jacobian).all() and np.abs(jacobian[:, :24]).max() > 0
    batch = jnp.stack([sensed, sensed * 1.5, sensed * 0.2])
    together = np.asarray(jax.vmap(excite)(batch))
    for row, channels in zip(together, batch, strict=True):
        assert row == pytest.approx(np.asarray(excite(channels)), abs=1e-6)


@pytest.mark.thorough
def test_brains_of_different_wiring_are_batched(make: Make) -> None:
    made = [make(Perturb(shuffle_wiring=seed > 0), seed).brain for seed in range(3)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *made)
    state = brains.init(made[0])
    sensed = jnp.asarray(
        np.concatenate([senses(3)[name] for name in ("bend", "salt", "food", "glycerol", "touch")])
    )
    zeros, present = jnp.zeros(302), jnp.ones(302)

    def play(brain: brains.Brain) -> jax.Array:
        after = state
        for _ in range(3):
            after, excitation = brains.advance(brain, after, sensed, zeros, present, 0.01, 2)
        return excitation

    together = np.asarray(jax.vmap(play)(stacked))
    for row, brain in zip(together, made, strict=True):
        assert row == pytest.approx(np.asarray(play(brain)), abs=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-4)
