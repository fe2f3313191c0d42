"""The smallest bodies there can be: what their three lines leave open is taken from the model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.envs.environment import NeuromechEnv
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world.world import World

CLOCK = Clock(0.001, 0.01, 0.01, 1)
CAPSULE = '<geom type="capsule" size="0.1" fromto="0 0 0 1 0 0" density="1"/>'
HINGE = f'<body pos="0 0 2"><joint name="hinge" axis="0 1 0"/>{CAPSULE}</body>'
PLANAR = (
    '<body name="trunk"><joint name="ahead" type="slide" axis="1 0 0"/><joint type="slide" axis="0 -1 0"/>'
    f'<joint type="hinge" axis="0 0 1"/>{CAPSULE}'
    f'<body pos="0 1 0"><joint axis="0 0 1"/>{CAPSULE}</body></body>'
)
FREE = f'<body name="trunk" pos="0 0 3" quat="0.9 0.1 0 0"><freejoint/>{CAPSULE}</body>'


def make(root: Path, worldbody: str, name: str = "stick", motor: str = "hinge", more: str = "") -> Path:
    """Write a body of three lines; returns the folder of configurations beside it."""
    folder = root / "bodies" / name
    folder.mkdir(parents=True)
    (root / "configs").mkdir(exist_ok=True)
    actuator = f'<actuator><motor joint="{motor}" ctrlrange="-1 1"/></actuator>' if motor else ""
    (folder / "stick.xml").write_text(f"<mujoco><worldbody>{worldbody}</worldbody>{actuator}</mujoco>")
    (folder / "body.yaml").write_text(f"name: {name}\ntitle: A stick.\nmodel: stick.xml\n{more}")
    return root / "configs"


def test_one_capsule_and_one_hinge_run_from_the_command_line_with_report_and_video(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configs, out = make(tmp_path, HINGE), tmp_path / "out"
    arguments = [
        "run",
        "body=stick",
        "duration_s=0.5",
        f"output={out}",
        "--config-dir",
        str(configs),
        "--quiet",
    ]
    assert main.main(arguments) == 0
    assert {"report.png", "video.mp4", "summary.json"} <= {file.name for file in out.iterdir()}
    assert "report.png" in capsys.readouterr().out
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["experiment"], summary["ended"], summary["metrics"]) == ("stick", "complete", {})
    seen = recording.load(out / "episode_000.nc")
    assert [str(name) for name in seen["landmark"].values] == ["part_00"]
    assert np.ptp(seen["landmarks"].values[:, 0, 2]) > 0  # a motor turned it
    # The configuration that it left makes the same run again.
    again = load_run([f"output={tmp_path / 'again'}", "video=false"], [out, configs])
    repeated = recording.load(run_experiment(again, progress=False) / "episode_000.nc")
    assert np.array_equal(seen["qpos"].values, repeated["qpos"].values)


def test_from_python_it_is_a_body_with_tables(tmp_path: Path) -> None:
    run = load_run(["body=stick", "duration_s=0.1"], [make(tmp_path, HINGE)])
    assert (run.environment.name, run.controller.name) == ("empty", "random")
    body = World(run.body, run.environment, run.clock).body
    assert body.length_mm == pytest.approx(1.2) and body.spec.root is None and body.senses == {}
    assert body.segments.names == ("part_00",) == body.landmarks
    assert body.muscle_table.to_dict("records") == [
        {"name": "muscle_00", "side": "midline", "limb": "", "segment": "part_00", "joint": "hinge",
         "x_mm": 0.5, "y_mm": 0.0, "z_mm": 2.0,
         "unit": "1", "low": -1.0, "high": 1.0}
    ]  # fmt: skip
    assert list(body.landmark_table["segment"]) == ["part_00"] and body.sense_table.empty


def test_it_is_a_gymnasium_environment_without_observations(tmp_path: Path) -> None:
    run = load_run(["body=stick", "duration_s=0.1"], [make(tmp_path, HINGE)])
    env = NeuromechEnv(run, render_mode="rgb_array", width=64, height=48, reward={"effort": 0.0})
    observation, _ = env.reset(seed=0)
    assert observation == {} and env.action_space.shape == (1,)
    observation, reward, over, _, _ = env.step(np.ones(1, np.float32))
    assert (observation, reward, over) == ({}, 0.0, False)
    picture = env.render()
    assert picture is not None and picture.shape == (48, 64, 3)
    env.close()


def test_a_body_that_hangs_from_the_world_begins_where_it_was_built(tmp_path: Path) -> None:
    run = load_run(["body=stick"], [make(tmp_path, HINGE)])
    world = World(run.body, run.environment, CLOCK)
    world.reset(0.0, 0.0, 1.0)
    assert not world.data.qpos.any()
    with pytest.raises(InputError, match="body stick is fixed to the world and cannot begin at .1, 0. mm"):
        world.reset(1.0, 0.0)


def test_sliding_joints_and_a_hinge_are_found_as_the_root(tmp_path: Path) -> None:
    run = load_run(["body=stick"], [make(tmp_path, PLANAR, motor="ahead")])
    world = World(run.body, run.environment, CLOCK)
    world.reset(3.0, -2.0, 0.5)
    assert world.data.xpos[1] == pytest.approx([3.0, -2.0, 0.0])
    assert world.data.xmat[1].reshape(3, 3)[:2, 0] == pytest.approx([np.cos(0.5), np.sin(0.5)])
    table = world.body.landmark_table.set_index("name")
    assert (table.loc["part_01", "side"], table.loc["trunk", "side"]) == ("left", "midline")


def test_a_free_body_is_put_and_turned_where_it_is_asked_to(tmp_path: Path) -> None:
    run = load_run(["body=stick"], [make(tmp_path, FREE, motor="")])
    world = World(run.body, run.environment, CLOCK)
    world.reset(3.0, -2.0, 0.5)
    assert world.data.xpos[1] == pytest.approx([3.0, -2.0, 3.0])
    assert world.root.pose(world.data) == pytest.approx((3.0, -2.0, 0.5))
    tilt = world.data.xmat[1].reshape(3, 3)[2, 2]
    world.reset()
    assert world.data.xmat[1].reshape(3, 3)[2, 2] == pytest.approx(tilt) != 1.0
    world.step(np.zeros(0, np.float32))


def test_a_fall_under_gravity_takes_a_floor_to_end(tmp_path: Path) -> None:
    configs = make(tmp_path, FREE, motor="")
    falling = load_run(["body=stick", "environment.medium.law=air"], [configs])
    world = World(falling.body, falling.environment, CLOCK)
    world.reset()
    for _ in range(10):
        world.step(np.zeros(0, np.float32))
    assert world.data.qvel[2] == pytest.approx(-981.0, rel=1e-6)
    weightless = load_run(["body=stick", "environment=empty"], [configs])
    world = World(weightless.body, weightless.environment, CLOCK)
    world.reset()
    world.step(np.zeros(0, np.float32))
    assert not world.data.qvel.any()


@pytest.mark.parametrize(
    ("worldbody", "more", "says"),
    [
        ("", "", "stick.xml has no body below its worldbody"),
        ('<body name="a"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/></body>', "", "give length_mm"),
        (HINGE, "landmarks: [tip]\n", "unknown site in stick 'tip'"),
        (HINGE, "segments: {names: [arm]}\n", "unknown body in stick 'arm'"),
        (HINGE, "root: {x: a, y: b, yaw: c}\n", "unknown joint in stick 'a'"),
        (
            HINGE,
            "senses: {angle: {kind: joint, joints: [knee], unit: rad}}\n",
            "unknown joint in stick 'knee'",
        ),
        ("<nonsense/>", "", "body stick: stick.xml"),
    ],
    ids=["no parts", "no geoms", "landmark", "segment", "root", "sense", "not MJCF"],
)
def test_what_no_body_can_be_made_of_is_one_line(
    worldbody: str, more: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    motor = "hinge" if "hinge" in worldbody else ""
    configs = make(tmp_path, worldbody, motor=motor, more=more)
    assert (
        main.main(["run", "body=stick", "duration_s=0.1", f"output={tmp_path}", "--config-dir", str(configs)])
        == 2
    )
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1 and says in printed.err, printed.err


def test_a_run_needs_an_experiment_or_a_body(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which experiment"):
        load_run([])
    run = load_run(["body=stick", "environment=treadmill"], [make(tmp_path, PLANAR, motor="ahead")])
    assert (run.experiment, run.environment.name) == ("stick", "treadmill")
    assert replace(run, seed=1).seed == 1
    assert bodies.load(content.load("bodies", "worm")).spec == content.load("bodies", "worm")
