"""An experiment: an animal in a world with a controller, ready to be changed and run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path
from neuromech._lib.numbers import positive
from neuromech._lib.state import State
from neuromech.experiment.episodes import run_experiment
from neuromech.experiment.result import Result
from neuromech.loop import Loop
from neuromech.specs import compose, content, keywords
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run
from neuromech.world import body as bodies
from neuromech.world.body import Body

if TYPE_CHECKING:
    from neuromech.viewer.window import Window

FROM_PYTHON = "from_python"
"""Name under which a controller that was given from Python is recorded."""


class Experiment:
    """What a run is made of: body, environment, controller, clock, perturbations.

    `Experiment.load` makes one; `body`, `environment` and `controller` may be replaced before `run`.
    """

    def __init__(self, settings: Run, config_dirs: Sequence[Path] = ()) -> None:
        self.settings = settings
        self._config_dirs = tuple(config_dirs)
        self._body: Body | None = None
        self._controller: Any = None

    @staticmethod
    def load(name: str, config_dirs: Sequence[Path | str] = (), **overrides: Any) -> Experiment:
        """Return the experiment of a name.

        Parameters
        ----------
        name : a file of configs/experiment, without its ending; `neuromech list experiments` names them.
        config_dirs : folders of configurations of one's own, searched first; `bodies/`, `environments/` and
            `controllers/` beside them are searched, too.
        overrides : any key of the configuration; see `neuromech.specs.keywords.overrides`.

        Raises
        ------
        InputError
            There is no such experiment, or a key or value is wrong; says which and the nearest valid names.
        """
        folders = tuple(Path(each).expanduser() for each in config_dirs)
        return Experiment(_settings(name, folders, overrides), folders)

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.settings.experiment

    @property
    def body(self) -> Body:
        """The body, with the names of its muscles, landmarks and senses; may be set to a body's name."""
        if self._body is None:
            self._body = bodies.load(self.settings.body)
        return self._body

    @body.setter
    def body(self, name: str) -> None:
        self._replace("bodies", name)
        self._body = None

    @property
    def environment(self) -> Any:
        """What environment.yaml and the experiment say of the world; may be set to an environment's name."""
        return self.settings.environment

    @environment.setter
    def environment(self, name: str) -> None:
        self._replace("environments", name)

    @property
    def controller(self) -> Any:
        """What stands in the loop: the controller's settings, or what was put in its place.

        May be set to a controller's name, to what `neuromech.functions` returns, or to an object with
        `reset(seed)` and `act(observation)`. What is replaced is neither built nor compiled.
        """
        return self.settings.controller if self._controller is None else self._controller

    @controller.setter
    def controller(self, controller: Any) -> None:
        named = isinstance(controller, str)
        self._replace("controllers", controller if named else FROM_PYTHON)
        self._controller = None if named else controller

    def run(
        self,
        *,
        seeds: Sequence[int] | None = None,
        output: Path | str | None = None,
        video: bool = False,
        progress: bool = False,
        state: State | None = None,
    ) -> Result:
        """Play the episodes and return what they leave.

        Parameters
        ----------
        seeds : seeds of the episodes, which follow each other; those of the experiment if left out.
        output : the folder, whose earlier results are deleted; a new one in `simulations/` if left out.
        video : whether to make the video now; `Result.video` makes it later.
        progress : whether to show progress bars.
        state : what `state_at` of an experiment like this one returned. The only episode goes on from there,
            until `duration_s`, which is counted from its beginning; the duration, environment and
            perturbations may be other ones.

        Raises
        ------
        InputError
            Something does not fit; nothing has been written then.
        """
        settings = dataclasses.replace(self.settings, video=video)
        if seeds is not None:
            first, count = keywords.consecutive(seeds)
            settings = dataclasses.replace(settings, seed=first, episodes=count)
        if output is not None:
            settings = dataclasses.replace(settings, output=as_path("output", output))
        elif settings.output.exists():
            settings = dataclasses.replace(settings, output=_free(settings.output))
        self._check_perturb()
        return Result(run_experiment(settings, progress, self._controller, state), self._config_dirs)

    def state_at(self, time_s: float) -> State:
        """Play the first episode up to a time and return its state: body, world, senses, brain and noise.

        Nothing is written. `State.save` keeps it in a file, `State.load` reads it, in another process too,
        and `run(state=...)` goes on from it, to the last bit as the episode would have.

        Parameters
        ----------
        time_s : the moment, s after the beginning; the nearest end of a control period is taken.

        Raises
        ------
        InputError
            The time is not above 0 or after the end, or the controller cannot save its state.

        Examples
        --------
        >>> import neuromech as nm
        >>> experiment = nm.Experiment.load("worm_crawl", duration_s=0.3)
        >>> state = experiment.state_at(0.1)
        >>> state.about["time_s"]
        0.1
        """
        time_s = positive("time_s", time_s)
        if time_s > self.settings.duration_s:
            raise InputError(f"time_s={time_s:g} is after the end, duration_s={self.settings.duration_s:g}")
        self._check_perturb()
        loop = Loop.of(self.settings, controller=self._controller)
        loop.advance(time_s)
        return loop.save_state()

    def view(self, *, host: str = "127.0.0.1", port: int = 0, speed: float | None = 1.0) -> Window:
        """Open a window in the browser on the running loop; `url` of what is returned is its address.

        Parameters
        ----------
        host, port : where its server listens; only this machine reaches the usual host.
        speed : simulated seconds per second to begin with, None for as fast as it can.

        Raises
        ------
        InputError
            The extra `view` is not installed, or something does not fit.
        """
        from neuromech.viewer.window import Window  # late: few who run an experiment open a window

        self._check_perturb()
        return Window(self.settings, self._controller, host=host, port=port, speed=speed)

    def _check_perturb(self) -> None:
        if self._controller is not None and self.settings.perturb != Perturb():
            raise InputError("perturb acts on the neurons of a wiring, and this controller is your own")

    def _replace(self, kind: content.Kind, name: str) -> None:
        part = content.load(kind, name, config_dirs=self._config_dirs)
        self.settings = dataclasses.replace(self.settings, **{content.SECTION[kind]: part})

    def __repr__(self) -> str:
        parts = (self.settings.body, self.settings.environment, self.settings.controller)
        body, environment, controller = (part.name for part in parts)
        return f"Experiment({self.name!r}: {body} in {environment}, controller {controller})"


