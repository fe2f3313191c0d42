"""Numbers of a controller, or of a network, trained by evolution on the reward of an experiment.

The search is CMA-ES (Hansen 2016, arXiv:1604.00772), by the `cma` library, on the same bounded coordinates
as `neuromech fit`. A generation's random numbers follow from (seed, generation), and all its candidates meet
the same episodes. A search goes on by repeating it with the saved costs of its generations.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

import cma
import numpy as np

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError
from neuromech._lib.progress import bar as progress_bar
from neuromech.controllers.policy import MusclePolicy
from neuromech.controllers.policy_network import Network
from neuromech.controllers.policy_plan import OF_CONTROLLERS
from neuromech.specs import content
from neuromech.specs.checking import Origin
from neuromech.specs.checking import check as as_spec
from neuromech.training import checkpoint, curves, synapse_strengths
from neuromech.training.fit import Problem
from neuromech.training.goals import interval
from neuromech.training.learners import Learner, Settings
from neuromech.training.network_weights import Weights
from neuromech.training.rewarded_episode import BrokeDown, play
from neuromech.training.train_spec import EvolutionSpec, ParametersTask, PolicyGradientSpec
from neuromech.training.training_task import TrainingTask


@runtime_checkable
class Strategy(Protocol):
    """A search, a generation at a time, that draws its random numbers from NumPy's global generator."""

    @property
    def popsize(self) -> int:
        """Candidates in each generation."""
        ...

    @property
    def mean(self) -> np.ndarray:
        """Where the search is, (number,)."""
        ...

    @property
    def sigma(self) -> float:
        """How far from there it looks."""
        ...

    def ask(self) -> list[np.ndarray]:
        """Return the candidates of the next generation, (number,) each."""
        ...

    def tell(self, points: list[np.ndarray], costs: list[float], /) -> Any:
        """Take the costs of a generation."""
        ...


@runtime_checkable
class Search(Protocol):
    """Numbers with names, and what is made of them."""

    @property
    def bounds(self) -> Collection[str]:
        """The names of the numbers, in their order."""
        ...

    def decode(self, point: Sequence[float]) -> Network | Mapping[str, Any]:
        """Return the network, or the parameters of the task's controller, of some numbers."""
        ...


Given = TypeVar("Given", bound=EvolutionSpec)
Make = Callable[[np.ndarray, Given, int], Strategy]
"""From where it begins, the settings and a seed to a search."""


def evolving(start: np.ndarray, given: EvolutionSpec, seed: int) -> Strategy:
    """Return a search by CMA-ES."""
    options = {"popsize": given.population, "seed": seed + 1, "verbose": -9}
    return cma.CMAEvolutionStrategy(start, given.sigma, options)


def learn(
    task: TrainingTask,
    settings: Settings,
    spec: type[Given] = EvolutionSpec,
    make: Make[Given] = evolving,
) -> Network | dict[str, Any]:
    """Search until the steps, which are generations, are done; go on from the checkpoint if there is one.

    The network or all parameters of the controller are returned: those of the centre of the last generation,
    not its luckiest member.
    Ctrl-C and SIGTERM are raised between two generations, each of which is saved. Where `spawn` is set, as
    many processes as `envs` evaluate a generation. `spec` is what `algorithm` may say, and `make` the search.

    Raises
    ------
    InputError
        A setting is wrong, or the checkpoint is from a search of other parameters.
    """
    algorithm, folder, seed = settings.algorithm, settings.folder, settings.seed
    generations, workers = settings.steps, settings.envs if settings.spawn else 1
    given = as_spec(spec, algorithm, Origin(above=("algorithm",)))
    search, start = searched(task, given, seed)
    population, strategy = given.population, make(start, given, seed)
    path = folder / "checkpoint.npz"
    costs, rows = _replayed(strategy, checkpoint.load(path), list(search.bounds), seed)
    with (
        _pool(task, search, workers) as evaluate,
        interrupts.asking() as check,
        progress_bar(settings.progress, total=generations, initial=len(costs), unit="generation") as bar,
    ):
        while len(costs) < generations:
            clock = curves.Clock()
            points = _ask(strategy, seed, len(costs))
            seeds = _seeds(seed, len(costs), given.episodes)
            found = evaluate(points, seeds)
            earned = [each for each in found if each is not None]
            if not earned:
                raise InputError("the physics broke down with every candidate of a generation")
            # A candidate that breaks the physics counts as the worst of the others.
            worst = max(-sum(each.values()) for each in earned)
            cost = np.array([worst if each is None else -sum(each.values()) for each in found])
            strategy.tell(points, list(cost))
            costs.append(cost)
            evaluations = len(costs) * population
            row = {
                "steps": float(evaluations),
                "simulated_s": evaluations * len(seeds) * float(task.spec["episode_s"]),
                **clock.row(rows),
                curves.REWARD: float(-cost.mean()),
                **{f"{name}_per_s": float(np.mean([e[name] for e in earned])) for name in earned[0]},
                "best": float(-cost.min()),
                "sigma": float(strategy.sigma),
            }
            rows.append(row)
            checkpoint.save(
                path, {"names": list(search.bounds), "costs": costs, "curve": curves.columns(rows)}
            )
            curves.write(folder, rows)
            bar.set_postfix(reward_per_s=f"{row[curves.REWARD]:.4f}")
            bar.update()
            check()
    made = search.decode(list(strategy.mean))
    return made if isinstance(made, Network) else dict(made)


