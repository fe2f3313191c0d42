"""The table of docs/validation/policies.md and the figure of what ``make policies`` has made so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np  # noqa: E402
from markers import VALIDATION, into  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from policies import RANDOM, TASKS, UNTRAINED, Task, name_of  # noqa: E402

FIGURE = VALIDATION / "policies.png"
MARKERS = ("<!-- policies: made by make policies -->", "<!-- /policies -->")
TITLES = {
    "muscles": "(a) muscles, PPO",
    "descending": "(b) commands to {own}, PPO",
    "parameters": "(c) parameters of {own}, CMA-ES",
}
COLOURS = {"muscles": "#b0592c", "descending": "#30638e", "parameters": "#4f8a4c"}
LABELS = {
    "approach": "way made to the peak, mm/s",
    "hold": "way made back to the start, mm/s",
    "pace": "way made straight ahead (up to 3 lengths/s), mm/s",
    "chemotaxis_index": "chemotaxis index",
    "drift_mm_s": "drift with the water, mm/s",
    "reached_source": "reached the source",
    "speed_mm_s": "speed, mm/s",
    "fell": "fell",
}


def write(stored: dict[str, Any], seeds: int, episodes: int) -> None:
    """Print the tables, put them between the markers of their page, and draw the curves."""
    text = "\n\n".join(table(task, stored, seeds, episodes) for task in TASKS)
    print(text)
    draw(stored, seeds)
    into(VALIDATION / "policies.md", MARKERS, text)


def table(task: Task, stored: dict[str, Any], seeds: int, episodes: int) -> str:
    """Markdown: what is held against, then each learner over its training seeds."""
    measures = (task.score, *task.metrics)
    lines = [
        f"| {task.experiment} | trainings | {' | '.join(LABELS[name] for name in measures)} "
        "| decisions or episodes | simulated, s | CPU min | wall min |",
        "|---" * (6 + len(measures)) + "|",
    ]
    fixed = {
        RANDOM: "random muscles",
        "own": f"`{task.own}`, as it is",
        UNTRAINED: "the same with the parameters from which (c) starts"
        if task.evolves
        else "the network of (a) as it begins",
    }
    for controller, title in fixed.items():
        means = _means(task, [controller], stored, episodes)
        if means:
            cells = " | ".join(_cell(means[name]) for name in measures)
            lines.append(f"| {title} | | {cells} | | | | |")
    for learner in ("muscles", "descending", "parameters"):
        names = [name_of(task, learner, seed) for seed in range(seeds)]
        names = [name for name in names if name in stored["trainings"]]
        means = _means(task, names, stored, episodes)
        if not means:
            continue
        made = [stored["trainings"][name] for name in names]
        cells = [
            TITLES[learner].format(own=task.own),
            str(len(means[task.score])),
            *(_cell(means[name]) for name in measures),
            f"{made[0]['about']['steps']:,}",
            f"{made[0]['about']['simulated_s']:,.0f}",
            _cell([each["cpu_min"] for each in made], 1),
            _cell([each["wall_min"] for each in made], 1),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(stored: dict[str, Any], seeds: int) -> None:
    """Learning curves: the mean over training seeds, and from the least to the most of them."""
    figure, axes = plt.subplots(1, len(TASKS), figsize=(4.5 * len(TASKS), 3.3))
    for axis, task in zip(axes, TASKS, strict=True):
        for learner, colour in COLOURS.items():
            names = [name_of(task, learner, seed) for seed in range(seeds)]
            curves = [stored["trainings"][n]["curve"] for n in names if n in stored["trainings"]]
            if not curves:
                continue
            simulated = np.array(curves[0]["simulated_s"])
            reward = np.array([curve["reward_per_s"] for curve in curves])
            axis.fill_between(simulated, reward.min(0), reward.max(0), color=colour, alpha=0.2, linewidth=0)
            label = f"{learner} ({len(curves)} seeds)"
            axis.plot(simulated, reward.mean(0), color=colour, marker="o", markersize=2.5, label=label)
        axis.set_title(task.experiment, fontsize=10)
        axis.set_xlabel("simulated while training, s", fontsize=9)
        axis.set_ylabel("reward in training, per s", fontsize=9)
        axis.tick_params(labelsize=8)
        axis.legend(frameon=False, fontsize=8)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(FIGURE, dpi=120)
    plt.close(figure)


def _means(
    task: Task, controllers: Sequence[str], stored: dict[str, Any], episodes: int
) -> dict[str, list[float]]:
    """Mean over the held-out episodes of each controller that has played them all."""
    found: dict[str, list[float]] = {}
    for controller in controllers:
        played = list(stored["evaluations"].get(f"{task.experiment}/{controller}", {}).values())[:episodes]
        if len(played) < episodes:
            continue
        for name in (task.score, *task.metrics):
            key = "score" if name == task.score else name
            values = [value for one in played if (value := one[key]) is not None]
            if controller in (RANDOM, "own", UNTRAINED):
                # One controller: the spread is over its episodes.
                found[name] = values
            elif values:
                found.setdefault(name, []).append(float(np.mean(values)))
    return found


def _cell(values: Sequence[float], digits: int = 3) -> str:
    if not values:
        return "none"
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"
