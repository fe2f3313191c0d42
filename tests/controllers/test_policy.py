"""A trained policy as a controller: what it sees, when it decides, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from neuromech._lib.errors import InputError
from neuromech.controllers import build, connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.controllers.descending_port import CurrentChannel, DescendingPort
from neuromech.controllers.policy import MusclePolicy
from neuromech.controllers.policy_network import Network
from neuromech.controllers.policy_plan import PolicyPlan
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Perturb, Window
from neuromech.specs.run import Run
from neuromech.world import body as bodies

SPEC: dict[str, Any] = {"period_s": 0.05, "senses": ["salt", "bend"], "lags_s": [0.1]}
COMMANDS = {
    "AVA": {"neurons": ["AVA"], "current_pA": 30.0},
    "B": {"neurons": ["DB", "VB"], "current_pA": 2.0},
}


@pytest.fixture(scope="module")
def run() -> Run:
    return load_run(["experiment=worm_crawl", "duration_s=0.4"])


@pytest.fixture(scope="module")
def body(run: Run) -> bodies.Body:
    return bodies.load(run.body)


def network(inputs: int, actions: int, seed: int = 0) -> Network:
    rng = np.random.default_rng(seed)
    weight = rng.normal(size=(actions, inputs)) / np.sqrt(inputs)
    return Network(np.zeros(inputs), np.ones(inputs), [(weight, rng.normal(size=actions))], "clip")


def folder(tmp_path: Path, run: Run, net: Network | None = None, **spec: Any) -> Run:
    """A run whose controller is a policy in a folder of one's own."""
    path = tmp_path / "controllers" / "trained"
    path.mkdir(parents=True)
    given = {"name": "trained", "title": "", "model": "policy", "learner": "muscles", "body": "worm"}
    (path / "controller.yaml").write_text(yaml.safe_dump({**given, **SPEC, "squash": "clip", **spec}))
    if net is not None:
        net.save(path / "policy.npz")
    return replace(run, controller=content.load("controllers", "trained", config_dirs=[tmp_path / "configs"]))


def seen_at(k: int) -> dict[str, np.ndarray]:
    return {"bend": np.full(24, 10.0 + k, np.float32), "salt": np.full(1, float(k), np.float32)}


