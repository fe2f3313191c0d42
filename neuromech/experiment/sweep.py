"""A sweep: every combination of some values, played by workers side by side: `neuromech.sweep`."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neuromech._lib import dask_cluster
from neuromech._lib.dask_work import results
from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path, make_folder
from neuromech._lib.progress import bar as progress_bar
from neuromech.experiment.episodes import run_experiment
from neuromech.experiment.result import Result
from neuromech.specs import compose, keywords
from neuromech.specs.run import Run

MOST_RUNS = 10_000
"""A sweep of more runs is a slip of the pen."""


def sweep(
    name: str,
    over: Mapping[str, Sequence[Any]],
    *,
    output: Path | str | None = None,
    video: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
    **overrides: Any,
) -> list[Result]:
    """Run an experiment with every combination of some values and return what the runs leave.

    Parameters
    ----------
    name : of the experiment.
    over : values by key, such as `{"environment.stimulus.width_mm": [2, 3, 5]}`.
    output : the folder, in which the runs lie numbered in the order of the combinations, the last key
        changing fastest; a new one in `simulations/` if left out.
    video : whether to make videos.
    cluster, workers : as for `evaluate`. Without the extra `evaluate` the runs are played one after another.
    progress : whether to show a progress bar.
    config_dirs, overrides : as for `run`.

    Raises
    ------
    InputError
        A name, key or value is wrong; nothing has been played then. Or the cluster does not answer.

    Examples
    --------
    >>> import neuromech as nm
    >>> nm.sweep("worm_crawl", {"duration_s": []})
    Traceback (most recent call last):
        ...
    neuromech._lib.errors.InputError: over: duration_s must be a list of values, not []
    """
    for key, values in over.items():
        if isinstance(values, str | Mapping) or not isinstance(values, Sequence) or not values:
            raise InputError(f"over: {key} must be a list of values, not {values!r:.60}")
    folders = [Path(each).expanduser() for each in config_dirs]
    combinations = [dict(zip(over, each, strict=True)) for each in itertools.product(*over.values())]
    runs = [
        compose.load_run(keywords.overrides({"experiment": name, **overrides, **each}), folders)
        for each in combinations
    ]
    folder = runs[0].output if output is None else as_path("output", output)
    made = play([replace(run, video=video) for run in runs], folder, cluster, workers, progress)
    return [Result(each, tuple(folders)) for _, each in sorted(made)]


def play(
    runs: Sequence[Run],
    folder: Path,
    cluster: str | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> Iterator[tuple[int, Path]]:
    """Play runs into numbered folders inside one; yield numbers and folders as they are finished.

    Raises
    ------
    InputError
        A run makes no sense, or the cluster does not answer.
    """
    dask_cluster.check(cluster, workers)
    if len(runs) > MOST_RUNS:
        raise InputError(f"a sweep may have {MOST_RUNS} runs, not {len(runs)}")
    placed = [replace(run, output=Path(os.path.abspath(folder / str(k)))) for k, run in enumerate(runs)]
    for run in placed:
        make_folder(run.output)
    if (cluster is None and workers is None and not dask_cluster.installed()) or (
        len(placed) == 1 and cluster is None
    ):
        for number, run in enumerate(placed):
            yield number, run_experiment(run, progress=progress)
        return
    wanted = workers or min(os.cpu_count() or 1, len(placed))
    with (
        dask_cluster.client(cluster, wanted, draws=any(run.video for run in placed)) as client,
        progress_bar(progress, total=len(placed), desc="sweep", unit="run") as bar,
    ):
        for number, made in results(client, run_experiment, [(run, False) for run in placed], "run"):
            bar.update()
            yield number, made
