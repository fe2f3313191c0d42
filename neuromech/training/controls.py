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
    "no circuit": "the same network moves the muscles itself; there are no neurons",
}
"""What every variant is."""
COLOURS = {WIRED: "#30638e", "rewired": "#d1495b", "random": "#edae49", "no circuit": "#7a7a7a"}
JSON, PAGE, FIGURE = "controls.json", "controls.md", "controls.png"
POINTS = 50
"""Places along the budget at which curves are averaged over seeds."""


@dataclass(frozen=True)
class Control:
    """What a control earned beside the training of the same seeds.

    name : of the variant. area : (seed,) mean reward per second over the whole budget: the area under the
    learning curve, divided by its length. final : (seed,) reward per second at its end. less : mean of how
    much smaller the area is than the training's, and p : of that difference, two-sided, by exchanging the two
    within every seed (a paired permutation test); None for the training itself.
    """

    name: str
    area: tuple[float, ...]
    final: tuple[float, ...]
    less: float | None = None
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
            run_train(changed(tree, name, seed, own), config_dirs, progress)
            found[name].append(curves.read(own))
    write(folder, compared(found), found, LEARNERS[tree["algorithm"]["kind"]].steps_are)
    return folder


def variants(tree: Mapping[str, Any], learner: str) -> tuple[str, ...]:
    """Return the names of what is trained: the wiring, its controls, and no circuit where that can learn."""
    kind, sections = str(tree["algorithm"]["kind"]), train_spec.checked(tree).learners or {}
    alone = learner != "muscles" and "muscles" in LEARNERS[kind].trains and "muscles" in sections
    return tuple(name for name in ABOUT if name != "no circuit" or alone)


def changed(tree: Mapping[str, Any], name: str, seed: int, folder: Path) -> dict[str, Any]:
    """Return the configuration of a training of a variant."""
    wiring: dict[str, dict[str, Any]] = {
        "rewired": {"shuffle_wiring": list(KINDS), "wiring_seed": seed},
        "random": {"random_wiring": True, "wiring_seed": seed},
    }
    own = {**tree, "seed": seed, "output": str(folder), "evaluate": False, "controls": False}
    own["perturb"] = {**tree["perturb"], **wiring.get(name, {})}
    if name == "no circuit":
        # Its section says how many of its own decisions that is; the budget is that of the training.
        own |= {"learner": "muscles", "steps": tree["steps"] or tree["learners"][tree["learner"]]["steps"]}
    return own


def compared(found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]]) -> list[Control]:
    """Return what every variant earned, from the learning curves of its seeds, the training first."""
    areas = {name: [_area(rows) for rows in each] for name, each in found.items()}
    final = {name: [float(rows[-1][curves.REWARD]) for rows in each] for name, each in found.items()}
    controls = []
    for name in found:
        less = None if name == WIRED else np.array(areas[WIRED]) - np.array(areas[name])
        controls.append(
            Control(
                name,
                tuple(areas[name]),
                tuple(final[name]),
                None if less is None else float(less.mean()),
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
    write_text(folder / PAGE, table(controls))
    figure = draw(found, steps_are)
    with replacing(folder / FIGURE) as part:
        figure.savefig(part, dpi=110)


def table(controls: Sequence[Control]) -> str:
    """Return the comparison as a table in markdown."""
    lines = [
        "| trained on | reward per s, over the whole budget | at its end | less than the wiring | p |",
        "|---|---|---|---|---|",
    ]
    for each in controls:
        less = "" if each.less is None else f"{each.less:.3g}"
        p = "" if each.p is None else f"{each.p:.2g}"
        earned = f"{_spread(each.area)} | {_spread(each.final)}"
        lines.append(f"| {each.name}: {ABOUT[each.name]} | {earned} | {less} | {p} |")
    seeds = len(controls[0].area)
    least = 2.0 / 2**seeds
    return "\n".join(
        [
            *lines,
            "",
            f"Mean and standard deviation of {seeds} trainings each. p is two-sided, of a paired permutation "
            f"test of the areas; with {seeds} pairs it cannot be below {least:.2g}.",
            "",
        ]
    )


def draw(found: Mapping[str, Sequence[Sequence[Mapping[str, float]]]], steps_are: str) -> Figure:
    """Return the learning curves of all variants: mean over seeds, and every seed thinly."""
    figure = Figure(figsize=(5.2, 3.4))
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for name, each in found.items():
        ends = [rows[-1]["steps"] for rows in each]
        begins = [rows[0]["steps"] for rows in each]
        places = np.linspace(max(begins), min(ends), POINTS)
        drawn = []
        for rows in each:
            steps, reward = ([row[key] for row in rows] for key in ("steps", curves.REWARD))
            axis.plot(steps, reward, color=COLOURS[name], linewidth=0.6, alpha=0.4)
            drawn.append(np.interp(places, steps, reward))
        axis.plot(places, np.mean(drawn, axis=0), color=COLOURS[name], linewidth=2.0, label=name)
    axis.set_xlabel(steps_are)
    axis.set_ylabel("reward per s")
    axis.legend(frameon=False, fontsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    figure.tight_layout()
    return figure


def _area(rows: Sequence[Mapping[str, float]]) -> float:
    """Return the mean reward of a learning curve along its steps."""
    steps = np.array([row["steps"] for row in rows])
    reward = np.array([row[curves.REWARD] for row in rows])
    if len(steps) < 2:
        return float(reward[0])
    return float(np.trapezoid(reward, steps) / (steps[-1] - steps[0]))


def _paired_p(less: np.ndarray) -> float:
    """Return the two-sided p of differences: their signs are flipped in all ways."""
    from scipy.stats import permutation_test

    return float(permutation_test((less,), np.mean, permutation_type="samples").pvalue)


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3g} ± {np.std(values, ddof=1):.2g}"
