"""Trained controllers and fitted parameters from Python: `neuromech.train` and `neuromech.fit`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from neuromech.experiment.experiment import Experiment
from neuromech.experiment.result import Result
from neuromech.specs import compose, content, keywords
from neuromech.training import FIT_METHODS, controls, curves
from neuromech.training.train import run_train


@dataclass(frozen=True)
class Trained:
    """The result of a training: its folder with the trained controller in it."""

    folder: Path
    controller: str
    experiment: str

    @property
    def curve(self) -> pd.DataFrame:
        """The learning curve: a row per checkpoint."""
        return pd.DataFrame(curves.read(self.folder))

    @property
    def evaluation(self) -> Result:
        """The evaluation on seeds that were not used in the training."""
        return Result.load(self.folder / "evaluation", [self.folder / "configs"])

    def load(self, **overrides: Any) -> Experiment:
        """Return the experiment with the trained controller in it, ready to run."""
        name = {"controller": self.controller, **overrides}
        return Experiment.load(self.experiment, [self.folder / "configs"], **name)


def train(
    algorithm: str,
    experiment: str,
    *,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
    **overrides: Any,
) -> Trained:
    """Train a controller on the reward of an experiment, or go on where an earlier call stopped.

    Parameters
    ----------
    algorithm : a file of configs/train: "ppo", "sac" (extra `rl`), "evolution" or "policy_gradient".
    experiment : name of the experiment.
    progress : whether to show a progress bar.
    config_dirs : folders of configurations of one's own.
    overrides : keys of the training, such as `learner="descending"`, `steps=20_000`, `seed=1`, `output=...`,
        and any key of the experiment.

    Raises
    ------
    InputError
        A name, key or value is wrong, or the output folder is of a training with other settings.
    """
    folders = [Path(each).expanduser() for each in config_dirs]
    texts = keywords.overrides({"train": algorithm, "experiment": experiment, **overrides})
    controller = run_train(compose.training(texts, folders), folders, progress)
    return Trained(controller.parent.parent, controller.name, experiment)


@dataclass(frozen=True)
class Controlled:
    """A training beside its controls: its folder, and what each of them earned."""

    folder: Path

    @property
    def table(self) -> pd.DataFrame:
        """A row for every variant and seed: `trained_on`, `seed`, `area` and `final` reward per second."""
        rows = [
            (each["name"], seed, area, final)
            for each in self._read()
            for seed, (area, final) in enumerate(zip(each["area"], each["final"], strict=True))
        ]
        return pd.DataFrame(rows, columns=["trained_on", "seed", "area", "final"])

    @property
    def differences(self) -> pd.DataFrame:
        """For every control, `less`: how much smaller its area is than the training's, and `p` of that.

        `within` is half of the 95 % interval of `less`.
        """
        keys = ("name", "less", "within", "p")
        rows = [tuple(each[key] for key in keys) for each in self._read() if each["p"] is not None]
        return pd.DataFrame(rows, columns=["trained_on", *keys[1:]]).set_index("trained_on")

    def _read(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / controls.JSON).read_text(encoding="utf-8"))


def train_controls(
    algorithm: str,
    experiment: str,
    *,
    seeds: int = 5,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
    **overrides: Any,
) -> Controlled:
    """Train on the animal's wiring and, with the same seeds and budget, on rewired and random ones; or go on.

    Where the algorithm can train muscles, the same network without a circuit is trained, too.

    Parameters
    ----------
    algorithm, experiment, progress, config_dirs, overrides : as of `train`.
    seeds : how many trainings of each, from `seed` on; 2 at least, and 5 for a p below 0.1.

    Returns
    -------
    what was found; its folder holds controls.md, controls.png, and a folder for every training.

    Raises
    ------
    InputError
        As `train`; and where the learner stands over no wiring, as `learner="muscles"` does not.
    """
    folders = [Path(each).expanduser() for each in config_dirs]
    texts = keywords.overrides({"train": algorithm, "experiment": experiment, **overrides})
    composed = compose.training(texts, folders)
    return Controlled(controls.run_controls(composed, seeds, folders, progress))


def fit(
    name: str, *, progress: bool = False, config_dirs: Sequence[Path | str] = (), **overrides: Any
) -> Path:
    """Search the parameters that a controller leaves open, or go on where an earlier call stopped.

    Parameters
    ----------
    name : a file of configs/fit.
    progress : whether to show a progress bar.
    config_dirs : folders of configurations of one's own.
    overrides : keys of the fit, such as `seed=1` or `output=...`.

    Returns
    -------
    the parameters.yaml that was found.

    Raises
    ------
    InputError
        A name, key or value is wrong.
    """
    folders = [Path(each).expanduser() for each in config_dirs]
    settings = content.plain(
        compose.compose(keywords.overrides({"fit": name, **overrides}), folders, primary="fit")
    )
    return FIT_METHODS[str(settings["method"])](settings, progress=progress, config_dirs=folders)
