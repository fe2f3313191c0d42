"""Rewards: their terms add up to what the animal did."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from neuromech import tasks
from neuromech._lib.errors import InputError
from neuromech._lib.registry import register
from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world.world import World

CLOCK = Clock(0.0025, 0.01, 0.05, 2)
MOUSE_CLOCK = Clock(0.001, 0.005, 0.005, 1)
REST = np.zeros(95, np.float32)


def root(place: World) -> list[int]:
    """Addresses in qpos of the root's x, y and yaw."""
    joints = place.body.spec.root
    assert joints is not None
    return [int(place.model.joint(name).qposadr[0]) for name in (joints.x, joints.y, joints.yaw)]


def world(environment: str = "agar_salt", force: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> World:
    push = {"segment": "segment_12", "start_s": 0.0, "stop_s": 9.0, "force_nN": list(force)}
    changes = {"touch": [push] if any(force) else []}
    return World(content.load("bodies", "worm"), content.load("environments", environment, changes), CLOCK)


def test_approach_adds_up_to_the_way_made_good() -> None:
    place = world(force=(1600.0, 0, 0))
    task = tasks.build({"reward": "approach"})
    place.reset(-4.0, 0.0, 0.0)
    task.reset(place)
    nose = place.landmarks()[0].copy()
    total = 0.0
    for _ in range(30):
        place.step(REST)
        terms = task.terms(place)
        assert list(terms) == ["approach"]
        total += terms["approach"]
    moved = np.hypot(*nose[:2]) - np.hypot(*place.landmarks()[0, :2])
    assert moved == pytest.approx(0.3 * 0.5, rel=1e-2)  # the drag's analytic speed, 1600 nN / 3200 mg/s
    assert total == pytest.approx(moved)


def test_a_still_worm_earns_nothing() -> None:
    for kind in ("approach", "forward"):
        place = world()
        task = tasks.build({"reward": kind})
        place.reset(1.0, 1.0, 0.5)
        task.reset(place)
        place.step(REST)
        assert task.terms(place) == {kind: pytest.approx(0.0, abs=1e-9)}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_forward_is_along_the_bodys_own_axis(heading: float, sign: int) -> None:
    axis = np.array([np.cos(heading), np.sin(heading), 0.0])
    push = sign * 1600 * axis
    place = world(force=(float(push[0]), float(push[1]), 0.0))
    task = tasks.build({"reward": "forward"})
    place.reset(3.0, 0.0, heading)
    task.reset(place)
    total = 0.0
    for _ in range(20):
        place.step(REST)
        total += task.terms(place)["forward"]
    assert total == pytest.approx(sign * 0.2 * 0.5, rel=1e-2)


def test_a_task_forgets_the_last_episode() -> None:
    place = world()
    task = tasks.build({"reward": "approach"})
    for x in (-4.0, 2.0):
        place.reset(x, 0.0, 0.0)
        task.reset(place)
        place.step(REST)
        assert task.terms(place)["approach"] == pytest.approx(0.0, abs=1e-6)


def test_what_cannot_be_rewarded_is_refused() -> None:
    with pytest.raises(InputError, match="approach"):
        tasks.build({"reward": "aproach"})
    place = world("water")
    place.reset()
    with pytest.raises(InputError, match="stimulus"):
        tasks.build({"reward": "approach"}).reset(place)


def tank(**environment: object) -> World:
    """A larva in a tank that may flow, over stripes that may move."""
    spec = content.load("environments", "optomotor_tank", environment)
    return World(content.load("bodies", "larval_fish"), spec, Clock(0.0005, 0.005, 0.005, 1))


def earned(place: World, reward: str, heading: float, steps: int = 40) -> tuple[float, np.ndarray]:
    """Return what a larva that does nothing earns, and how far (mm) it got."""
    task = tasks.build({"reward": reward})
    place.reset(0.0, 0.0, heading)
    task.reset(place)
    start = place.landmarks().mean(axis=0)
    total = 0.0
    for _ in range(steps):
        place.step(np.zeros(24, np.float32))
        total += task.terms(place)[reward]
    return total, (place.landmarks().mean(axis=0) - start)[:2]


@pytest.mark.parametrize("frame", ["world", "body"])
def test_follow_is_the_way_made_along_the_stripes(frame: str) -> None:
    heading = float(np.arctan2(4.0, 3.0))  # along the current, which then does not turn it
    stripes = {"direction": 30.0, "speed_mm_s": 5.0, "frame": frame}
    place = tank(stimulus=stripes, medium={"current_mm_s": [3.0, 4.0, 0.0]})
    total, moved = earned(place, "follow", heading)
    angle = np.radians(30.0) + (heading if frame == "body" else 0.0)
    assert np.hypot(*moved) > 0.3  # the current carries it
    assert total == pytest.approx(moved @ [np.cos(angle), np.sin(angle)], rel=0.02)
    assert earned(tank(medium={"current_mm_s": [3.0, 4.0, 0.0]}), "follow", heading)[0] == 0.0  # at rest


def test_hold_is_the_distance_from_where_it_began() -> None:
    total, moved = earned(tank(medium={"current_mm_s": [0.0, -4.0, 0.0]}), "hold", 1.0)
    assert moved[1] < -0.3 and total == pytest.approx(-np.hypot(*moved), rel=1e-3)
    assert earned(tank(), "hold", 1.0)[0] == pytest.approx(0.0, abs=0.01)


def test_nothing_can_be_followed_where_nothing_is_seen() -> None:
    place = world("water")
    place.reset()
    with pytest.raises(InputError, match="pattern"):
        tasks.build({"reward": "follow"}).reset(place)


def test_effort_is_the_mean_square_of_excitation_over_time() -> None:
    place = world()
    task = tasks.build({"reward": "effort"})
    place.reset()
    task.reset(place)
    for excitation, expected in ((np.zeros(95), 0.0), (np.full(95, 0.5), -0.25), (np.ones(95), -1.0)):
        place.step(excitation.astype(np.float32))
        assert task.terms(place) == {"effort": pytest.approx(expected * CLOCK.control_s)}


def test_a_weighted_reward_is_its_terms_times_their_weights() -> None:
    place = world(force=(1600.0, 0, 0))
    task = tasks.build({"reward": {"approach": 2.0, "forward": -1.0, "effort": 0.5}})
    alone = {kind: tasks.build({"reward": kind}) for kind in ("approach", "forward", "effort")}
    place.reset(-4.0, 0.0, 0.0)
    for each in (task, *alone.values()):
        each.reset(place)
    place.step(np.full(95, 0.3, np.float32))
    own = {kind: each.terms(place)[kind] for kind, each in alone.items()}
    assert own["approach"] > 0 > own["effort"]
    expected = {"approach": 2 * own["approach"], "forward": -own["forward"], "effort": 0.5 * own["effort"]}
    assert task.terms(place) == pytest.approx(expected)


@pytest.mark.parametrize("weight", ["much", True, float("nan")])
def test_a_weight_is_a_number(weight: object) -> None:
    with pytest.raises(InputError, match="approach"):
        tasks.build({"reward": {"approach": weight}})
    with pytest.raises(InputError, match="effort"):
        tasks.build({"reward": {"efort": 1.0}})


@pytest.mark.parametrize(("kind", "sign"), [("approach", -1), ("forward", 1), ("hold", -1)])
def test_every_term_is_bounded_whatever_the_physics_does(kind: str, sign: int) -> None:
    place = world()
    task = tasks.build({"reward": kind})
    place.reset(0.0, 0.0, 0.0)
    task.reset(place)
    place.data.qpos[root(place)[0]] = 1e6
    mujoco.mj_kinematics(place.model, place.data)
    assert task.terms(place) == {kind: pytest.approx(sign * 20.0 * 1.0 * CLOCK.control_s)}


def mouse(reward: str) -> tuple[World, tasks.Task]:
    """A mouse on its legs, facing along 2 rad, and a task that has just begun."""
    place = World(content.load("bodies", "mouse"), content.load("environments", "treadmill"), MOUSE_CLOCK)
    task = tasks.build({"reward": reward})
    place.reset(30.0, -10.0, 2.0)
    task.reset(place)
    return place, task


def moved(place: World, ahead_mm: float, left_mm: float = 0.0, turn_rad: float = 0.0) -> World:
    """The same mouse so far ahead of, and to the left of, the way it faced at first; then it turns."""
    along = ahead_mm * np.array([np.cos(2.0), np.sin(2.0)]) + left_mm * np.array([-np.sin(2.0), np.cos(2.0)])
    for address, change in zip(root(place), (*along, turn_rad), strict=True):
        place.data.qpos[address] += change
    mujoco.mj_kinematics(place.model, place.data)
    return place


@pytest.mark.parametrize(
    ("ahead_mm", "earned"),
    [(1.0, 1.0), (-1.0, -1.0), (1.545, 1.545), (2.5, 1.545), (1e6, 1.545), (-1e6, -10.3)],
)
def test_pace_is_the_way_straight_ahead_up_to_three_lengths_a_second(ahead_mm: float, earned: float) -> None:
    place, task = mouse("pace")
    # In 5 ms 3 lengths of 103 mm a second make 1.545 mm. To the side nothing is earned.
    assert task.terms(moved(place, ahead_mm, 0.7)) == {"pace": pytest.approx(earned, rel=1e-6)}
    assert task.terms(place) == {"pace": pytest.approx(0.0, abs=1e-9)}
    assert not task.over(place)


def test_straight_ahead_stays_where_it_was_when_the_animal_turns() -> None:
    place, task = mouse("pace")
    task.terms(moved(place, 0.0, 0.0, np.pi / 2))
    assert task.terms(moved(place, 1.2)) == {"pace": pytest.approx(1.2)}


def test_standing_counts_the_time_on_the_legs() -> None:
    place, task = mouse("stand")
    assert task.terms(place) == {"stand": pytest.approx(MOUSE_CLOCK.control_s)}
    nose_mm, trunk_mm = place.landmarks()[0, 2], place.data.xpos[place.middle, 2]
    for joint, values in {
        "root_z": (2.0, -0.25 * nose_mm, -0.25 * trunk_mm, -0.45 * nose_mm, -0.6 * nose_mm),
        "root_roll": np.radians([30.0, 59.0, 61.0, 180.0]),
        "root_pitch": np.radians([5.0, 10.0, 25.0]),  # nose down: it is the nose that touches first
    }.items():
        address = place.model.joint(joint).qposadr[0]
        for value in values:
            place.data.qpos[address] = value
            mujoco.mj_kinematics(place.model, place.data)
            left = min(
                place.data.xmat[place.middle, 8],
                place.data.xpos[place.middle, 2] / trunk_mm,
                place.landmarks()[0, 2] / nose_mm,
            )
            share = np.clip(2 * left - 1, 0, 1)
            assert task.terms(place) == {"stand": pytest.approx(share * MOUSE_CLOCK.control_s, abs=1e-9)}
            assert task.over(place) == (left < 0.5)
            if joint == "root_z":
                assert left == pytest.approx(min(1.0, 1 + value / min(nose_mm, trunk_mm)))
            elif joint == "root_roll":
                assert task.over(place) == (value > np.radians(60.0))
            else:
                assert task.over(place) == (value > np.radians(20.0)) and place.upright() > 0.9
        place.data.qpos[address] = 0.0


def test_terms_of_one_name_are_added_up() -> None:
    place = World(content.load("bodies", "mouse"), content.load("environments", "treadmill"), MOUSE_CLOCK)
    both, walk = (tasks.build({"reward": reward}) for reward in ({"walk": 1.0, "forward": 2.0}, "walk"))
    place.reset()
    for task in (both, walk):
        task.reset(place)
    moved(place, 1.0)
    own = walk.terms(place)
    assert own["forward"] != 0.0
    assert both.terms(place) == {"forward": pytest.approx(3 * own["forward"]), "upright": own["upright"]}


@pytest.mark.parametrize(
    "spec", [{}, {"reward": None}, {"reward": {}}, {"reward": ["forward"]}, {"reward": 1}]
)
def test_a_reward_is_a_name_or_weights(spec: dict[str, object]) -> None:
    with pytest.raises(InputError, match="reward must be a name or"):
        tasks.build(spec)


@pytest.mark.parametrize("weight", [np.float32(2.0), np.int64(2), 2])
def test_weights_may_be_numbers_of_numpy(weight: float) -> None:
    place = world()
    place.reset()
    task = tasks.build({"reward": {"effort": weight}})
    task.reset(place)
    place.step(np.full(95, 0.5, np.float32))
    assert task.terms(place) == {"effort": pytest.approx(-0.5 * CLOCK.control_s)}


def test_somebody_elses_reward_is_built_by_its_name_and_its_state_is_saved() -> None:
    @register("reward", "ticks of a test")
    class Ticks(tasks.Task):
        def reset(self, world: World) -> None:
            self.count = 0

        def terms(self, world: World) -> dict[str, float]:
            self.count += 1
            return {"ticks": float(self.count)}

    place = world()
    task = tasks.build({"reward": {"ticks of a test": 2.0}})
    task.reset(place)
    task.terms(place)
    state = task.save_state()
    assert task.terms(place) == {"ticks": 4.0} == task.terms(place) | {"ticks": 4.0}
    task.restore_state(state)
    assert task.terms(place) == {"ticks": 4.0}
    with pytest.raises(InputError, match="nearest: ticks of a test"):
        tasks.build({"reward": "ticks of a tset"})


def test_a_reward_that_is_no_task_is_refused() -> None:
    register("reward", "number of a test")(float)
    with pytest.raises(InputError, match="derived from Task"):
        tasks.build({"reward": "number of a test"})


@pytest.mark.parametrize("kind", ["approach", "effort", "forward", "hold", "pace", "stand", "walk"])
def test_a_task_goes_on_from_its_state(kind: str) -> None:
    place = world()
    place.reset(2.0, 1.0, 0.5)
    task, other = (tasks.build({"reward": {kind: 0.5, "effort": 1.0}}) for _ in range(2))
    task.reset(place)
    place.step(np.full(95, 0.5, np.float32))
    task.terms(place)
    state = task.save_state()
    place.step(np.linspace(0, 1, 95, dtype=np.float32))
    expected = task.terms(place)
    for each in (task, other):
        each.restore_state(state)
        assert each.terms(place) == expected and not each.over(place)
    with pytest.raises(InputError, match="something else"):
        tasks.build({"reward": {"follow": 1.0}}).restore_state(state)


def asked(velocity_mm_s: float, push_mm_s: float) -> tuple[World, tasks.Task, np.ndarray]:
    """A worm that is asked for a velocity while its world carries it along its axis at another one."""
    push = {
        "segment": "segment_12",
        "start_s": 0.0,
        "stop_s": 9.0,
        "force_nN": [3200.0 * push_mm_s, 0.0, 0.0],
    }
    changes = {
        "touch": [push],
        "stimulus": {"kind": "none"},
        "task": {"reward": "velocity", "velocity_mm_s": [velocity_mm_s, velocity_mm_s]},
    }
    place = World(content.load("bodies", "worm"), content.load("environments", "agar_salt", changes), CLOCK)
    task = tasks.build({"reward": "velocity"})
    place.reset()
    task.reset(place)
    found = []
    for _ in range(20):
        place.step(REST)
        found.append(task.terms(place)["velocity"])
    return place, task, np.array(found)


@pytest.mark.parametrize(
    ("velocity_mm_s", "push_mm_s", "share"),
    [(0.5, 0.5, 1.0), (-0.5, -0.5, 1.0), (0.5, 0.0, 0.0), (-0.5, 0.0, 0.0), (0.5, 0.25, 0.5), (0.5, 1.0, 0.0),
     (-0.5, 0.5, -1.0), (0.5, -0.5, -1.0)],
)  # fmt: skip
def test_velocity_is_the_way_asked_less_how_far_the_animal_lags(
    velocity_mm_s: float, push_mm_s: float, share: float
) -> None:
    _, _, found = asked(velocity_mm_s, push_mm_s)
    assert found.sum() == pytest.approx(share * 0.5 * 0.2, abs=0.002)
    assert np.allclose(found, share * 0.5 * 0.01, atol=0.001)


def test_whoever_is_asked_to_stay_loses_by_going_either_way() -> None:
    for push_mm_s in (0.5, -0.5):
        assert asked(0.0, push_mm_s)[2].sum() == pytest.approx(-0.1, rel=0.02)


def test_no_velocity_is_followed_where_none_is_asked_for() -> None:
    with pytest.raises(InputError, match="velocity_mm_s"):
        tasks.build({"reward": "velocity"}).reset(world())


def test_turn_is_what_the_pattern_turned_less_the_slip() -> None:
    drum = content.load("environments", "optomotor_drum", {"stimulus": {"speed_deg_s": 60.0, "start_s": 0.0}})
    place = World(content.load("bodies", "mouse"), drum, MOUSE_CLOCK)
    task = tasks.build({"reward": "turn"})
    step = np.radians(60.0) * MOUSE_CLOCK.control_s
    for share, earned in ((0.0, 0.0), (1.0, 1.0), (0.5, 0.5), (-1.0, -1.0), (2.0, 0.0)):
        place.reset(0.0, 0.0, 3.1)  # over the place where angles jump
        task.reset(place)
        for _ in range(20):
            place.data.qpos[root(place)[2]] += share * step
            mujoco.mj_kinematics(place.model, place.data)
            place.periods += 1
            place.time_s = place.periods * place.control_s
            assert task.terms(place) == {"turn": pytest.approx(earned * step)}
    with pytest.raises(InputError, match="pattern that turns"):
        tasks.build({"reward": "turn"}).reset(world("water"))
