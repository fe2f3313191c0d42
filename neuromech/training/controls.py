"""A training beside its controls: the same task, seeds and budget on other wirings.

Whatever a network learns over a circuit, it may have learned without that circuit's wiring. So the training
is repeated on wirings that keep less and less of the animal's, and each control is held against the training
of the same seed. Nothing is shown with fewer than two seeds, and little with fewer than five: of five pairs
that all point one way the two-sided p is 0.06.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing, write_text
from neuromech.specs import content
from neuromech.training import LEARNERS, curves, train_spec
from neuromech.training.evolution import problem
from neuromech.training.network_weights import hidden_of
from neuromech.training.train import output, run_train
from neuromech.training.training_task import read

KINDS = ("chemical", "gap_junction")
"""The connections that a rewiring exchanges: those between neurons. What muscles get stays."""
WIRED = "wired"
"""The training itself."""
ABOUT = {
    WIRED: "the animal's wiring",
    "rewired": "every neuron keeps its numbers of partners, and not which they are",
    "random": "a random graph with as many connections",
    "no circuit": "a network moves the muscles itself; there are no neurons",
}
"""What every variant is. Over a trained wiring, the network has as many numbers as that has strengths."""
COLOURS = {WIRED: "#30638e", "rewired": "#d1495b", "random": "#edae49", "no circuit": "#7a7a7a"}
JSON, PAGE, FIGURE = "controls.json", "controls.md", "controls.png"
POINTS = 50
"""Places along the budget at which curves are averaged over seeds."""
TOLD = 8
"""Places of a curve that is told in numbers."""
PART = 0.25
"""What a training gained is the mean of this last part of its curve less that of the first."""


@dataclass(frozen=True)
class Control:
    """What a control earned beside the training of the same seeds.

    name : of the variant. area : (seed,) mean reward per second over the whole budget: the area under the
    learning curve, divided by its length. final : (seed,) reward per second at its end. gained : (seed,) by
    how much the last quarter of the curve lies above the first. less : mean of how much smaller the area is
    than the training's, within : half of its 95 % interval, by Student's t of the differences of the seeds,
    and p : of that difference, two-sided, by exchanging the two within every seed (a paired permutation
    test); None for the training itself.
    """

    name: str
    area: tuple[float, ...]
    final: tuple[float, ...]
    gained: tuple[float, ...]
    less: float | None = None
    within: float | None = None
    p: float | None = None


def run_controls(
    config: Mapping[str, Any], seeds: int, config_dirs: Sequence[Path] = (), progress: bool = True
) -> Path:
    """Train on the animal's wiring and on its controls, or go on; return the folder with the comparison.

    Every training has a folder of its own in it and goes on where it was stopped. The wiring of a control is
    dealt out by the seed of its training and stays through all its episodes.

    Parameters
    ----------
    config : a composed configs/train.yaml.
    seeds : how many trainings of each, from the configuration's seed on.
    config_dirs : folders of configurations of one's own.
    progress : whether bars are shown.

    Raises
    ------
    InputError
        A setting is wrong, there are fewer than two seeds, or the learner stands over no wiring.
    """
    if seeds < 2:
        raise InputError(f"seeds must be 2 or more to hold a training against its controls, not {seeds}")
    tree = content.plain(config)
    task = read(config, config_dirs)
    if task.under is None:
        raise InputError(f"learner={task.learner} stands over no wiring, so that there are no controls of it")
    folder, first = output(tree, task), task.run.seed
    names = variants(tree, task.learner)
    found: dict[str, list[list[dict[str, float]]]] = {name: [] for name in names}
    for seed in range(first, first + seeds):
        for name in names:
            own = folder / name.replace(" ", "_") / f"seed_{seed}"
            run_train(changed(tree, name, seed, own, config_dirs), config_dirs, progress)
            found[name].append(curves.read(own))
    write(folder, compared(found), found, LEARNERS[tree["algorithm"]["kind"]].steps_are)
    return folder


def variants(tree: Mapping[str, Any], learner: str) -> tuple[str, ...]:
    """Return the names of what is trained: the wiring, its controls, and no circuit where that can learn."""
    kind, sections = str(tree["algorithm"]["kind"]), train_spec.checked(tree).learners or {}
    able = learner in ("descending", "wiring") and "muscles" in LEARNERS[kind].trains
    alone = able and "muscles" in sections
    return tuple(name for name in ABOUT if name != "no circuit" or alone)


def changed(
    tree: Mapping[str, Any], name: str, seed: int, folder: Path, config_dirs: Sequence[Path] = ()
) -> dict[str, Any]:
    """Return the configuration of a training of a variant."""
    wiring: dict[str, dict[str, Any]] = {
        "rewired": {"shuffle_wiring": list(KINDS), "wiring_seed": seed},
        "random": {"random_wiring": True, "wiring_seed": seed},
    }
    own = {**tree, "seed": seed, "output": str(folder), "evaluate": False, "controls": False, "page": None}
    own["perturb"] = {**tree["perturb"], **wiring.get(name, {})}
    if name == "no circuit":
        # Its section says how many of its own decisions that is; the budget is that of the training.
        given, sections = tree["learners"][tree["learner"]], tree["learners"]
        own |= {"learner": "muscles", "steps": tree["steps"] or given["steps"]}
        if tree["learner"] == "wiring":
            same = {**sections["muscles"], "episode_s": given["episode_s"]}
            own["learners"] = {**sections, "muscles": same}
            hidden = hidden_of(read(own, config_dirs), len(problem(read(tree, config_dirs)).bounds))
            own["algorithm"] = {**tree["algorithm"], "hidden": [hidden]}
    return own


def compared(found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]]) -> list[Control]:
    """Return what every variant earned, from the learning curves of its seeds, the training first."""
    areas = {name: [_area(rows) for rows in each] for name, each in found.items()}
    final = {name: [float(rows[-1][curves.REWARD]) for rows in each] for name, each in found.items()}
    gained = {name: [_gained(rows) for rows in each] for name, each in found.items()}
    controls = []
    for name in found:
        less = None if name == WIRED else np.array(areas[WIRED]) - np.array(areas[name])
        controls.append(
            Control(
                name,
                tuple(areas[name]),
                tuple(final[name]),
                tuple(gained[name]),
                None if less is None else float(less.mean()),
                None if less is None else _within(less),
                None if less is None else _paired_p(less),
            )
        )
    return controls


def write(
    folder: Path, controls: Sequence[Control], found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]],
    steps_are: str,
) -> None:  # fmt: skip
    """Write the comparison as numbers, as a table in markdown and as a picture."""
    write_text(folder / JSON, json.dumps([vars(each) for each in controls], indent=1))
    write_text(folder / PAGE, "\n".join([table(controls), told(found, steps_are)]))
    figure = draw(found, steps_are)
    with replacing(folder / FIGURE) as part:
        figure.savefig(part, dpi=110)


def table(controls: Sequence[Control]) -> str:
    """Return the comparison as a table in markdown."""
    lines = [
        "| trained on | reward per s, over the whole budget | at its end | gained | "
        "less than the wiring | p |",
        "|---|---|---|---|---|---|",
    ]
    for each in controls:
        less = "" if each.less is None else f"{each.less:.3g} ± {each.within:.2g}"
        p = "" if each.p is None else f"{each.p:.2g}"
        earned = " | ".join(_spread(values) for values in (each.area, each.final, each.gained))
        lines.append(f"| {each.name}: {ABOUT[each.name]} | {earned} | {less} | {p} |")
    seeds = len(controls[0].area)
    least = 2.0 / 2**seeds
    return "\n".join(
        [
            *lines,
            "",
            f"Mean and standard deviation of {seeds} trainings each; of differences, mean and 95 % interval "
            "(Student's t of the pairs of one seed). Gained is the last quarter of a curve less its first. p "
            f"is two-sided, of a paired permutation test of the areas; with {seeds} pairs it cannot be below "
            f"{least:.2g}.",
            "",
        ]
    )


def told(found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]], steps_are: str) -> str:
    """Return the learning curves of all variants in words, means over seeds, and what a training took."""
    lines = []
    for name, each in found.items():
        steps, mean = _mean_curve(each, TOLD)
        last = [rows[-1] for rows in each]
        took = f"{np.mean([row['cpu_s'] for row in last]) / 60:.1f} CPU min each"
        numbers = ", ".join(f"{value:.3g}" for value in mean)
        lines.append(
            f"- {name}, {steps[0]:,.0f} to {steps[-1]:,.0f} {steps_are}, "
            f"{last[0]['simulated_s']:,.0f} simulated s, {took}: {numbers}"
        )
    head = "Reward per s in training, means over seeds, evenly from the first checkpoint to the last:"
    return "\n".join([head, "", *lines, ""])


def draw(found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]], steps_are: str) -> Figure:
    """Return the learning curves of all variants: mean over seeds, and every seed thinly."""
    figure = Figure(figsize=(5.2, 3.4))
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for name, each in found.items():
        for rows in each:
            axis.plot(*_curve(rows), color=COLOURS[name], linewidth=0.6, alpha=0.4)
        axis.plot(*_mean_curve(each, POINTS), color=COLOURS[name], linewidth=2.0, label=name)
    axis.set_xlabel(steps_are)
    axis.set_ylabel("reward per s")
    axis.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    figure.tight_layout()
    return figure


def _curve(rows: Sequence[Mapping[str, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps and rewards of a learning curve."""
    return np.array([row["steps"] for row in rows]), np.array([row[curves.REWARD] for row in rows])


