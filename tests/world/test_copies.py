"""Copies of a running simulation: they go on by themselves, and as the original would have."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses.animal import Animal
from neuromech.specs import content
from neuromech.specs.environment import Touch
from neuromech.specs.run import Clock
from neuromech.world.world import World

# One of each medium, with a scene, a drum, a field or a plume, and with pushes.
PLACES = {
    "worm on agar": ("worm", "agar_salt", (0.005, 0.01)),
    "worm in water": ("worm", "water", (0.005, 0.01)),
    "larva in a current": ("larval_fish", "optomotor_tank", (0.0005, 0.005)),
    "fly in a drum": ("fly", "optomotor_drum", (0.0002, 0.002)),
    "fly in a plume": ("fly", "odour_plume", (0.0002, 0.002)),
    "mouse on a treadmill": ("mouse", "treadmill", (0.001, 0.005)),
}
HOW: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda part: pickle.loads(pickle.dumps(part)),
}


def animal(place: str) -> Animal:
    body, environment, (physics_s, control_s) = PLACES[place]
    spec = content.load("environments", environment)
    if not spec.touch and body == "worm":
        push = Touch(segment="segment_12", start_s=0.0, stop_s=0.2, force_nN=(900.0, 0.0, 0.0))
        spec = dataclasses.replace(spec, touch=(push,))
    return Animal(World(content.load("bodies", body), spec, Clock(physics_s, control_s, control_s, 1)))


def play(subject: Animal, rng: np.random.Generator, steps: int) -> list[bytes]:
    """Move the animal at random; returns all that it senses and all that a recorder would keep."""
    seen = []
    for _ in range(steps):
        observation = subject.step(rng.random(len(subject.world.body.muscles), np.float32))
        seen += [value.tobytes() for value in observation.values()]
        seen += [subject.world.data.qpos.tobytes(), subject.world.data.qvel.tobytes()]
        seen += [str(subject.world.stimulus()).encode(), subject.world.landmarks().tobytes()]
    return seen


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("place", PLACES)
def test_a_copy_goes_on_as_the_original_does(place: str, how: str) -> None:
    original = animal(place)
    original.reset(1.0, -2.0, 0.4)
    play(original, np.random.default_rng(0), 6)
    before = original.world.data.qpos.copy()
    twin = HOW[how](original)
    future = play(twin, np.random.default_rng(1), 6)
    assert np.array_equal(original.world.data.qpos, before)  # the twin moved, and nobody else
    assert not np.array_equal(twin.world.data.qpos, before)
    assert play(original, np.random.default_rng(1), 6) == future
    twin.reset(1.0, -2.0, 0.4)  # a copy begins episodes of its own, too
    original.reset(1.0, -2.0, 0.4)
    assert play(twin, np.random.default_rng(2), 2) == play(original, np.random.default_rng(2), 2)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("place", ["worm on agar", "larva in a current"])
def test_a_copied_medium_pushes_its_own_body(place: str, how: str) -> None:
    original = animal(place).world
    original.reset()
    medium, data = HOW[how]((original.medium, original.data))
    data.qvel[0] = 5.0
    mujoco.mj_step1(original.model, data)
    medium.apply()
    assert np.abs(data.qfrc_applied).max() > 0.0 and not original.data.qfrc_applied.any()


@pytest.mark.parametrize("place", PLACES)
def test_views_of_the_simulators_memory_are_views_of_ones_own(place: str) -> None:
    original = animal(place)
    twin = copy.deepcopy(original)
    assert original.period is not None and twin.period is not None  # bound to what they now hold
    mine, its = (dict(_arrays(each)) for each in (original, twin))
    assert mine.keys() == its.keys()
    memory = [(each.world.data, _memory(each.world.data)) for each in (original, twin)]
    for path, array in mine.items():
        for name, field in memory[0][1].items():
            if np.shares_memory(array, field):
                assert np.shares_memory(its[path], memory[1][1][name]), f"{path} is a dead copy of {name}"


def test_there_are_views_to_find() -> None:
    paths = dict(_arrays(animal("worm on agar")))
    data = animal("worm on agar").world.data
    assert any("holds" in path for path in paths) and "qpos" in _memory(data)


def _memory(data: mujoco.MjData) -> dict[str, np.ndarray]:
    fields = ((name, getattr(data, name)) for name in dir(data) if not name.startswith("_"))
    return {name: field for name, field in fields if isinstance(field, np.ndarray) and field.size}


def _arrays(part: Any, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, np.ndarray]]:
    """All arrays that an object holds, wherever, by their path."""
    seen = set() if seen is None else seen
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, np.ndarray):
        yield path, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _arrays(value, f"{path}.{key}", seen)
    elif isinstance(part, list | tuple | set | frozenset):
        for index, value in enumerate(part):
            yield from _arrays(value, f"{path}[{index}]", seen)
    elif type(part).__module__.startswith("neuromech"):
        yield from _arrays(vars(part), path, seen)


@pytest.mark.parametrize("place", PLACES)
def test_a_restored_animal_goes_on_as_it_would_have(place: str) -> None:
    original = animal(place)
    original.reset(1.0, -2.0, 0.4)
    play(original, np.random.default_rng(0), 6)
    state, felt = original.save_state(), original.observe()
    future = play(original, np.random.default_rng(1), 6)
    fresh = animal(place)
    for subject in (original, fresh):  # back to it, and another one that has begun elsewhere
        if subject is fresh:
            subject.reset(-3.0, 0.0, 1.0)
        subject.restore_state(state)
        for name, values in subject.observe().items():
            assert np.array_equal(values, felt[name]), name
        assert play(subject, np.random.default_rng(1), 6) == future


def test_a_changed_current_is_part_of_the_state() -> None:
    original, fresh = (animal("larva in a current") for _ in range(2))
    for subject in (original, fresh):
        subject.reset()
    medium: Any = original.world.medium
    medium.current[:] = 7.0, -2.0, 0.0
    state = original.save_state()
    fresh.restore_state(state)
    future = play(original, np.random.default_rng(1), 4)
    assert play(fresh, np.random.default_rng(1), 4) == future
    fresh.world.medium.current[:] = 0.0  # type: ignore[attr-defined]
    assert play(fresh, np.random.default_rng(1), 4) != play(original, np.random.default_rng(1), 4)


def test_the_state_of_another_animal_is_refused() -> None:
    worm, larva, mouse = (
        animal(place) for place in ("worm on agar", "larva in a current", "mouse on a treadmill")
    )
    for other in (larva, mouse):
        with pytest.raises(InputError, match="does not fit|something else"):
            worm.restore_state(other.save_state())
    state = worm.save_state()
    for hostile in (
        {**state, "world": {**state["world"], "periods": -1}},
        {},
        3,
        {"world": {}, "senses": {}},
    ):
        with pytest.raises(InputError, match="does not fit|something else"):
            worm.restore_state(hostile)
    state["world"]["physics"]["integrated"][3] = np.nan
    with pytest.raises(InputError, match="finite"):
        worm.restore_state(state)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e11])
@pytest.mark.parametrize("which", ["x_mm", "y_mm", "heading_rad"])
def test_a_start_that_is_no_number_is_refused(which: str, bad: float) -> None:
    subject = animal("worm on agar")
    for begin in (subject.reset, subject.world.reset):
        with pytest.raises(InputError, match=which):
            begin(**{which: bad})
