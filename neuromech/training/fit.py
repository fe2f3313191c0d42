"""`neuromech fit`: search class-shared parameters of a brain by CMA-ES, on the body itself.

The search (Hansen 2016, arXiv:1604.00772) is that of the `cma` library. Every generation is appended to
history.npz, so a fit that is stopped goes on where it was.
"""

import copy
import json
import multiprocessing
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import cma
import numpy as np
import yaml

from neuromech._lib import dask_cluster, dask_work
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import write_text
from neuromech._lib.numbers import whole
from neuromech._lib.progress import bar as progress_bar
from neuromech.batch import watch
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run
from neuromech.tracking.trackers.measures import measure
from neuromech.training import checkpoint, fit_spec
from neuromech.training.goals import Scenario, interval, scenarios

EDGE = 0.02
"""The smallest distance of starting values from their bounds, as a share of the range: the search is flat
beyond."""


LARGEST_SEED = 2**31
"""The largest seed of a fit: the library takes whole numbers of 32 bits, and one more than this."""


@dataclass(frozen=True)
class Problem:
    """The free parameters of a fit, their bounds, and its goals.

    `config_dirs` are the user's own configurations, searched first in every run; `earlier` are the fits that
    led to `base`.
    """

    bounds: Mapping[str, tuple[float, float]]
    base: Mapping[str, Any]
    scenarios: tuple[Scenario, ...]
    config_dirs: tuple[Path, ...] = ()
    earlier: tuple[Mapping[str, Any], ...] = ()

    def encode(self, parameters: Mapping[str, Any]) -> np.ndarray:
        """Free parameters as unbounded numbers (logit of the place between the bounds)."""
        place = np.array(
            [(_get(parameters, name) - low) / (high - low) for name, (low, high) in self.bounds.items()]
        )
        place = np.clip(place, EDGE, 1 - EDGE)
        return np.log(place / (1 - place))

    def decode(self, point: Sequence[float]) -> dict[str, Any]:
        """The full set of parameters of a search point."""
        parameters = copy.deepcopy(dict(self.base))
        for (name, (low, high)), value in zip(self.bounds.items(), point, strict=True):
            _set(parameters, name, float(low + (high - low) / (1 + np.exp(-value))))
        return parameters

    def cost(self, parameters: Mapping[str, Any]) -> tuple[float, dict[str, dict[str, float | None]]]:
        """Total cost of a set of parameters and, per scenario, what was measured (mean over its seeds)."""
        total, seen = 0.0, {}
        for index, scenario in enumerate(self.scenarios):
            measured = _simulate(scenario, parameters, self.config_dirs)
            seen[scenario.name] = _mean(measured)
            cost = 0.0
            for goal in scenario.goals:
                reference = seen[goal.relative_to].get(goal.measure) if goal.relative_to else None
                cost += float(np.mean([goal.cost(one.get(goal.measure), reference) for one in measured]))
            total += cost
            if cost > scenario.gate:
                total += sum(later.worst for later in self.scenarios[index + 1 :])
                break
        return total, seen


