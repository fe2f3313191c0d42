"""Nervous systems out of their bodies: every neuron model, parts, ablations side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.isolated import Preparation, play
from neuromech.brain.neurons.models import MODELS
from neuromech.specs import content

OF_NEURONS = [
    name for name in content.names("controllers") if content.load("controllers", name).model in MODELS
]
CIRCUIT = ["AVA", "AVB", "AVD", "AVE", "PVC", "motor"]


@pytest.mark.parametrize("name", OF_NEURONS)
def test_every_controller_of_neurons_can_be_taken_out_of_its_body(name: str) -> None:
    whole = Preparation.of(name)
    times, outputs, _ = play([whole], 0.02)
    assert outputs.shape == (1, 20, len(whole.neurons)) and times[-1] == pytest.approx(0.02)
    assert np.isfinite(outputs).all()


def test_every_neuron_model_is_among_them() -> None:
    assert {content.load("controllers", name).model for name in OF_NEURONS} >= {
        "graded_wireless",
        "rate",
        "bursting",
    }


def test_current_into_a_neuron_spreads_through_the_wiring() -> None:
    still, driven = (
        Preparation.of("worm_connectome"),
        Preparation.of("worm_connectome", inject_pA={"AVAL": 30.0}),
    )
    _, outputs, _ = play([still, driven], 0.2)
    change = np.abs(outputs[1, -1] - outputs[0, -1])
    index = still.neurons.index
    assert change[index("AVAL")] > 0.1 and change[index("AVAR")] > 1e-3 and change[index("DA1")] > 5e-4


@pytest.mark.parametrize(
    ("name", "part"),
    [("worm_connectome", CIRCUIT), ("mouse_spinal", ["rhythm", "commissural", "interneuron", "brainstem"])],
)
def test_a_part_does_what_it_does_when_all_others_are_killed(name: str, part: list[str]) -> None:
    cut = Preparation.of(name, part=part)
    left = [name for name in Preparation.of(name).neurons if name not in cut.neurons]
    killed = Preparation.of(name, ablate=left)
    inside = [killed.neurons.index(name) for name in cut.neurons]
    _, outputs, _ = play([cut], 0.3)
    _, whole, _ = play([killed], 0.3)
    assert 0 < len(cut.neurons) < len(killed.neurons)
    assert outputs[0] == pytest.approx(whole[0][:, inside], abs=5e-3)  # killed ones still release for a step


def test_preparations_side_by_side_have_their_own_gap_junctions() -> None:
    whole = Preparation.of("worm_connectome", inject_pA={"AVBL": 20.0})
    cut = replace(Preparation.of("worm_connectome", ablate=["AVBL"]), command_pA=whole.command_pA)
    _, together, _ = play([whole, cut], 0.1)
    for number, each in enumerate((whole, cut)):
        _, alone, _ = play([each], 0.1)
        assert together[number] == pytest.approx(alone[0], abs=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Preparation.of("fly_brain"), "fly_brain .model spiking. has no network of neurons"),
        (lambda: Preparation.of("fish_commands"), "take fish_optomotor, which it stands over"),
        (lambda: Preparation.of("mouse_spinal", {"alfa": 1.0}), "nearest: controller.commands.alpha"),
        (lambda: Preparation.of("worm_connectome", {"AVB": 1.0}), "unknown key 'controller.commands.AVB'"),
        (lambda: Preparation.of("worm_connectome", ablate=["AVAX"]), "nearest: AVA"),
        (
            lambda: play([Preparation.of("mouse_spinal"), Preparation.of("worm_connectome")], 0.1),
            "same part of one controller",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_out_is_one_line(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)
