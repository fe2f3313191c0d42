"""All episodes of a run and what it leaves behind: recordings, summary, report, video, configuration."""

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech import __version__, batch, recording
from neuromech._lib import interrupts
from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, write_text
from neuromech._lib.progress import OF_TIME
from neuromech._lib.progress import bar as progress_bar
from neuromech._lib.state import State
from neuromech.loop import Loop
from neuromech.senses.eye.eye import Eye
from neuromech.specs import content
from neuromech.specs.checking import plain
from neuromech.specs.run import Run, dump
from neuromech.tracking import track, units
from neuromech.visuals.report import write_report
from neuromech.world.world import World

OURS = re.compile(r"summary\.json|report\.png|video(_\d{3,})?\.mp4|view(_\d{3,})?\.html|episode_\d{3,}\.nc")
"""What a run leaves in its folder, and an earlier one may have left there."""
REPORTED = ("mujoco", "jax", "numpy", "numba", "equinox", "gymnasium")


def run_experiment(
    run: Run, progress: bool = True, controller: Any = None, state: State | None = None
) -> Path:
    """Run every episode of ``run`` and write the result folder; returns it.

    ``controller`` stands in the place of the run's own, as in `Loop.of`. The only episode goes on from
    ``state``, where one is given.

    Results of an earlier run in the folder are deleted first: what lies in it is of one run.
    An interrupted or failed run keeps the recordings it made, says so in summary.json and raises on.

    Raises
    ------
    InputError
        Something in the body, environment, controller, perturbation or start is wrong, or the state is not
        one of this run; nothing has been written then.
    """
    loop = Loop.of(run, controller=controller)  # what is wrong shows now, before anything is written
    if state is not None:
        _resume(loop, state)
    for note in loop.notes if progress else ():
        print(f"note: {note}", file=sys.stderr)
    folder = run.output
    make_folder(folder)
    for file in folder.iterdir():
        if OURS.fullmatch(file.name):
            file.unlink()
    write_text(folder / "config.yaml", dump(run))
    episodes: list[dict[str, Any]] = []
    first: list[xr.Dataset] = []  # the recording that is shown
    clock = {"simulated_s": 0.0, "wall_s": 0.0}
    ended = "complete"
    try:
        if controller is None and run.episodes > 1:
            _side_by_side(loop, folder, clock, progress, episodes, first)
        else:
            for index in range(run.episodes):
                if index:
                    loop = Loop.of(replace(run, seed=run.seed + index), controller=controller)
                path = _episode(loop, index, folder, clock, progress)
                episodes.append(_left(loop.run, path, first))
    except BaseException as error:
        ended = "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
        for index in range(len(episodes), run.episodes):
            episodes += _kept(run, index, folder, ended)
        raise
    finally:
        write_text(folder / "summary.json", json.dumps(_summary(run, episodes, clock, ended, loop), indent=1))
    _figures(run, folder, first[0], episodes[0]["metrics"], progress)
    return folder


def _resume(loop: Loop, state: State) -> None:
    if loop.run.episodes != 1:
        raise InputError(f"a state is that of one episode: give episodes=1, not {loop.run.episodes}")
    loop.restore_state(state)
    if loop.world.time_s >= loop.run.duration_s:
        raise InputError(
            f"the state is one of {loop.world.time_s:g} s: duration_s must be longer than that, not "
            f"{loop.run.duration_s:g}"
        )


def summarise(values: Sequence[float | str | None]) -> dict[str, float | int | str | None]:
    """Mean, standard deviation and count of the episodes in which a metric could be computed.

    Of a metric that is a word, as a gait is, the most frequent one stands for the mean.
    """
    words = [value for value in values if isinstance(value, str)]
    if words:
        return {"mean": max(dict.fromkeys(words), key=words.count), "sd": None, "n": len(words)}
    known = np.array([value for value in values if value is not None], float)
    return {
        "mean": float(known.mean()) if len(known) else None,
        "sd": float(known.std(ddof=1)) if len(known) > 1 else None,
        "n": len(known),
    }


def _side_by_side(
    loop: Loop,
    folder: Path,
    clock: dict[str, float],
    progress: bool,
    episodes: list[dict[str, Any]],
    first: list[xr.Dataset],
) -> None:
    """Play many episodes at once and add what they left to `episodes`; `loop` is that of the first.

    The recording of the first is put into `first`.
    """
    run = loop.run
    bar = progress_bar(
        progress,
        total=run.duration_s * run.episodes,
        desc=f"{run.episodes} episodes",
        unit="s",
        bar_format=OF_TIME,
    )
    with bar:
        for start in range(0, run.episodes, batch.AT_ONCE):
            seeds = range(start, min(start + batch.AT_ONCE, run.episodes))
            loops = [Loop.of(replace(run, seed=run.seed + k)) if k else loop for k in seeds]
            paths = [folder / f"episode_{k:03d}.nc" for k in seeds]
            done = dict.fromkeys(paths, 0.0)

            def tick(path: Path, t_s: float, done: dict[Path, float] = done) -> None:
                bar.update(t_s - done[path])
                done[path] = t_s
                interrupts.check()

            began = time.perf_counter()
            with interrupts.asking():  # not while loops are built, which may take longer than one waits
                batch.play(loops, paths, _attrs(run), tick)
            clock["wall_s"] += time.perf_counter() - began
            clock["simulated_s"] += run.duration_s * len(loops)
            episodes += [_left(each.run, path, first) for each, path in zip(loops, paths, strict=True)]