def run_fit(settings: Mapping[str, Any], progress: bool = True, config_dirs: Sequence[Path] = ()) -> Path:
    """Run or resume the fit that a composed configs/fit.yaml describes; returns the result's parameters.yaml.

    Keys: `controller`, `parameters` ({name: [low, high]}), `scenarios`, `run`, `search` (generations,
    population, sigma, workers; with `diagonal` each parameter gets a step of its own but none goes with
    another: sep-CMA-ES), `seed`, `output`, `cluster` (where it is worked out: see `neuromech evaluate`; the
    cores of this machine if it is null). `config_dirs` are searched first for configurations, and for
    bodies, environments and controllers beside them.

    Raises
    ------
    InputError
        A key, parameter or scenario is wrong, or the cluster does not answer.
    """
    spec = fit_spec.checked(settings)
    dask_cluster.check(spec.cluster, None)
    search = spec.search
    if search is None:
        raise InputError(f"fit {spec.fit}: search is missing")
    problem = _problem(settings, config_dirs)
    folder = fit_spec.folder(settings, Path("fits") / spec.fit)
    history = _History.open(folder / "history.npz", list(problem.bounds), search.population)
    strategy = cma.CMAEvolutionStrategy(
        problem.encode(problem.base),
        search.sigma,
        {
            "popsize": search.population,
            "seed": spec.seed + 1,
            "verbose": -9,
            "CMA_diagonal": search.diagonal,
        },
    )
    if history.points:
        strategy.feed_for_resume(np.concatenate(history.points), np.concatenate(history.costs))
    generations = search.generations
    began = time.perf_counter()
    done = len(history.costs)
    if done >= generations and history.points:
        return folder / "parameters.yaml"
    with (
        _workers(settings, config_dirs, spec.cluster, search.workers) as evaluate,
        progress_bar(progress, total=generations, initial=done, unit="generation") as bar,
    ):
        for _ in range(done, generations):
            points = strategy.ask()
            costs = evaluate(points)
            strategy.tell(points, costs)
            history.append(np.array(points), np.array(costs), time.perf_counter() - began)
            began = time.perf_counter()
            _publish(folder, settings, problem, history)
            bar.set_postfix(best=f"{history.best[1]:.3f}", median=f"{np.median(costs):.2f}")
            bar.update()
    return folder / "parameters.yaml"


class _History:
    """All generations of a fit, on disk as plain arrays: no pickled search state is ever loaded."""

    def __init__(self, path: Path, names: list[str]) -> None:
        self.path, self.names = path, names
        self.points: list[np.ndarray] = []
        self.costs: list[np.ndarray] = []
        self.wall_s = 0.0

    @staticmethod
    def open(path: Path, names: list[str], population: int) -> "_History":
        history = _History(path, names)
        saved = checkpoint.load(path)
        if saved is not None:
            if list(saved["names"]) != names:
                raise InputError(f"{path} is from a fit of other parameters; choose another output")
            if saved["costs"].shape[1] != population:
                raise InputError(f"{path} is from a fit of another population; choose another output")
            history.points, history.costs = list(saved["points"]), list(saved["costs"])
            history.wall_s = float(saved["wall_s"])
        return history

    @property
    def best(self) -> tuple[np.ndarray, float]:
        points, costs = np.concatenate(self.points), np.concatenate(self.costs)
        return points[np.argmin(costs)], float(costs.min())

    def append(self, points: np.ndarray, costs: np.ndarray, wall_s: float) -> None:
        self.points.append(points)
        self.costs.append(costs)
        self.wall_s += wall_s
        history = {"names": self.names, "points": self.points, "costs": self.costs, "wall_s": self.wall_s}
        checkpoint.save(self.path, history)


@contextmanager
def _workers(
    settings: Mapping[str, Any], config_dirs: Sequence[Path], cluster: str | None, workers: int | None
) -> Iterator[Callable[[Sequence[np.ndarray]], list[float]]]:
    """Give what evaluates the points of a generation, by the workers of a cluster or of this machine.

    Without Dask they are processes of a pool: the same costs, but a worker that is killed ends the fit.
    """
    text, folders = json.dumps(dict(settings), default=str), tuple(map(str, config_dirs))
    if cluster is None and not dask_cluster.installed():
        context = multiprocessing.get_context("spawn")
        with context.Pool(workers or os.cpu_count() or 1) as pool:
            yield lambda points: pool.map(partial(_cost_of, text, folders), points, chunksize=1)
        return
    with dask_cluster.client(cluster, workers) as client:
        yield lambda points: dask_work.gathered(
            client, _cost_of, [(text, folders, point) for point in points], "point"
        )


def _cost_of(settings: str, config_dirs: tuple[str, ...], point: np.ndarray) -> float:
    """Return the cost of a point of the search, in whatever process."""
    problem = _problem_of(settings, config_dirs)
    return problem.cost(problem.decode(list(point)))[0]


@cache
def _problem_of(settings: str, config_dirs: tuple[str, ...]) -> Problem:
    return _problem(json.loads(settings), [Path(each) for each in config_dirs])


