"""Controllers that are saved in mid-episode go on as they would have: spiking brains and policies."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech._lib.state import State
from neuromech.controllers import Controller, SpikeSource, build
from neuromech.world.body import Body
from tests.controllers import test_policy as policies
from tests.controllers import test_spiking as spiking

content = spiking.content
run, body = policies.run, policies.body


def observation(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "touch": (300 * rng.random(2)).astype(np.float32),
        "food": np.zeros(2, np.float32),
        "glycerol": np.zeros(1, np.float32),
        "salt": rng.random(1).astype(np.float32),
        "bend": rng.normal(size=24).astype(np.float32),
    }


def play(controller: Controller, seed: int, periods: int = 40) -> list[bytes]:
    rng = np.random.default_rng(seed)
    told = []
    for _ in range(periods):
        told += [controller.act(observation(rng)).tobytes(), controller.activity.tobytes()]
    if isinstance(controller, SpikeSource):
        told += [each.tobytes() for each in controller.take_spikes()]
    return told


def goes_on(original: Any, fresh: Any, path: Path) -> None:
    """Save one in its stride, and restore it into itself and into one that has done other things."""
    play(original, 1)
    State({}, original.save_state()).save(path)
    twin = copy.deepcopy(original)
    future = play(original, 2)
    play(fresh, 3, 7)
    for subject in (fresh, original):
        subject.restore_state(State.load(path).parts)
        assert play(subject, 2) == future
    assert play(twin, 2) == future
    fresh.reset(5)
    twin.reset(5)
    assert play(fresh, 4, 5) == play(twin, 4, 5)


@pytest.mark.parametrize("engine", ["events", "jax"])
def test_a_spiking_brain(engine: str, tmp_path: Path) -> None:
    window = "perturb.stimulate={neurons:[INTER],start_s:0.3,stop_s:0.7,current_pA:900}"
    chosen = [f"controller.engine={engine}", window, "controller.commands.INTER=20"]
    goes_on(spiking.made(*chosen), spiking.made(*chosen), tmp_path / "state.npz")


def test_a_spiking_brain_above_another_controller(tmp_path: Path) -> None:
    chosen = spiking.run_of("controller.under=worm_connectome", "controller.wiring=[small]")
    spec = replace(chosen.controller, descending={"AVBL": ("INTER",), "AVBR": ("INTER",)})
    chosen = replace(chosen, controller=spec)
    parameters = {
        "rate_ms": 40.0, "peak_Hz": {"*": 100.0}, "neuromuscular": {"*": 1.0}, "tone": 0.0,
        "descending_pA_per_Hz": {"AVBL": 0.5, "AVBR": 0.25}, "touch": {"peak_Hz": 200.0, "half_nN": 100.0},
    }  # fmt: skip
    one, two = (build(chosen, policies.bodies.load(chosen.body), parameters) for _ in range(2))
    goes_on(one, two, tmp_path / "state.npz")


def test_a_policy_over_muscles_with_a_history(tmp_path: Path, run: Any, body: Body) -> None:
    spec = policies.folder(tmp_path, run, policies.network(50, 95))
    goes_on(build(spec, body), build(spec, body), tmp_path / "state.npz")


def test_a_policy_over_commands(tmp_path: Path, run: Any, body: Body) -> None:
    spec = policies.descending(tmp_path, run)
    goes_on(build(spec, body), build(spec, body), tmp_path / "state.npz")


def test_states_that_compiled_code_would_run_away_with_are_refused() -> None:
    controller = spiking.made()
    play(controller, 1)
    good = controller.save_state()
    before = play(copy.deepcopy(controller), 2)
    network = good["network"]
    for name, place, value in (
        ("_list", 0, 10**6), ("_list", 0, -5), ("_waiting", 0, 10**6), ("_ring", (slice(None), 0), -7),
        ("_cells", (3, 2), np.nan), ("_cells", (3, 2), -1e300), ("_counts", 0, 41), ("_counts", 0, -1),
    ):  # fmt: skip
        spoilt = copy.deepcopy(network)
        spoilt["_waiting"][:] = 1  # so that what is in the ring is read
        spoilt["_counts"][0], spoilt["_list"][0], spoilt["_listed"][:] = 1, 0, np.arange(40) == 0
        controller.network.restore_state(copy.deepcopy(spoilt))  # type: ignore[attr-defined]  # consistent so far
        spoilt[name][place] = value
        with pytest.raises(InputError, match="does not fit"):
            controller.network.restore_state(spoilt)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="does not fit"):
        controller.network.restore_state({**network, "_cells": np.zeros((0, 4))})  # type: ignore[attr-defined]
    controller.restore_state(good)
    assert play(controller, 2) == before
