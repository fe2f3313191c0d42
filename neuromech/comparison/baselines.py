"""The baselines of a score: the run with shuffled wiring, or with random muscles, and the animal itself.

The two floors are run with the simulation's own configuration and kept in `controls/` beside its recordings;
they are run again only when the configuration, the content or the program has changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

import neuromech
from neuromech._lib.errors import InputError
from neuromech._lib.files import write_text
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import compose, content
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run, dump

FOLDER = "controls"
SHUFFLED, RANDOM = "shuffled", "random"
TITLES = {SHUFFLED: "wiring shuffled", RANDOM: "random muscles"}
"""What each floor is called, by its name."""


def base(folder: Path, config_dirs: Sequence[Path] = ()) -> Run | None:
    """Return the run that left a folder, None if it has no config.yaml.

    `config_dirs` as for the run itself, if it was made of somebody's own content.
    """
    return compose.load_run([], [folder, *config_dirs]) if (folder / "config.yaml").is_file() else None


def floors(run: Run, folder: Path) -> dict[str, Run]:
    """Return the runs that are the floors of `run`, by name.

    A controller without connections has no wiring to shuffle, and the floors themselves have no floors. Other
    perturbations of the run's neurons apply to the shuffled wiring as well.
    """
    wanted = {}
    wired = any((Path(each) / "connections.csv").is_file() for each in run.controller.folders)
    if wired and run.perturb.shuffle_wiring is not True:
        shuffled = dataclasses.replace(run.perturb, shuffle_wiring=True)
        wanted[SHUFFLED] = dataclasses.replace(run, perturb=shuffled)
    if run.controller.name != RANDOM:
        # Perturbations name neurons, of which a controller of random muscles has none.
        controller = content.load("controllers", RANDOM)
        wanted[RANDOM] = dataclasses.replace(run, perturb=Perturb(), controller=controller)
    return {
        name: dataclasses.replace(each, video=False, output=folder / FOLDER / name)
        for name, each in wanted.items()
    }


def recordings(run: Run, progress: bool = True) -> list[Path]:
    """Return the recordings of a floor, made now unless they are there already."""
    key, stamp = _key(run), run.output / "key"
    if not (stamp.is_file() and stamp.read_text().strip() == key and _complete(run)):
        if progress:
            print(f"control: {TITLES[run.output.name]}", file=sys.stderr)
        # Were the run killed now, its recordings must not be taken for those of the former key.
        stamp.unlink(missing_ok=True)
        run_experiment(run, progress=progress)
        write_text(stamp, key)
    return episodes(run.output)


def episodes(folder: Path) -> list[Path]:
    """Return the recordings in a folder, in order.

    Raises
    ------
    InputError
        There is none.
    """
    found = sorted(folder.glob("episode_*.nc"))
    if not found:
        raise InputError(f"simulation: {folder} holds no episode_000.nc; 'neuromech run' makes one")
    return found


def halves(recorded: Sequence[xr.Dataset]) -> tuple[list[xr.Dataset], list[xr.Dataset]]:
    """Return the first and the second half of what was recorded.

    Several recordings are dealt out whole; one is cut in the middle: of its time, its excerpts or its bouts.
    """
    if len(recorded) > 1:
        middle = len(recorded) // 2
        return list(recorded[:middle]), list(recorded[middle:])
    (only,) = recorded
    if "bout" in only.dims:
        middle = only.sizes["bout"] // 2
        return [only.isel(bout=slice(0, middle))], [only.isel(bout=slice(middle, None))]
    if "excerpt" in only.coords:
        numbers = np.unique(only["excerpt"].values)
        early = np.isin(only["excerpt"].values, numbers[: len(numbers) // 2])
        return [only.isel(time=early)], [only.isel(time=~early)]
    middle = only.sizes["time"] // 2
    return [only.isel(time=slice(0, middle))], [only.isel(time=slice(middle, None))]


def _key(run: Run) -> str:
    return hashlib.sha256(f"{dump(run)}{content.digest(run.folders)}{_program()}".encode()).hexdigest()


def _program() -> str:
    """Return a hash of the program's source: another program may make other recordings."""
    code = hashlib.sha256()
    for file in sorted(Path(neuromech.__file__).parent.rglob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()


def _complete(run: Run) -> bool:
    try:
        summary = json.loads((run.output / "summary.json").read_text())
    except (OSError, json.JSONDecodeError):
        return False
    return summary.get("ended") == "complete" and len(list(run.output.glob("episode_*.nc"))) == run.episodes