def _simulate(
    scenario: Scenario, parameters: Mapping[str, Any], config_dirs: tuple[Path, ...]
) -> list[dict[str, float | None]]:
    """Return what is measured of the seeds of a scenario, which are played side by side."""
    runs = [
        _composed((*scenario.run, f"seed={seed}", *scenario.over), config_dirs) for seed in scenario.seeds
    ]
    episodes = watch([Loop.of(run, parameters) for run in runs])
    return [measure(episode, *scenario.window_s) for episode in episodes]


@cache
def _composed(overrides: tuple[str, ...], config_dirs: tuple[Path, ...]) -> Run:
    """Composing takes a fifth of a short episode's time, and a fit asks for few runs thousands of times."""
    return load_run(overrides, config_dirs)


def _problem(settings: Mapping[str, Any], config_dirs: Sequence[Path] = ()) -> Problem:
    spec = fit_spec.checked(settings)
    whole("seed", spec.seed, most=LARGEST_SEED)
    for key in ("parameters", "scenarios"):
        if not getattr(spec, key):
            raise InputError(f"fit {spec.fit}: {key} is missing")
    folder = content.find("controllers", spec.controller_name, config_dirs)
    given = content.read_yaml(folder / "parameters.yaml")
    base = given["parameters"]
    bounds = {}
    for name, ends in spec.parameters.items():
        _get(base, name)
        bounds[name] = interval(f"fit parameter {name}", ends)
    earlier = tuple(given.get("fits", ()))
    given_scenarios = scenarios(settings["scenarios"], spec.run)
    return Problem(bounds, base, given_scenarios, tuple(config_dirs), earlier)


def _publish(folder: Path, settings: Mapping[str, Any], problem: Problem, history: _History) -> None:
    point, cost = history.best
    command = [f"neuromech fit fit={settings['fit']} seed={settings['seed']}"]
    if settings.get("run"):
        command.append(shlex.quote(f"run={json.dumps(list(settings['run']))}"))
    command += [f"--config-dir {path}" for path in problem.config_dirs]
    # A shared value written twice would be a YAML alias, which people find hard to read.
    stage = {
        "command": " ".join(command),
        "seed": settings["seed"],
        "score": round(cost, 4),
        "evaluations": int(sum(len(costs) for costs in history.costs)),
        "wall_time_min": round(history.wall_s / 60, 1),
    }
    result = {
        # What the search started from is part of how its result was found.
        "fits": [*problem.earlier, stage],
        "parameters": rounded(problem.decode(list(point))),
    }
    write_text(folder / "parameters.yaml", yaml.safe_dump(result, sort_keys=False))


def rounded(tree: Any) -> Any:
    """Return nested mappings with every number cut to five digits."""
    if isinstance(tree, Mapping):
        return {key: rounded(value) for key, value in tree.items()}
    return float(f"{tree:.5g}") if isinstance(tree, float) else tree


def _mean(measured: list[dict[str, float | None]]) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for name in measured[0]:
        values = [value for one in measured if (value := one.get(name)) is not None]
        out[name] = float(np.mean(values)) if values else None
    return out


def _get(parameters: Mapping[str, Any], path: str) -> float:
    section, _, name = path.partition(".")
    values = parameters.get(section)
    value = values.get(name) if name and isinstance(values, Mapping) else values
    if not isinstance(value, int | float):
        raise unknown("fit parameter", path, _names(parameters))
    return float(value)


def _names(parameters: Mapping[str, Any]) -> list[str]:
    """All numbers of parameters.yaml as a fit names them: tone, leak_nS.A."""
    pairs = [(key, value if isinstance(value, Mapping) else {"": value}) for key, value in parameters.items()]
    return [f"{section}.{name}".rstrip(".") for section, values in pairs for name in values]


def _set(parameters: dict[str, Any], path: str, value: float) -> None:
    section, _, name = path.partition(".")
    if name:
        parameters[section][name] = value
    else:
        parameters[section] = value
