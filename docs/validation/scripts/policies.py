"""``make policies``: train every learner of worm, larva, fly and mouse, and play them beside their controls.

    python docs/validation/scripts/policies.py [--seeds 3] [--episodes 10] [--trainings DIR] [--table]

Every step is kept in policies.json beside this file and every training in its own folder, so the command can
be stopped, or killed, and goes on where it was. ``--table`` just writes the table and the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

from tqdm import tqdm  # noqa: E402  (after the number of its threads)

from neuromech._lib.files import write_text  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
STORE = HERE / "policies.json"
FIRST_SEED = 20_000
"""Of the evaluation: no training draws an episode from these."""


@dataclass(frozen=True)
class Task:
    """An experiment, what is asked of it, the animal's own controller, and the learners' algorithms."""

    experiment: str
    score: str
    metrics: tuple[str, ...]
    own: str
    duration_s: float
    published: str
    looked_at: str = ""
    learners: tuple[tuple[str, str], ...] = (
        ("descending", "ppo"),
        ("parameters", "evolution"),
        ("muscles", "ppo"),
    )
    publishes: str = "descending"
    """The learner whose first training is put into controllers/, whichever of its seeds did best."""

    @property
    def evolves(self) -> bool:
        """Whether parameters of its own controller are searched for, from a start that is worth showing."""
        return ("parameters", "evolution") in self.learners


TASKS = (
    Task("worm_chemotaxis", "approach", ("chemotaxis_index",), "worm_connectome", 100.0, "worm_commands"),
    Task(
        "fish_rheotaxis",
        "hold",
        ("drift_mm_s",),
        "fish_optomotor",
        20.0,
        "fish_commands",
        "Looked at (seed 0, 6 s): every bout turns, by 56 degrees in the median, and the tail stays bent in\n"
        "some. It keeps its place by swimming to and fro, as the reward allows, not by facing the current.",
    ),
    Task(
        "fly_odour",
        "approach",
        ("reached_source",),
        "fly_odour",
        6.0,
        "fly_commands",
        "Looked at (four held-out episodes): it walks to the source as the fly does without it, lingers\n"
        "there in two of them, and walks on. What there was to gain, staying there, it has not learned.",
        learners=(("descending", "ppo"), ("parameters", "evolution")),
    ),
    Task(
        "mouse_gaits",
        "pace",
        ("speed_mm_s", "fell"),
        "mouse_spinal",
        10.0,
        "mouse_commands",
        "It gained nothing: it goes less straight than the circuit by itself. It feels how its head turns,\n"
        "not where it heads.",
        learners=(("descending", "ppo"), ("muscles", "ppo_long")),
    ),
)
RANDOM, UNTRAINED = "random", "untrained"


def name_of(task: Task, learner: str, seed: int) -> str:
    return f"{task.experiment}_{learner}_{seed}"


def load() -> dict[str, Any]:
    empty = {"trainings": {}, "evaluations": {}}
    return json.loads(STORE.read_text()) if STORE.exists() else empty


def save(stored: dict[str, Any]) -> None:
    write_text(STORE, json.dumps(stored, indent=0))


def train(task: Task, learner: str, algorithm: str, seed: int, folder: Path) -> dict[str, Any]:
    """Train, or go on; returns the curve and what the controller says about its training."""
    from neuromech.specs import content
    from neuromech.specs.compose import training
    from neuromech.training import curves
    from neuromech.training.train import run_train

    words = [f"train={algorithm}", f"experiment={task.experiment}", f"learner={learner}", f"seed={seed}"]
    controller = run_train(training([*words, "evaluate=false", f"output={folder}"]))
    rows = curves.read(folder)
    return {
        "about": content.read_yaml(controller / "controller.yaml")["training"],
        "curve": {
            name: [float(f"{row[name]:.6g}") for row in rows] for name in ("simulated_s", curves.REWARD)
        },
        "cpu_min": round(rows[-1]["cpu_s"] / 60, 2),
        "wall_min": round(rows[-1]["wall_s"] / 60, 2),
    }


def play(task: Task, controller: str, seed: int, trainings: Path) -> dict[str, float | None]:
    """One episode: the score, mm/s, and the tracker's metrics."""
    from neuromech.specs.compose import load_run
    from neuromech.tracking import track
    from neuromech.training.rewarded_episode import play as playing

    name = {RANDOM: RANDOM, "own": task.own}.get(controller, controller)
    if controller == UNTRAINED:
        name = task.own if task.evolves else beginner(task, trainings)
    run = load_run(
        [f"experiment={task.experiment}", f"controller={name}", f"seed={seed}"],
        [trainings / name / "configs"],
    )
    run = replace(run, duration_s=task.duration_s)
    parameters = untrained(task) if controller == UNTRAINED and task.evolves else None
    earned, seen = playing(run, {task.score: 1.0}, parameters)
    tracked = track(seen)
    found = {name: value for name in task.metrics if not isinstance(value := tracked.get(name), str)}
    # A task's other terms, as what a tilt costs, are no part of its score.
    return {"score": earned[task.score], **found}


