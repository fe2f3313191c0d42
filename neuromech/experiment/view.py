"""Windows on experiments and results: what `neuromech view` and `neuromech.view` open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError
from neuromech.experiment.experiment import Experiment
from neuromech.experiment.result import Result
from neuromech.viewer.window import RecordedPage, Window


def view(
    name: str | None = None,
    *,
    simulation: Path | str | None = None,
    episode: int = 0,
    output: Path | str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float | None = 1.0,
    config_dirs: Sequence[Path | str] = (),
    **overrides: Any,
) -> Window | RecordedPage:
    """Open a window on a running experiment, or make the page of a recorded one.

    The window is a page in the browser: body, world and brain while they live, with controls for all that
    can be done to them. In a notebook it appears in the cell. The page of a recording needs no server.

    Parameters
    ----------
    name : of the experiment that is to run.
    simulation : the folder of an earlier run, in place of a name.
    episode : which of its episodes, from 0.
    output : where the page of a recording is written, too.
    host, port, speed : of a running experiment, as for `Window`.
    config_dirs, overrides : as for `Experiment.load`.

    Raises
    ------
    InputError
        Neither or both of `name` and `simulation` are given, or something in them is wrong.

    Examples
    --------
    >>> import neuromech as nm
    >>> window = nm.view("worm_crawl")
    >>> window.session.step(3)
    >>> round(window.session.time_s, 3)
    0.03
    >>> window.close()
    """
    if (name is None) == (simulation is None):
        raise InputError("give the name of an experiment, or simulation=, the folder of an earlier run")
    if name is not None:
        if output is not None or episode:
            raise InputError("output and episode are for simulation=, the folder of an earlier run")
        return Experiment.load(name, config_dirs, **overrides).view(host=host, port=port, speed=speed)
    if overrides:
        raise InputError(f"{next(iter(overrides))}= is for an experiment that runs, not for simulation=")
    assert simulation is not None
    page = Result.load(simulation, config_dirs).view(episode)
    if output is not None:
        page.save(output)
    return page
