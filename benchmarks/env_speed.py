"""How fast the environments step, alone and in workers, and what is not physics: writes a page of the site.

    python benchmarks/env_speed.py [--quick] [--output FILE]

Blocks of steps of the bare physics, the environment and the environment as a learner meets it are played in
turn, and the fastest block of each counts, by the processor's clock: the machine is rarely idle. Workers and
PPO are timed by the wall's. PPO is Stable-Baselines3's: a vector of four environments one after the other, as
trainings had before, and `TOGETHER` animals stepped together.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from gymnasium.vector import AsyncVectorEnv  # noqa: E402

from neuromech.envs.sb3_vector import as_sb3_vec_env  # noqa: E402
from neuromech.evaluation import tables_in_pages  # noqa: E402
from neuromech.specs.compose import training  # noqa: E402
from neuromech.training.policy_env import PolicyEnv  # noqa: E402
from neuromech.training.policy_vector import PolicyVectorEnv  # noqa: E402
from neuromech.training.training_task import TrainingTask, read  # noqa: E402

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation" / "environment_speed.md"
MARKERS = ("<!-- env speed: made by make bench -->", "<!-- /env speed -->")
ANIMALS = {"worm": "worm_chemotaxis", "larval fish": "fish_rheotaxis", "mouse": "mouse_gaits"}
BEFORE, TOGETHER = 4, 32
"""Environments of PPO before, and animals that it steps together now."""


@dataclass(frozen=True)
class Speed:
    """Seconds per control step of physics, environment and learner's environment; steps/s in workers.

    `ppo` holds the decisions per second of PPO, before and together.
    """

    physics_s: float
    env_s: float
    wrapped_s: float
    workers: dict[int, float]
    ppo: tuple[float, float]

    @property
    def outside(self) -> float:
        """Share of the environment's time that is not physics."""
        return 1 - self.physics_s / self.env_s

    @property
    def wrappers(self) -> float:
        """What the wrapper stack costs, as a share of the environment's time."""
        return self.wrapped_s / self.env_s - 1


def training_task(experiment: str) -> TrainingTask:
    long = "learners.muscles.episode_s=1000"
    return read(training(["train=ppo", f"experiment={experiment}", "learner=muscles", long]))


def measure(experiment: str, blocks: int, decisions: int) -> Speed:
    """Measure one animal; ``decisions`` of the learner in each of ``blocks``."""
    given = training_task(experiment)
    env = PolicyEnv(given)
    assert given.plan is not None and env.action_space.shape is not None
    repeat = given.plan.periods_per_decision(given.run.clock.control_s)
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (decisions, *env.action_space.shape)).astype(np.float32)
    excitations = [given.plan.excitations(action) for action in actions]
    world = env.inner.world

    def physics() -> None:
        # The world's step without its senses: MuJoCo and the forces of the medium.
        for excitation in excitations:
            for _ in range(repeat):
                world.step(excitation)

    def bare() -> None:
        for excitation in excitations:
            for _ in range(repeat):
                env.inner.step(excitation)

    fell = False

    def wrapped() -> None:
        nonlocal fell
        for action in actions:
            fell |= env.step(action)[2]

    best = {work: np.inf for work in (physics, bare, wrapped)}
    for _ in range(blocks):
        for work in best:
            env.reset(seed=0)
            best[work] = min(best[work], timed(work, time.process_time))
    steps = decisions * repeat
    if fell:  # the decisions after the end were shorter: there is nothing to compare
        best[wrapped] = np.nan
    workers = {count: in_workers(given, count, blocks, actions, repeat) for count in (1, 2)}
    ppo = learning(given, decisions * BEFORE)
    return Speed(best[physics] / steps, best[bare] / steps, best[wrapped] / steps, workers, ppo)


def learning(given: TrainingTask, decisions: int) -> tuple[float, float]:
    """Decisions per second of PPO with its learning, before and together; the fastest of three tries."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import DummyVecEnv

    vectors = {
        BEFORE: DummyVecEnv([lambda: PolicyEnv(given)] * BEFORE),
        TOGETHER: as_sb3_vec_env(PolicyVectorEnv(given, TOGETHER)),
    }
    best = dict.fromkeys(vectors, 0.0)
    models = {}
    for count, vector in vectors.items():
        steps = max(2, decisions // count)
        models[count] = PPO("MlpPolicy", vector, n_steps=steps, batch_size=64, n_epochs=1, device="cpu")
    for _ in range(3):
        for count, model in models.items():
            made = model.n_steps * count
            took = timed(partial(model.learn, made, reset_num_timesteps=False), time.perf_counter)
            best[count] = max(best[count], made / took)
    for vector in vectors.values():
        vector.close()
    return best[BEFORE], best[TOGETHER]


def in_workers(given: TrainingTask, count: int, blocks: int, actions: np.ndarray, repeat: int) -> float:
    """Control steps per second of ``count`` environments, each in a process of its own."""
    vector = AsyncVectorEnv([partial(PolicyEnv, given)] * count, context="spawn")
    try:
        vector.reset(seed=0)
        rounds = [np.repeat(action[None], count, axis=0) for action in actions]

        def work() -> None:
            for each in rounds:
                vector.step(each)

        return count * len(actions) * repeat / min(timed(work, time.perf_counter) for _ in range(blocks))
    finally:
        vector.close()


def timed(work: Callable[[], None], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began


def table(found: dict[str, Speed]) -> str:
    lines = [
        "| environment, control steps/s | alone | 1 worker | 2 workers | not physics | wrappers cost "
        f"| PPO, decisions/s, {BEFORE} in turn | {TOGETHER} together | ratio |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for animal, speed in found.items():
        numbers = [1 / speed.env_s, *(speed.workers[count] for count in (1, 2))]
        cost = "falls" if np.isnan(speed.wrappers) else f"{100 * speed.wrappers:.1f} %"
        shares = [f"{100 * speed.outside:.0f} %", cost]
        before, now = speed.ppo
        learnt = [f"{before:,.0f}", f"{now:,.0f}", f"{now / before:.1f}"]
        cells = [
            f"{animal}, `{ANIMALS[animal]}`",
            *(f"{number:,.0f}" for number in numbers),
            *shares,
            *learnt,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes, for tests")
    parser.add_argument("--output", type=Path, default=PAGE, help="a file with the markers")
    options = parser.parse_args()
    blocks, decisions = (2, 20) if options.quick else (25, 100)
    text = table({animal: measure(experiment, blocks, decisions) for animal, experiment in ANIMALS.items()})
    print(text)
    if not options.output.exists():
        options.output.write_text("".join(MARKERS))
    tables_in_pages.put(options.output, MARKERS, text)


if __name__ == "__main__":
    main()