def _episode(loop: Loop, index: int, folder: Path, clock: dict[str, float], progress: bool) -> Path:
    """Play one episode; returns its recording."""
    run = loop.run
    path = folder / f"episode_{index:03d}.nc"
    bar = progress_bar(
        progress,
        total=run.duration_s,
        desc=f"episode {index + 1}/{run.episodes}",
        unit="s",
        bar_format=OF_TIME,
    )
    began = time.perf_counter()
    with bar, interrupts.asking() as check:

        def tick(t: float) -> None:
            bar.update(t - bar.n)
            check()

        loop.play(path, _attrs(run), tick)
        bar.update(run.duration_s - bar.n)
    clock["wall_s"] += time.perf_counter() - began
    clock["simulated_s"] += run.duration_s - (loop.resumed_s or 0.0)
    return path


def _left(run: Run, path: Path, first: list[xr.Dataset]) -> dict[str, Any]:
    """Return what a finished episode left, with its metrics; `first` is given the first recording."""
    dataset = recording.load(path)
    if not first:
        first.append(dataset)
    return {
        "seed": run.seed,
        "recording": path.name,
        "metrics": track(dataset) if run.body.tracker else {},
        "terminated": str(dataset.attrs["ended"]),
    }


def _kept(run: Run, index: int, folder: Path, ended: str) -> list[dict[str, Any]]:
    """What an unfinished episode left; its metrics are not computed."""
    path = folder / f"episode_{index:03d}.nc"
    if not path.exists():
        return []
    why = str(recording.load(path).attrs.get("ended", ended))
    return [{"seed": run.seed + index, "recording": path.name, "metrics": {}, "terminated": why}]


def _summary(
    run: Run, episodes: list[dict[str, Any]], clock: Mapping[str, float], ended: str, loop: Loop
) -> dict[str, Any]:
    names = list(dict.fromkeys(name for episode in episodes for name in episode["metrics"]))
    unit = units(run.body.tracker) if run.body.tracker else {}
    perturb = {key: value for key, value in vars(run.perturb).items()}
    return {
        "experiment": run.experiment,
        "seed": run.seed,
        "duration_s": run.duration_s,
        "ended": ended,
        "content_hash": content.digest(run.folders),
        "notes": list(loop.notes),
        **({"connectome": loop.connectome_name} if loop.connectome_name else {}),
        "perturb": json.loads(json.dumps(perturb, default=vars)),
        "real_time_factor": clock["simulated_s"] / clock["wall_s"] if clock["wall_s"] else None,
        "metrics": {
            name: {
                **summarise([episode["metrics"].get(name) for episode in episodes]),
                "unit": unit.get(name, "1"),
            }
            for name in names
        },
        "episodes": episodes,
        "versions": _versions(),
    }


def film(
    run: Run, episode: Path, output: Path, progress: bool = True, size: tuple[int, int] | None = None
) -> Path:
    """Make the video of a recorded episode of ``run``, a small preview for ``*.gif``; returns ``output``.

    ``size`` is its width and height in pixels, by default 1280 x 720, and 480 x 270 for a preview.
    """
    from neuromech.visuals.video import write_gif, write_video  # late: it compiles the ray caster

    write = write_gif if output.suffix == ".gif" else write_video
    dataset = recording.load(episode)
    world = World(run.body, run.environment, run.clock)
    traces = json.loads(dataset.attrs.get("traces", "[]")) or None
    eyes = {name: sense for name, sense in world.body.senses.items() if isinstance(sense, Eye)}
    wanted: dict[str, Any] = {"skin": run.body.skin, "traces": traces, "eyes": eyes}
    if run.body.elevation_deg is not None:
        wanted["elevation_deg"] = run.body.elevation_deg
    if size is not None:
        wanted["size"] = size
    return write(dataset, world.model, output, progress=progress, **wanted)


def _figures(
    run: Run, folder: Path, dataset: xr.Dataset, metrics: Mapping[str, float | str | None], progress: bool
) -> None:
    """Show the first episode, whose recording and ``metrics`` are known."""
    given = {**run.body.norms, **run.environment.norms}
    norms = plain({name: norm for name, norm in given.items() if norm is not None})
    write_report(dataset, metrics, norms, folder / "report.png")
    if run.video:
        film(run, folder / "episode_000.nc", folder / "video.mp4", progress)


def _attrs(run: Run) -> dict[str, Any]:
    return {
        "content_hash": content.digest(run.folders),
        "experiment": run.experiment,
    }


def _versions() -> dict[str, str]:
    found = {"neuromech": __version__}
    for name in REPORTED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