def test_what_is_seen_is_flat_in_the_plans_order_with_its_past(body: bodies.Body) -> None:
    plan = PolicyPlan.of(body, **{**SPEC, "lags_s": [0.1, 0.05], "neurons": ["AVAL"]})
    history = plan.history()
    for _ in range(2):  # the second episode knows nothing of the first
        history.reset()
        for k in range(6):
            features = history.add(seen_at(k), np.full(2, -k, np.float32))
            for part, then in enumerate((k, max(k - 2, 0), max(k - 1, 0))):
                own = features[27 * part : 27 * (part + 1)]
                assert own.tolist() == [then, *[10.0 + then] * 24, -then, -then]
        assert features.shape == (81,) and features.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"senses": ["sald"]}, "nearest: salt"),
        ({"period_s": 0}, "period_s"),
        ({"lags_s": [-1]}, "lags_s"),
        ({"strength": 0}, "strength"),
        ({"strength": 1.5}, "strength"),
        ({"synergies": {"up": {"MDX*": 1.0}}}, "muscle of a synergy"),
        ({"synergies": {"up": {"MDL01": "much"}}}, "synergies"),
        ({"commands": {"AVA": {"neurons": ["AVA"]}}}, "current_pA"),
        ({"commands": {"AVA": {"neurons": ["AVA"], "current_pA": -3}}}, "current_pA"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    tmp_path: Path, run: Run, body: bodies.Body, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        build(folder(tmp_path, run, network(50, 95), **change), body)


def test_periods_are_multiples_of_each_other(body: bodies.Body) -> None:
    assert PolicyPlan.of(body, **SPEC).periods_per_decision(0.01) == 5
    with pytest.raises(InputError, match="period_s=0.05"):
        PolicyPlan.of(body, **SPEC).periods_per_decision(0.02)
    with pytest.raises(InputError, match="lags_s=0.12"):
        PolicyPlan.of(body, **{**SPEC, "lags_s": [0.12]}).history()


@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_a_decision_is_held_for_its_period(body: bodies.Body, strength: float) -> None:
    net = network(50, 95)
    policy = MusclePolicy(PolicyPlan.of(body, **SPEC, strength=strength), net, 0.01)
    acts = [policy.act(seen_at(k)) for k in range(10)]
    assert all(np.array_equal(act, acts[0]) for act in acts[:5])
    assert not np.array_equal(acts[5], acts[4])
    flat = np.concatenate([seen_at(0)["salt"], seen_at(0)["bend"]] * 2)
    assert acts[0] == pytest.approx(strength * (0.5 + 0.5 * net.act(flat)))
    policy.reset(0)
    assert np.array_equal(policy.act(seen_at(0)), acts[0])


def test_a_group_of_muscles_moves_together_and_within_its_limits(body: bodies.Body) -> None:
    groups = {"up": {"MD?0[12]": 1.0, "MVR01": -0.5}, "more": {"MDL01": 1.0}}
    plan = PolicyPlan.of(body, **SPEC, strength=0.8, synergies=groups)
    assert plan.actions(body) == 2 and PolicyPlan.of(body, **SPEC).actions(body) == len(body.muscles)
    excited = dict(zip(body.muscles, plan.excitations(np.array([1.0, 0.5], np.float32)), strict=True))
    assert excited["MDL01"] == pytest.approx(0.8) and excited["MDR02"] == pytest.approx(0.8)
    assert excited["MVR01"] == pytest.approx(0.8 * 0.25)
    assert {excited[name] for name in body.muscles if name[-2:] not in ("01", "02")} == {np.float32(0.4)}


def test_a_policy_of_groups_needs_as_many_actions(tmp_path: Path, run: Run, body: bodies.Body) -> None:
    groups = {"up": {"MD*": 1.0}, "down": {"MV*": 1.0}}
    policy = build(folder(tmp_path, run, network(50, 2), synergies=groups), body)
    assert policy.act(seen_at(0)).shape == (len(body.muscles),)
    with pytest.raises(InputError, match="95 actions, not 2"):
        build(folder(tmp_path / "other", run, network(50, 95), synergies=groups), body)


def driven(run: Run, body: bodies.Body) -> DescendingPort:
    channels = {name: CurrentChannel(tuple(c["neurons"]), c["current_pA"]) for name, c in COMMANDS.items()}
    controller = connectome.build(run.controller, body, run.clock, run.perturb, 3)
    return DescendingPort(controller, channels, ["AVAL", "AVB"])


def play(controller: Any, steps: int = 30) -> np.ndarray:
    controller.reset(3)
    rng = np.random.default_rng(0)
    still = {name: np.zeros(2, np.float32) for name in ("touch", "food")}
    still |= {"salt": np.ones(1, np.float32), "glycerol": np.zeros(1, np.float32)}
    return np.array(
        [
            controller.act({**still, "bend": rng.normal(size=24).astype(np.float32)}).copy()
            for _ in range(steps)
        ]
    )


def test_a_command_is_an_electrode_and_nothing_else(run: Run, body: bodies.Body) -> None:
    def plain(*windows: Window) -> ConnectomeController:
        perturb = Perturb(stimulate=windows)
        return connectome.build(run.controller, body, run.clock, perturb, 3)

    port = driven(run, body)
    controller = port.controller
    silent = play(controller)
    assert np.array_equal(silent, play(plain()))
    assert port.hear().shape == (3,)
    assert port.hear()[0] == controller.activity[controller.neuron_names.index("AVAL")]
    fixed = np.array([0.5, -1.0])
    controller.reset(3)
    commanded = Commanded(port, fixed)
    expected = play(plain(Window(("AVA",), 0, 9, 15.0), Window(("DB", "VB"), 0, 9, -2.0)))
    found = play(commanded)
    assert found == pytest.approx(expected, abs=1e-6) and not np.allclose(found, silent, atol=1e-3)


def test_a_reset_takes_the_currents_of_the_last_episode_away(run: Run, body: bodies.Body) -> None:
    settling = replace(run, controller=replace(run.controller, settle_s=0.1))
    port = driven(settling, body)
    first = play(port.controller)
    port.send(np.array([1.0, -1.0]))
    assert np.array_equal(play(port.controller), first)


class Commanded:
    """A driven controller with the same command throughout."""

    def __init__(self, port: DescendingPort, action: np.ndarray) -> None:
        self._port, self._action = port, action

    def reset(self, seed: int) -> None:
        self._port.controller.reset(seed)
        self._port.send(self._action)

    def act(self, observation: dict[str, np.ndarray]) -> np.ndarray:
        return self._port.controller.act(observation)


def descending(tmp_path: Path, run: Run, **spec: Any) -> Run:
    given = {"learner": "descending", "under": "worm_connectome", "neurons": ["AVAL"], "commands": COMMANDS}
    return folder(tmp_path, run, network(52, 2), **given, **spec)


def test_a_policy_over_commands_runs_and_can_be_perturbed(tmp_path: Path, run: Run) -> None:
    chosen = descending(tmp_path, run)
    intact = Loop.of(chosen)
    first, again = intact.play_in_memory(), intact.play_in_memory()
    assert np.array_equal(first["landmarks"], again["landmarks"])
    assert len(intact.controller.neuron_names) == 302
    gone = Loop.of(replace(chosen, perturb=Perturb(ablate=("AVA", "AVB")))).play_in_memory()
    assert not np.array_equal(first["landmarks"], gone["landmarks"])


def test_a_policy_over_muscles_has_nothing_to_perturb(tmp_path: Path, run: Run) -> None:
    chosen = folder(tmp_path, run, network(50, 95))
    moved = Loop.of(chosen).play_in_memory()["landmarks"].values
    assert not np.array_equal(moved[0], moved[-1])
    with pytest.raises(InputError, match="nothing to perturb"):
        Loop.of(replace(chosen, perturb=Perturb(ablate=("AVA",))))


def test_trained_parameters_run_on_the_wiring_beneath(tmp_path: Path, run: Run) -> None:
    whole = content.read_yaml(content.find("controllers", "worm_connectome") / "parameters.yaml")
    chosen = folder(tmp_path, run, learner="parameters", under="worm_connectome")
    path = tmp_path / "controllers" / "trained" / "parameters.yaml"
    path.write_text(yaml.safe_dump(whole))
    assert np.array_equal(
        Loop.of(chosen).play_in_memory()["landmarks"], Loop.of(run).play_in_memory()["landmarks"]
    )
    whole["parameters"]["tone"] = 0.3
    path.write_text(yaml.safe_dump(whole))
    assert not np.array_equal(
        Loop.of(chosen).play_in_memory()["landmarks"], Loop.of(run).play_in_memory()["landmarks"]
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"body": "larval_fish"}, "trained on body=larval_fish"),
        ({"learner": "muscle"}, "muscles"),
        ({"commands": COMMANDS, "learner": "descending", "under": "worm_conectome"}, "actions"),
        ({"squash": "clamp"}, "clip"),
    ],
)
def test_a_folder_that_does_not_fit_is_refused(
    tmp_path: Path, run: Run, body: bodies.Body, spec: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        build(folder(tmp_path, run, network(50, 95), **spec), body)
    with pytest.raises(InputError, match="takes 50 features"):
        other = folder(tmp_path / "b", run, network(50, 95), lags_s=[])
        build(other, body).act(seen_at(0))


def test_the_controller_beneath_is_named_with_its_nearest(
    tmp_path: Path, run: Run, body: bodies.Body
) -> None:
    chosen = descending(tmp_path, run)
    wrong = replace(chosen.controller, under="worm_conectome")
    with pytest.raises(InputError, match="worm_connectome"):
        build(replace(chosen, controller=wrong), body)
