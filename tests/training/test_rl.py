"""Training networks: the curve does not know whether the process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers.policy_network import Network
from neuromech.training import checkpoint, curves, rl
from neuromech.training.learners import Settings
from neuromech.training.training_task import read
from tests.training.tasks_for_tests import SAC, small, words

pytest.importorskip("stable_baselines3", reason="the extra rl is not installed")


def learn(
    folder: Path, *more: str, steps: int = 96, envs: int = 2, spawn: bool = False, **given: Any
) -> Network:
    config = small(*more, **given)
    algorithm = {str(key): value for key, value in config["algorithm"].items()}
    algorithm["hidden"] = list(algorithm["hidden"])
    folder.mkdir(exist_ok=True)
    return rl.learn(read(config), Settings(algorithm, folder, 3, steps, 32, envs, spawn, progress=False))


def curve(folder: Path) -> list[dict[str, float]]:
    """The rows, but for the clocks."""
    clocks = {"wall_s", "cpu_s"}
    return [{k: v for k, v in row.items() if k not in clocks} for row in curves.read(folder)]


def same(one: Network, other: Network) -> bool:
    pairs = zip(one.layers, other.layers, strict=True)
    layers = all(np.array_equal(a, b) for left, right in pairs for a, b in zip(left, right, strict=True))
    return layers and np.array_equal(one.mean, other.mean) and np.array_equal(one.scale, other.scale)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Network]:
    """Three chunks without a break."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, learn(folder)


def test_a_training_learns_and_says_so(whole: tuple[Path, Network]) -> None:
    folder, network = whole
    rows = curves.read(folder)
    assert [row["steps"] for row in rows] == [32, 64, 96]
    assert [row["simulated_s"] for row in rows] == pytest.approx([0.64, 1.28, 1.92])
    for row in rows:
        terms = [row[f"{name}_per_s"] for name in ("approach", "forward", "effort")]
        assert row["reward_per_s"] == pytest.approx(sum(terms), rel=1e-5)
        assert row["effort_per_s"] < 0 < row["wall_s"]
    assert list((folder / "tensorboard").glob("events*"))
    assert network.shape == (50, 95)
    kept = checkpoint.load(folder / "checkpoint.npz")
    assert kept is not None and kept["steps"] == 96
    first = kept["model"]["policy"]["mlp_extractor.policy_net.0.weight"]
    assert np.array_equal(first, network.layers[0][0])
    assert np.array_equal(kept["seen"]["mean"].astype(np.float32), network.mean)


def test_another_seed_learns_otherwise_and_the_same_alike(
    whole: tuple[Path, Network], tmp_path: Path
) -> None:
    assert same(whole[1], learn(tmp_path / "again"))
    assert curve(whole[0]) == curve(tmp_path / "again")


@pytest.mark.thorough
def test_workers_of_their_own_change_nothing(whole: tuple[Path, Network], tmp_path: Path) -> None:
    learn(tmp_path / "spawned", steps=32, spawn=True)
    assert curve(tmp_path / "spawned") == curve(whole[0])[:1]


def test_going_on_with_more_steps_is_going_on(whole: tuple[Path, Network], tmp_path: Path) -> None:
    folder = tmp_path / "longer"
    learn(folder, steps=32)
    assert same(learn(folder, steps=96), whole[1])
    assert curve(folder) == curve(whole[0])


def test_going_on_with_noise_that_lasts_is_going_on(tmp_path: Path) -> None:
    """gSDE draws a matrix of noise, which no checkpoint keeps: every chunk draws its own."""
    lasting = ("algorithm.use_sde=true", "learners.muscles.log_std=-2.5")
    whole = learn(tmp_path / "whole", *lasting, steps=64)
    learn(tmp_path / "broken", *lasting, steps=32)
    assert same(learn(tmp_path / "broken", *lasting, steps=64), whole)
    assert curve(tmp_path / "broken") == curve(tmp_path / "whole")


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGKILL, id="SIGKILL"),
        pytest.param(signal.SIGTERM, id="SIGTERM", marks=pytest.mark.thorough),
    ],
)
def test_a_training_that_is_killed_goes_on_to_the_same_curve(
    whole: tuple[Path, Network], tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "killed"
    # So many steps that it cannot have ended by then.
    command = [sys.executable, "-m", "neuromech", "train", *words("seed=3", "steps=100000"), "--quiet"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [*command, f"output={folder}"], env=environment, stderr=subprocess.PIPE, text=True
    )
    _wait(lambda: (folder / "progress.csv").exists(), process)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if how is signal.SIGKILL else 143)
    kept = checkpoint.load(folder / "checkpoint.npz")
    assert kept is not None and kept["steps"] >= 32
    if how is signal.SIGTERM:
        assert "kept" in said and "Traceback" not in said
        assert kept["steps"] == curves.read(folder)[-1]["steps"]
    done = int(kept["steps"])
    learn(folder, steps=done + 32)
    learn(tmp_path / "unbroken", steps=done + 32)
    assert curve(folder) == curve(tmp_path / "unbroken")
    assert curve(folder)[: min(3, done // 32)] == curve(whole[0])[: min(3, done // 32)]


def _wait(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(1200):
        if ready():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("nothing was kept within a minute")


def test_sac_goes_on_with_what_it_remembers(tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    network = learn(whole, algorithm=SAC)
    learn(parts, steps=64, algorithm=SAC)
    kept = checkpoint.load(parts / "checkpoint.npz")
    assert kept is not None and kept["replay"]["observations"].shape == (30, 2, 50)  # 60 for both, and full
    assert same(learn(parts, algorithm=SAC), network) and curve(parts) == curve(whole)
    assert network.squash == "tanh"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("algorithm.kind=pp0", "ppo"),
        ("algorithm.n_epochs=many", "algorithm"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        learn(tmp_path, change)


def test_a_key_that_the_library_lacks_is_refused(tmp_path: Path) -> None:
    config = small()
    wrong = {"kind": "ppo", "hidden": [8], "n_step": 16}
    with pytest.raises(InputError, match=r"algorithm\.n_steps"):
        rl.learn(read(config), Settings(wrong, tmp_path, 0, 32, 32, progress=False))


def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "stable_baselines3", None)
    with pytest.raises(InputError, match=r"stable_baselines3: pip install 'neuromech\[rl\]'"):
        learn(tmp_path)


def test_what_the_network_says_is_what_the_library_says(tmp_path: Path) -> None:
    import torch

    config = small()
    task = read(config)
    algorithm = {"kind": "ppo", "hidden": [8, 8], "n_steps": 16, "batch_size": 16}
    library = rl.Library.load()
    vector = rl._vector(library, task, 1, False)
    model, normal = rl._model(library, task, algorithm, vector, 0)
    normal.obs_rms.mean, normal.obs_rms.var = np.linspace(-1, 1, 50), np.linspace(0.1, 4, 50)
    with torch.no_grad():
        model.policy.action_net.weight *= 40  # beyond the range, too
    network = rl._network(model, normal)
    for features in np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32) * 3:
        own, _ = model.predict(normal.normalize_obs(features), deterministic=True)
        assert network.act(features) == pytest.approx(own, abs=2e-5)
    vector.close()