def untrained(task: Task) -> dict[str, Any]:
    """Return the parameters from which evolution starts."""
    from neuromech.specs.compose import training
    from neuromech.training.evolution import beginning, problem
    from neuromech.training.training_task import read

    training_task = read(training(["train=evolution", f"experiment={task.experiment}"]))
    search = problem(training_task)
    return search.decode(list(beginning(training_task, search)))


def beginner(task: Task, trainings: Path) -> str:
    """Write the network from which the published learner's first training starts; returns its name."""
    from neuromech.specs.compose import training
    from neuromech.specs.content import plain
    from neuromech.training import export, rl
    from neuromech.training.learners import Settings
    from neuromech.training.training_task import read

    name = f"{task.experiment}_{task.publishes}_{UNTRAINED}"
    folder = trainings / name
    if not (folder / "controllers" / name).is_dir():
        algorithm = dict(task.learners)[task.publishes]
        words = [f"train={algorithm}", f"experiment={task.experiment}", f"learner={task.publishes}"]
        config = training(words)
        training_task = read(config)
        tree = plain(config)
        network = rl.learn(training_task, Settings(tree["algorithm"], folder, 0, 0, envs=tree["envs"]))
        nothing = {"steps": 0, "simulated_s": 0.0, "wall_time_min": 0.0, "reward_per_s": 0.0}
        about = {
            "command": "",
            "algorithm": algorithm,
            "seed": 0,
            "reward": dict(training_task.reward),
            **nothing,
        }
        export.write(folder / "controllers" / name, training_task, network, about)
    return name


def jobs(seeds: int) -> Iterator[tuple[Task, str, str, int]]:
    """Every training, one seed of all before the next."""
    for seed in range(seeds):
        for task in TASKS:
            for learner, algorithm in task.learners:
                yield task, learner, algorithm, seed


def evaluate(task: Task, controller: str, episodes: int, stored: dict[str, Any], trainings: Path) -> None:
    done = stored["evaluations"].setdefault(f"{task.experiment}/{controller}", {})
    for seed in range(FIRST_SEED, FIRST_SEED + episodes):
        if str(seed) not in done:
            done[str(seed)] = play(task, controller, seed, trainings)
            save(stored)


def work(seeds: int, episodes: int, trainings: Path) -> None:
    """Do what is not done yet."""
    stored = load()
    for task, learner, algorithm, seed in tqdm(list(jobs(seeds)), unit="training"):
        name = name_of(task, learner, seed)
        if name not in stored["trainings"]:
            stored["trainings"][name] = train(task, learner, algorithm, seed, trainings / name)
            save(stored)
        evaluate(task, name, episodes, stored, trainings)
        if seed == 0:
            for controller in (RANDOM, "own", UNTRAINED):
                evaluate(task, controller, episodes, stored, trainings)


def publish(task: Task, stored: dict[str, Any], trainings: Path) -> None:
    """Copy a trained policy into controllers/ under its own name, with its score in the README."""
    name, episodes = name_of(task, task.publishes, 0), stored["evaluations"]
    source, target = trainings / name / "controllers" / name, ROOT / "controllers" / task.published
    if not source.is_dir():
        return
    target.mkdir(exist_ok=True)
    for file in source.iterdir():
        if file.suffix == ".npz":
            shutil.copyfile(file, target / file.name)
        else:
            (target / file.name).write_text(file.read_text().replace(name, task.published))
    count = len(episodes[f"{task.experiment}/own"])
    lines = [
        "",
        f"**Score**, mean over {count} held-out episodes of {task.duration_s:g} s (`make policies`):",
        "",
    ]
    for controller, title in (
        (name, "this policy"),
        ("own", f"`{task.own}`, as it is"),
        (RANDOM, "random muscles"),
    ):
        played = episodes[f"{task.experiment}/{controller}"].values()
        numbers = {
            key: [one[key] for one in played if one[key] is not None] for key in ("score", *task.metrics)
        }
        means = {key: sum(values) / len(values) for key, values in numbers.items() if values}
        score = means.pop("score")
        tracked = "".join(f", `{key}` {mean:.2f}" for key, mean in means.items())
        lines.append(f"- {title}: `{task.score}` {score:.3f} mm/s{tracked}")
    if task.looked_at:
        lines += ["", task.looked_at]
    with (target / "README.md").open("a") as card:
        card.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--trainings", type=Path, default=ROOT / "trainings")
    parser.add_argument("--table", action="store_true", help="write the table of what is there")
    options = parser.parse_args()
    if not options.table:
        work(options.seeds, options.episodes, options.trainings)

    import policy_table

    stored = load()
    policy_table.write(stored, options.seeds, options.episodes)
    for task in TASKS:
        publish(task, stored, options.trainings)


if __name__ == "__main__":
    main()