def searched(task: TrainingTask, given: EvolutionSpec, seed: int) -> tuple[Search, np.ndarray]:
    """Return what is searched, and where the search begins."""
    if task.learner in OF_CONTROLLERS:
        found = problem(task)
        return found, beginning(task, found)
    assert isinstance(given, PolicyGradientSpec)
    weights = Weights.of(task, given.hidden, seed)
    return weights, weights.start(seed)


def problem(task: TrainingTask) -> Problem:
    """Return the free parameters, their bounds, and the parameters of the controller under the learner."""
    assert task.under is not None
    if task.learner == "wiring":
        return synapse_strengths.problem(task)
    base = content.parameters(task.under.folders)
    bounds = {
        str(name): interval(f"learners.parameters.bounds.{name}", ends)
        for name, ends in as_spec(ParametersTask, task.spec).bounds.items()
    }
    found = Problem(bounds, base, ())
    found.encode(base)  # names the nearest parameters where one is not there
    return found


def beginning(task: TrainingTask, search: Problem) -> np.ndarray:
    """Return where the search begins: `start`, a share of every range, or else the fitted parameters."""
    share = task.spec.get("start")
    if share is None or task.learner == "wiring":  # whose start is told by how strong its synapses begin
        return search.encode(search.base)
    return np.full(len(search.bounds), np.log(share / (1 - share)))


def _ask(strategy: Strategy, seed: int, generation: int) -> list[np.ndarray]:
    # The library draws from numpy's global generator.
    np.random.seed(int(np.random.SeedSequence([seed, generation]).generate_state(1)[0]))
    return strategy.ask()


def _seeds(seed: int, generation: int, count: int) -> tuple[int, ...]:
    """Return the seeds of a generation's episodes, far from those of evaluations."""
    drawn = np.random.SeedSequence([seed, generation, 1]).generate_state(count)
    return tuple(1_000_000 + int(each >> 1) for each in drawn)


def _replayed(
    strategy: Strategy, saved: Mapping[str, Any] | None, names: list[str], seed: int
) -> tuple[list[np.ndarray], list[dict[str, float]]]:
    """Bring the search to the state of a checkpoint; return the costs and the learning curve."""
    if saved is None:
        return [], []
    if [str(name) for name in saved["names"]] != names:
        raise InputError("the checkpoint is from a training of other parameters; choose another output")
    if saved["costs"].shape[1] != strategy.popsize:
        raise InputError("the checkpoint is from a training of another population; choose another output")
    costs = list(saved["costs"])
    for generation, cost in enumerate(costs):
        strategy.tell(_ask(strategy, seed, generation), list(cost))
    return costs, curves.rows_of(saved["curve"])


def _evaluate(
    task: TrainingTask, search: Search, point: np.ndarray, seeds: tuple[int, ...]
) -> dict[str, float] | None:
    """Return the reward's terms per second of a candidate, mean over its episodes.

    None where the physics of one of them broke down.
    """
    made, own, parameters = search.decode(list(point)), None, None
    if isinstance(made, Network):
        assert task.plan is not None
        own = MusclePolicy(task.plan, made, task.run.clock.control_s)
    else:
        parameters = made
    try:
        found = [play(replace(task.training, seed=seed), task.reward, parameters, own)[0] for seed in seeds]
    except BrokeDown:
        return None
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


@contextlib.contextmanager
def _pool(
    task: TrainingTask, search: Search, workers: int
) -> Iterator[Callable[[list[np.ndarray], tuple[int, ...]], list[dict[str, float] | None]]]:
    """Provide the function that evaluates a generation, in this process or in several."""
    evaluate = partial(_evaluate, task, search)
    if workers == 1:
        yield lambda points, seeds: [evaluate(point, seeds) for point in points]
        return
    # Ctrl-C reaches the whole group of processes: the parent decides when these end.
    deaf = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with multiprocessing.get_context("spawn").Pool(workers, deaf) as pool:
        yield lambda points, seeds: pool.starmap(evaluate, [(point, seeds) for point in points], chunksize=1)


EVOLUTION = Learner(learn, OF_CONTROLLERS, "episodes tried")
"""Evolution trains numbers of a controller."""