def run(
    name: str,
    *,
    output: Path | str | None = None,
    video: bool = False,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
    **overrides: Any,
) -> Result:
    """Run an experiment and return what it leaves.

    Parameters
    ----------
    name : of the experiment.
    output, video, progress : as for `Experiment.run`.
    config_dirs, overrides : as for `Experiment.load`. `seeds=range(5)` plays five episodes; the keys of
        `perturb` may stand alone, as in `ablate=["ASEL", "ASER"]`; `controller` may also be an object.

    Raises
    ------
    InputError
        A name, key or value is wrong; says which and the nearest valid names.

    Examples
    --------
    >>> import neuromech as nm
    >>> result = nm.run("worm_chemotaxis", duration_s=2, ablate=["ASEL", "ASER"], video=False)
    >>> result.metrics.loc["speed_mm_s", "unit"]
    'mm/s'
    """
    own = overrides.get("controller")
    if own is not None and not isinstance(own, str | dict):
        del overrides["controller"]
    experiment = Experiment.load(name, config_dirs, **overrides)
    if own is not None and not isinstance(own, str | dict):
        experiment.controller = own
    return experiment.run(output=output, video=video, progress=progress)


def _settings(name: str, folders: Sequence[Path], overrides: dict[str, Any]) -> Run:
    return compose.load_run([*keywords.overrides({"experiment": name, **overrides})], folders)


def _free(folder: Path) -> Path:
    """Return a folder beside this one that is not there yet: two runs of one second must not share it."""
    count = 2
    while (free := folder.with_name(f"{folder.name}-{count}")).exists():
        count += 1
    return free
