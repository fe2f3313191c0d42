"""Measure one state of neuromech, this one or an earlier one, by PYTHONPATH. Prints one line of JSON.

    python benchmarks/one_state.py loop EXPERIMENT SECONDS       closed loop and bare mj_step, x real time
    python benchmarks/one_state.py together EXPERIMENT SECONDS ANIMALS   simulated s per s of all, peak MB
    python benchmarks/one_state.py ppo EXPERIMENT DECISIONS ANIMALS      decisions per second with learning
    python benchmarks/one_state.py profile EXPERIMENT SECONDS    own time of functions, us per control step

It is started by before.py, a process for each number, and knows the names that both states have.
"""

# ruff: noqa: E402
# pyright: reportMissingImports=false
from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, range(os.cpu_count() or 1))  # another benchmark may have been kept on one core

import cProfile
import json
import pstats
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

try:
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run, training

    BEFORE = False
except ImportError:  # the state before the package was put in order
    from neuromech.compose import load_run, training  # type: ignore[import-not-found, no-redef]
    from neuromech.episode import Loop  # type: ignore[import-not-found, no-redef]

    BEFORE = True

TRIES = 5
SHOWN = 12
"""Functions of a profile."""


def made(experiment: str, seconds: float, seed: int = 0) -> Any:
    """The loop of an experiment."""
    return Loop.of(load_run([f"experiment={experiment}", f"duration_s={seconds}", f"seed={seed}"]))


def played(loop: Any, folder: str) -> None:
    loop.play(Path(folder) / "episode.nc", {"content_hash": "x"})


def loop(experiment: str, seconds: float) -> dict[str, float]:
    """Play an episode with its recording, and step the same model bare with the excitations that it had."""
    given: list[np.ndarray] = []
    each = made(experiment, seconds)
    run, world, act = each.run, each.world, each.controller.act

    def noted(observation: Any) -> np.ndarray:
        excitation = act(observation)
        given.append(np.array(excitation, float))
        return excitation

    each.controller.act = noted
    low, high = world.model.actuator_ctrlrange.T
    substeps = round(run.clock.control_s / run.clock.physics_s)
    data = mujoco.MjData(world.model)

    def bare() -> None:
        mujoco.mj_resetData(world.model, data)
        for excitation in given:
            data.ctrl[:] = np.clip(excitation, low, high)
            mujoco.mj_step(world.model, data, substeps)

    with tempfile.TemporaryDirectory() as folder:
        played(each, folder)  # compiles
        each.controller.act = act
        tries = [(spent(lambda: played(each, folder)), spent(bare)) for _ in range(TRIES)]
    return {
        "loop": statistics.median(seconds / whole for whole, _ in tries),
        "bare": statistics.median(seconds / floor for _, floor in tries),
        "share": statistics.median(floor / whole for whole, floor in tries),
    }


def together(experiment: str, seconds: float, animals: int) -> dict[str, float]:
    """Play many episodes at once, with their recordings, on all cores."""
    from neuromech import batch

    first = made(experiment, seconds)
    loops = [first, *(Loop.of(replace(first.run, seed=k)) for k in range(1, animals))]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{k}.nc" for k in range(animals)]
        work = lambda: batch.play(loops, paths, {"content_hash": "x"})  # noqa: E731
        work()
        tries = [animals * seconds / spent(work, time.perf_counter) for _ in range(TRIES)]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"s_per_s": statistics.median(tries), "peak_mb": peak_mb}


def ppo(experiment: str, decisions: int, animals: int) -> dict[str, float]:
    """Let PPO learn from animals that act at random at first: one after the other before, together now."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import DummyVecEnv

    torch.set_num_threads(1)
    words = ["train=ppo", f"experiment={experiment}", "learner=muscles", "learners.muscles.episode_s=1000"]
    if BEFORE:
        from neuromech.training.decisions import Decisions  # type: ignore[import-not-found]
        from neuromech.training.lesson import read  # type: ignore[import-not-found]

        lesson = read(training(words))
        vector: Any = DummyVecEnv([lambda: Decisions(lesson)] * animals)
    else:
        from neuromech.envs.sb3_vector import as_sb3_vec_env
        from neuromech.training.policy_vector import PolicyVectorEnv
        from neuromech.training.training_task import read

        vector = as_sb3_vec_env(PolicyVectorEnv(read(training(words)), animals))
    steps = max(2, decisions // animals)
    model = PPO("MlpPolicy", vector, n_steps=steps, batch_size=64, n_epochs=1, device="cpu")
    learn = lambda: model.learn(steps * animals, reset_num_timesteps=False)  # noqa: E731
    learn()
    walls, cores = [], []
    for _ in range(TRIES):
        began = time.process_time()
        walls.append(steps * animals / spent(learn, time.perf_counter))
        cores.append(steps * animals / (time.process_time() - began))
    return {"per_s": statistics.median(walls), "per_core_s": statistics.median(cores)}


def profile(experiment: str, seconds: float) -> dict[str, Any]:
    """Own time of the functions in which most of a closed loop's is spent."""
    each = made(experiment, seconds)
    periods = round(seconds / each.run.clock.control_s)
    with tempfile.TemporaryDirectory() as folder:
        played(each, folder)
        plain_us = 1e6 * spent(lambda: played(each, folder)) / periods
        watch = cProfile.Profile(time.process_time)
        watch.runcall(played, each, folder)
    found: dict[Any, Any] = pstats.Stats(watch).stats  # type: ignore[attr-defined]
    own = sorted(((values[2], values[1], place) for place, values in found.items()), reverse=True)
    whole = sum(us for us, _, _ in own)
    rows = [
        {"name": named(*place), "us": 1e6 * own_s / periods, "share": own_s / whole, "calls": calls / periods}
        for own_s, calls, place in own[:SHOWN]
    ]
    return {"plain_us": plain_us, "watched_us": 1e6 * whole / periods, "rows": rows}


def named(file: str, line: int, function: str) -> str:
    parts = Path(file).with_suffix("").parts
    for root in ("neuromech", "site-packages"):
        if root in parts:
            parts = parts[len(parts) - parts[::-1].index(root) - (root == "neuromech") :]
            return f"{'.'.join(parts)}:{function}"
    return function.strip("<>") if file == "~" else f"{Path(file).stem}:{function}"


def spent(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    began = clock()
    work()
    return clock() - began


def main() -> None:
    what, experiment, amount, *animals = sys.argv[1:]
    measures: dict[str, Callable[..., Any]] = {
        "loop": loop, "together": together, "ppo": ppo, "profile": profile,
    }  # fmt: skip
    size = int(amount) if what == "ppo" else float(amount)
    print(json.dumps(measures[what](experiment, size, *(int(count) for count in animals))))


if __name__ == "__main__":
    main()
