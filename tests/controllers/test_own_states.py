"""Brains of one's own are copied, pickled, saved and restored like those that come with the program."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuromech as nm
from neuromech.controllers.functions import Adapted, adapt
from neuromech.experiment.experiment import Experiment
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run
from tests.controllers import own_brains

BRAINS: dict[str, Any] = {
    "functions": lambda: nm.functions(own_brains.init, own_brains.step),
    "object": own_brains.Plain,
    "stateful": own_brains.Remembering,
}
UNTIL_S = 0.1


@pytest.fixture(scope="module")
def run() -> Run:
    return load_run(["experiment=worm_crawl", "duration_s=0.2", "controller=from_python"])


def begun(run: Run, controller: Any) -> Loop:
    loop = Loop.of(run, controller=controller)
    loop.advance(UNTIL_S)
    return loop


def future(loop: Loop, steps: int = 8) -> list[bytes]:
    seen, observation = [], loop._progress.observation
    assert observation is not None
    for _ in range(steps):
        excitation = loop.controller.act(observation)
        observation = loop.animal.step(excitation)
        seen += [excitation.tobytes(), np.asarray(loop.controller.activity).tobytes()]
        seen += [observation[name].tobytes() for name in sorted(observation)]
    return seen


@pytest.mark.parametrize("kind", BRAINS)
def test_copies_and_states_go_on_to_the_bit(kind: str, run: Run, tmp_path: Path) -> None:
    original = begun(run, BRAINS[kind]())
    state = nm.State.load(original.save_state().save(tmp_path / "state.npz"))
    twins = [copy.deepcopy(original)]
    if kind != "stateful":  # which holds a lambda
        twins.append(pickle.loads(pickle.dumps(original)))
    fresh = Loop.of(run, controller=BRAINS[kind]())
    fresh.restore_state(state)
    expected = future(original)
    assert len(set(expected)) > 8  # it moves, and draws other numbers at every step
    for twin in (*twins, fresh):
        assert future(twin) == expected
    original.restore_state(state)
    assert future(original) == expected


def test_a_state_before_the_first_step_is_restored_too(run: Run) -> None:
    subject = Loop.of(run, controller=BRAINS["functions"]()).controller
    other = copy.deepcopy(subject)
    subject.reset(5)
    other.restore_state(subject.save_state())  # type: ignore[attr-defined]
    observation = {name: np.zeros(3, np.float32) for name in ("salt",)}
    acts = [each.act(observation) for each in (subject, other)]
    assert np.array_equal(*acts)


def test_an_experiment_with_a_brain_of_ones_own_goes_on_from_a_state(tmp_path: Path) -> None:
    experiment = Experiment.load("worm_crawl", duration_s=0.4, seed=3)
    experiment.controller = nm.functions(own_brains.init, own_brains.step)
    whole = experiment.run(output=tmp_path / "whole").data
    state = experiment.state_at(0.2)
    rest = experiment.run(output=tmp_path / "rest", state=state).data
    late = whole.sel(time=whole.time > 0.2 - 1e-9)
    for name in ("qpos", "muscle", "activity"):
        assert np.array_equal(rest[name], late[name]), name


@pytest.mark.parametrize("name", ["init", "step"])
def test_what_no_process_can_import_is_one_line(name: str, run: Run) -> None:
    def local(*given: Any) -> Any:
        return getattr(own_brains, name)(*given)

    given = nm.functions(**{"init": own_brains.init, "step": own_brains.step, name: local})  # type: ignore[arg-type]
    loop = begun(run, given)
    for subject in (given, loop.controller, loop):
        with pytest.raises(
            nm.InputError, match=f"^{name} cannot be pickled, define it at the top level"
        ) as told:
            pickle.dumps(subject)
        assert "\n" not in str(told.value)
    assert future(copy.deepcopy(loop)) == future(loop)  # copies need no import


def test_objects_that_cannot_be_pickled_copied_or_saved_say_so() -> None:
    class Locked(own_brains.Plain):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    adapted = Adapted(Locked())
    with pytest.raises(nm.InputError, match="the controller cannot be pickled"):
        pickle.dumps(adapted)
    with pytest.raises(nm.InputError, match="Locked cannot be copied"):
        copy.deepcopy(adapted)
    with pytest.raises(
        nm.InputError, match=r"Unsaid.squash cannot be saved: .*neuromech.Stateful and set state_names"
    ):
        Adapted(own_brains.Unsaid()).save_state()


def test_a_state_of_another_brain_is_refused(run: Run) -> None:
    functions, own = begun(run, BRAINS["functions"]()), begun(run, BRAINS["object"]())
    before = future(copy.deepcopy(functions))
    for wrong in (own.controller.save_state(), {}, None, {"begun": 1, "activity": 0, "leaves": []}):  # type: ignore[attr-defined]
        with pytest.raises(nm.InputError, match="something else|does not fit"):
            functions.controller.restore_state(wrong)  # type: ignore[attr-defined]
    assert future(functions) == before


def test_a_class_in_the_place_of_an_object_is_refused(run: Run) -> None:
    with pytest.raises(nm.InputError, match=r"write Plain\(\)"):
        adapt(own_brains.Plain, Loop.of(run, controller=own_brains.Plain()).animal)
