"""Export of a trained controller as a folder of controllers/, which `neuromech run` takes like any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from neuromech._lib.files import replacing, write_text
from neuromech.controllers.policy import FILE
from neuromech.controllers.policy_network import Network
from neuromech.training.fit import rounded
from neuromech.training.training_task import TrainingTask


def write(
    folder: Path, task: TrainingTask, result: Network | Mapping[str, Any], about: Mapping[str, Any]
) -> Path:
    """Write a controller's folder, or that of an earlier stage of the same training anew; returns it.

    `about` (command, seed, steps, wall time, reward) goes into controller.yaml and the README. Wiring is not
    copied: the folder names the controller it stands on. Every file is replaced as a whole, controller.yaml
    last, so that a folder that can be found by its name can be run whenever the process is killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec: dict[str, Any] = {
        "name": folder.name,
        "title": _title(task, about),
        "model": "policy",
        "learner": task.learner,
        "body": task.run.body.name,
    }
    if task.under is not None:
        spec["under"] = task.under.name
    if isinstance(result, Network):
        with replacing(folder / FILE) as part:
            result.save(part)
        chosen = {key: task.spec[key] for key in _PLAN if task.spec.get(key)}
        spec |= {**chosen, "squash": result.squash}
    else:
        trained = {"trainings": [dict(about)], "parameters": rounded(result)}
        write_text(folder / "parameters.yaml", yaml.safe_dump(trained, sort_keys=False))
    spec["training"] = dict(about)
    write_text(folder / "README.md", _card(spec, about, task))
    write_text(folder / "controller.yaml", yaml.safe_dump(spec, sort_keys=False, width=120))
    return folder


_PLAN = ("period_s", "senses", "lags_s", "neurons", "commands", "strength", "synergies")
_WHAT = {
    "muscles": "a network that moves the muscles directly; there are no neurons",
    "descending": "a network that passes currents into command neurons of {under}",
    "parameters": "class-shared parameters of {under}, its wiring and signs unchanged",
    "wiring": "strengths of the chemical synapses of {under}, who connects to whom and signs unchanged",
}


def _title(task: TrainingTask, about: Mapping[str, Any]) -> str:
    under = task.under.name if task.under else ""
    return f"Trained on {task.run.experiment} by {about['algorithm']}: {_WHAT[task.learner]}".format(
        under=under
    )


def _seen_and_moved(spec: Mapping[str, Any]) -> list[str]:
    """Return lines on what a network sees and moves; none for parameters."""
    if "senses" not in spec:
        return []
    seen = [f"the senses {', '.join(spec['senses'])}"]
    if spec.get("neurons"):
        seen.append(f"the activity of {', '.join(spec['neurons'])}")
    if spec.get("lags_s"):
        seen.append(f"the same {' and '.join(f'{lag:g}' for lag in spec['lags_s'])} s ago")
    lines = [f"**It sees** {'; '.join(seen)}; it decides every {spec['period_s']:g} s."]
    if "strength" in spec:
        lines.append(f"**It excites** each muscle up to {spec['strength']:g} of what it can.")
    if spec.get("synergies"):
        lines.append(
            f"**It moves** muscles in {len(spec['synergies'])} groups: {', '.join(spec['synergies'])}."
        )
    if spec.get("commands"):
        moved = [
            f"{'/'.join(each['neurons'])} (up to {each['current_pA']:g} pA either way)"
            for each in spec["commands"].values()
        ]
        lines.append(f"**It passes currents into** {', '.join(moved)}")
    return [*lines, ""]


def _card(spec: Mapping[str, Any], about: Mapping[str, Any], task: TrainingTask) -> str:
    lines = [
        f"# {spec['name']}",
        "",
        f"{spec['title']}.",
        "",
        "```",
        str(about["command"]),
        f"neuromech run experiment={task.run.experiment} controller={spec['name']}",
        "```",
        "",
        f"Seed {about['seed']}, {about['steps']} steps, {about['simulated_s']:,.0f} s simulated, "
        f"{about['wall_time_min']} minutes of wall time.",
        f"Reward per second over the last checkpoint of the training, exploration included: "
        f"{about['reward_per_s']:.4g}.",
        "",
        *_seen_and_moved(spec),
        "**What it is not.** No model of how the animal learns: the training is an optimiser's. Nothing here",
        "was compared with a recorded animal. It has met one experiment, and was asked for its reward only.",
    ]
    return "\n".join(lines) + "\n"