def _mean_curve(each: Sequence[Sequence[Mapping[str, float]]], points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of learning curves, at places that all of them reach."""
    drawn = [_curve(rows) for rows in each]
    places = np.linspace(max(x[0] for x, _ in drawn), min(x[-1] for x, _ in drawn), points)
    return places, np.mean([np.interp(places, *one) for one in drawn], axis=0)


def _gained(rows: Sequence[Mapping[str, float]]) -> float:
    """Return by how much the last part of a learning curve lies above its first."""
    reward = _curve(rows)[1]
    part = max(1, round(PART * len(reward)))
    return float(reward[-part:].mean() - reward[:part].mean())


def _area(rows: Sequence[Mapping[str, float]]) -> float:
    """Return the mean reward of a learning curve along its steps."""
    steps, reward = _curve(rows)
    if len(steps) < 2:
        return float(reward[0])
    return float(np.trapezoid(reward, steps) / (steps[-1] - steps[0]))


def _within(less: np.ndarray) -> float:
    """Return half of the 95 % interval of the mean of differences, by Student's t."""
    from scipy.stats import t

    count = len(less)
    return float(t.ppf(0.975, count - 1) * less.std(ddof=1) / np.sqrt(count))


def _paired_p(less: np.ndarray) -> float:
    """Return the two-sided p of differences: their signs are flipped in all ways."""
    from scipy.stats import permutation_test

    return float(permutation_test((less,), np.mean, permutation_type="samples").pvalue)


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3g} ± {np.std(values, ddof=1):.2g}"
