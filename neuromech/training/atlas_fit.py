"""A fit by gradient to a measured functional atlas: who answers whom, and how much.

Every neuron of the atlas is driven in turn in the brain out of its body, and numbers shared by classes are
changed along the gradient so that functional pairs answer more than the others. At the same time the muscles
shall get what they got on recorded inputs (`kept_behaviour`). Classes of driven neurons are dealt to parts of
which one may be left out of the fit: what the fit says of it is a prediction.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import yaml
from jaxtyping import Array, Float
from scipy import stats

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing, write_text
from neuromech._lib.progress import bar as progress_bar
from neuromech.brain import descending_drive
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.graded import Graded
from neuromech.brain.neurons.graded_sharing import GradedSharing, as_numbers, as_point
from neuromech.brain.neurons.models import MODELS
from neuromech.comparison.measured_atlas import MeasuredAtlas
from neuromech.specs import content, datasets
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.compose import load_run
from neuromech.specs.controller import WiredSpec, has_ion_channels
from neuromech.specs.values import Count, Name, NotNegative, Positive, Share, Whole
from neuromech.training import checkpoint, fit_spec
from neuromech.training.fit import LARGEST_SEED, interval
from neuromech.training.fit_spec import FitSpec
from neuromech.training.kept_behaviour import Kept

EDGE = 0.02
"""The smallest distance of starting values from their bounds, as a share of the range."""
FAINT_MV = 1e-3
"""Responses are compared by the logarithm of their size plus this much, mV: smaller ones are none."""
MOVED_MV = 3e-3
"""A pair that moves less than this is pushed to move more, mV."""
SOFT = 0.7
"""Two responses count as clearly different where the logarithm of their sizes differs by this much."""
COMPRESSED_MV = 0.05
"""Amplitudes are compared where they are compressed, beyond this many mV."""
CHECKPOINT = 20
"""Steps from one checkpoint, and one row of the curve, to the next."""


@strict
@dataclass(frozen=True, kw_only=True)
class KeptSpec:
    """An episode whose muscles shall get what they got before."""

    run: tuple[str, ...]
    """`key=value` texts of a run."""


@strict
@dataclass(frozen=True, kw_only=True)
class AtlasFitSpec:
    """The key `gradient` of a fit with `method: atlas`."""

    measured: Name
    """The measured atlas: a name of `neuromech data list`, or a path."""
    strain: Name = "wt"
    """Of the animals."""
    folds: Count = 5
    """Into how many parts the classes of driven neurons are dealt."""
    held_out: Whole | None = None
    """The part that is left out of the fit, from 0; null for none."""
    current_pA: Positive = 20.0
    """The current into the driven neuron."""
    drive_s: Positive = 2.0
    """How long it is driven."""
    settle_s: Positive = 10.0
    """How long the brain rests before."""
    step_s: Positive = 0.04
    """Time between two steps of the brain, longer than in a run, to be quick."""
    iterations: Count = 200
    """Steps of the gradient."""
    rate: Positive = 0.05
    """Learning rate of Adam; a tenth of it for the last fifth."""
    amplitude: NotNegative = 0.3
    """How much the order of the amplitudes of functional pairs counts, beside which pairs are functional."""
    moving: NotNegative = 0.1
    """How much it counts that pairs move at all."""
    prior: NotNegative = 0.01
    """How strongly numbers are held to what they were."""
    keep: NotNegative = 1.0
    """How much the kept behaviour counts."""
    kept: tuple[KeptSpec, ...] = ()
    """Episodes whose behaviour is kept."""
    neurons: tuple[Name, ...] = ()
    """Neurons, classes, types or groups whose activity is kept in them, too."""
    negatives: Share = 0.2
    """Share of the pairs that are not functional which each step looks at."""


def run(settings: Mapping[str, Any], progress: bool = True, config_dirs: Sequence[Path] = ()) -> Path:
    """Fit what a composed configs/fit.yaml with `method: atlas` describes, or go on with it.

    Its keys are `controller`, `parameters` ({name: [low, high]}; a name that parameters.yaml does not have
    begins as what holds for its neurons), `run` (of every episode and of the brain: shuffled wiring),
    `gradient` (see `AtlasFitSpec`), `seed` and `output`. The folder then holds parameters.yaml, which is
    returned, curve.csv and checkpoint.npz.

    Raises
    ------
    InputError
        A key, name or number is wrong, or the output folder is of another fit.
    """
    spec = fit_spec.checked(settings)
    if spec.cluster is not None:
        raise InputError(f"cluster={spec.cluster}: a fit by gradient is worked out by one process")
    if not 0 <= spec.seed <= LARGEST_SEED:
        raise InputError(f"seed must be at most {LARGEST_SEED}")
    given = check(AtlasFitSpec, spec.gradient or {}, Origin(above=("gradient",)))
    output = fit_spec.folder(settings, Path("fits") / spec.fit)
    fit = AtlasFit(spec, given, output, config_dirs)
    with progress_bar(progress, total=given.iterations, initial=fit.done, unit="step") as bar:
        while fit.done < given.iterations:
            told = fit.advance()
            if fit.done % CHECKPOINT == 0 or fit.done == given.iterations:
                fit.save()
                fit.publish(settings)
            bar.set_postfix({key: f"{value:.3f}" for key, value in told.items()})
            bar.update()
    return output / "parameters.yaml"


class AtlasFit:
    """The state of a fit: free numbers, optimiser and curve.

    What is drawn in a step follows from the seed and its number, so that a fit goes on as if never stopped.
    """

    def __init__(
        self, spec: FitSpec, given: AtlasFitSpec, output: Path, config_dirs: Sequence[Path] = ()
    ) -> None:
        self.spec, self.given, self.path = spec, given, output / "checkpoint.npz"
        if not spec.parameters:
            raise InputError(f"fit {spec.fit}: parameters is missing")
        plain = load_run(("experiment=worm_crawl", *spec.run) if not spec.run else spec.run, config_dirs)
        controller = plain.controller
        if not isinstance(controller, WiredSpec) or not issubclass(MODELS[controller.model], Graded):
            raise InputError(f"fit {spec.fit}: {controller.name} is no brain of graded neurons")
        if has_ion_channels(controller):
            raise InputError(f"fit {spec.fit}: a fit of graded neurons needs controller.detail=graded")
        folder = content.find("controllers", spec.controller_name, config_dirs)
        written = content.read_yaml(folder / "parameters.yaml")
        self._earlier = tuple(written.get("fits", ()))
        circuit = Circuit.load(controller, plain.perturb, plain.seed, written["parameters"])
        self.sharing = GradedSharing.of(circuit, list(spec.parameters))
        ends = [interval(f"fit parameter {name}", each) for name, each in spec.parameters.items()]
        self._low, self._high = np.array(ends, np.float32).T
        if (self._low < 0).any() and any(
            low < 0 and name.split(".")[0] in ("leak_nS", "tau_ms")
            for name, (low, _) in zip(spec.parameters, ends, strict=True)
        ):
            raise InputError("leak_nS and tau_ms must stay above 0")
        names = tuple(circuit.connectome.neurons)
        measured = MeasuredAtlas.read(datasets.locate(given.measured), given.strain).among(names)
        if given.held_out is not None:
            if given.held_out >= given.folds:
                raise InputError(
                    f"gradient.held_out={given.held_out}: there are parts 0 to {given.folds - 1}"
                )
            out = measured.fold(circuit.connectome.classes, given.held_out, given.folds)
            measured = measured.of_driven(~out)
        self._command = jnp.asarray(descending_drive.at_start_pA(circuit))
        self._goal = _Goal.of(measured)
        runs = [load_run((*each.run, *_without_experiment(spec.run)), config_dirs) for each in given.kept]
        self._kept = [Kept.of(each, written["parameters"], given.neurons) for each in runs]
        self.start = as_point(self.sharing.start, self._low, self._high, EDGE).astype(np.float32)
        rate = optax.piecewise_constant_schedule(given.rate, {round(0.8 * given.iterations): 0.1})
        rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))
        self.point = jnp.asarray(self.start)
        self._state: Any = rule.init(self.point)
        self.curve: list[dict[str, float]] = []
        self.wall_s = 0.0
        self._resume()

        @jax.jit
        def learn(point: Array, state: Any, number: Array) -> tuple[Any, Any, Any]:
            (loss, told), slope = jax.value_and_grad(self._loss, has_aux=True)(point, number)
            change, state = rule.update(slope, state)
            return optax.apply_updates(point, change), state, {"loss": loss, **told}

        self._learn = learn

    @property
    def done(self) -> int:
        """Steps that were made."""
        return len(self.curve)

    @property
    def numbers(self) -> np.ndarray:
        """The free numbers as they are now."""
        return np.asarray(as_numbers(self.point, self._low, self._high))

    def advance(self) -> dict[str, float]:
        """Make one step; returns the loss and its parts before it.

        Raises
        ------
        InputError
            The loss is no longer finite.
        """
        began = time.perf_counter()
        number = jnp.int32(self.done)
        self.point, self._state, told = self._learn(self.point, self._state, number)
        self.curve.append({name: float(value) for name, value in told.items()})
        self.wall_s += time.perf_counter() - began
        if not np.isfinite(self.curve[-1]["loss"]):
            raise InputError(f"the loss is not finite after {self.done} steps; lower gradient.rate")
        return self.curve[-1]

    def _loss(self, point: Array, number: Array) -> tuple[Array, dict[str, Array]]:
        given, key = self.given, jax.random.fold_in(jax.random.key(self.spec.seed), number)
        network = self.sharing.network(as_numbers(point, self._low, self._high))
        responses = self._responses(network)
        told = self._goal.losses(responses, key, given.negatives)
        if self._kept:  # one of them at a time: an episode takes longer than the whole atlas
            errors = [each.error for each in self._kept]
            told["kept"] = jax.lax.switch(number % len(errors), errors, network)
        weights = {"order": 1.0, "amplitude": given.amplitude, "moving": given.moving, "kept": given.keep}
        loss = sum((weights[name] * value for name, value in told.items()), jnp.zeros(()))
        return loss + given.prior * ((point - self.start) ** 2).mean(), told

    def _responses(self, network: Graded) -> Float[Array, "neuron driven"]:
        """Return how the potentials (mV) change when each neuron of the atlas is driven."""
        given, cells = self.given, self._goal.driven
        present = jnp.ones(len(self._command))

        def course(state: Any, current: Array, duration_s: float) -> Any:
            def step(before: Any, _: None) -> tuple[Any, None]:
                return network.step(before, current, present, 1e3 * given.step_s), None

            return jax.lax.scan(step, state, None, length=round(duration_s / given.step_s))[0]

        late = min(given.drive_s, given.settle_s)
        settled = course(jax.lax.stop_gradient(network.init()), self._command, given.settle_s - late)
        rest = course(jax.lax.stop_gradient(settled), self._command, late)
        driven = self._command + given.current_pA * jax.nn.one_hot(cells, len(self._command))
        after = jax.vmap(lambda current: course(rest, current, given.drive_s))(driven)
        still = course(rest, self._command, given.drive_s)
        return (jax.vmap(network.activity)(after) - network.activity(still)).T

    def save(self) -> None:
        """Write the checkpoint."""
        leaves = {str(k): leaf for k, leaf in enumerate(jax.tree.leaves(self._state))}
        curve = {name: [row[name] for row in self.curve] for name in self.curve[0]}
        about = {"curve": curve, "wall_s": self.wall_s, "digest": self._digest(), "point": self.point}
        checkpoint.save(self.path, {**about, "leaf": leaves})

    def _resume(self) -> None:
        saved = checkpoint.load(self.path)
        if saved is None:
            return
        if str(saved.get("digest")) != self._digest():
            raise InputError(f"{self.path} is from another fit; choose another output")
        leaves, structure = jax.tree.flatten(self._state)
        self._state = jax.tree.unflatten(
            structure, [jnp.asarray(saved["leaf"][str(k)]) for k in range(len(leaves))]
        )
        self.point, self.wall_s = jnp.asarray(saved["point"]), float(saved["wall_s"])
        names = list(saved["curve"])
        rows = zip(*(saved["curve"][name] for name in names), strict=True)
        self.curve = [dict(zip(names, map(float, row), strict=True)) for row in rows]

    def _digest(self) -> str:
        given = {key: value for key, value in vars(self.given).items() if key != "iterations"}
        return f"{given} {self.spec.run} {self.spec.parameters} {self.spec.seed}"

    def publish(self, settings: Mapping[str, Any]) -> None:
        """Write parameters.yaml, with the command that made it, and the curve."""
        folder = self.path.parent
        overrides = [f"gradient.held_out={self.given.held_out}"] if self.given.held_out is not None else []
        if any("shuffle" in text for text in self.spec.run):
            overrides.append("'run=[" + ",".join(f'"{text}"' for text in self.spec.run) + "]'")
        stage = {
            "command": " ".join([f"neuromech fit fit={settings['fit']} seed={self.spec.seed}", *overrides]),
            "seed": self.spec.seed,
            "score": round(self.curve[-1]["loss"], 4),
            "steps": self.done,
            "wall_time_min": round(self.wall_s / 60, 1),
        }
        parameters = self.sharing.written([float(x) for x in self.numbers])
        result = {"fits": [*self._earlier, stage], "parameters": parameters}
        write_text(folder / "parameters.yaml", yaml.safe_dump(result, sort_keys=False))
        with replacing(folder / "curve.csv") as part, part.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["steps", *self.curve[0]])
            for k in range(CHECKPOINT, self.done + 1, CHECKPOINT):
                block = self.curve[k - CHECKPOINT : k]
                writer.writerow([k, *(f"{np.mean([row[key] for row in block]):.5f}" for key in block[0])])


@dataclass(frozen=True)
class _Goal:
    """What of a measured atlas is asked for.

    Parameters
    ----------
    driven : (driven,) places of the neurons that are driven.
    positive, negative : (pair, 2) responding neuron and column of functional pairs and of the others.
    ranks : (positive,) ranks of the measured amplitudes, with mean 0 and variance 1.
    """

    driven: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    ranks: np.ndarray

    @staticmethod
    def of(measured: MeasuredAtlas) -> _Goal:
        driven = np.flatnonzero(measured.pairs.any(axis=0))
        functional = measured.functional[:, driven]
        positive = np.argwhere(functional)
        negative = np.argwhere(measured.pairs[:, driven] & ~functional)
        if not len(positive) or not len(negative):
            raise InputError("the measured atlas has no functional pairs, or no others, to fit to")
        ranks = stats.rankdata(measured.amplitude[:, driven][functional])
        return _Goal(driven, positive, negative, (ranks - ranks.mean()) / ranks.std())

    def losses(self, responses: Array, key: Array, share: float) -> dict[str, Array]:
        """Return how wrong responses (neuron, driven) are: order, amplitude, moving; each 0 to 1 or 2."""
        size = jnp.log(jnp.abs(responses) + FAINT_MV)
        true = size[self.positive[:, 0], self.positive[:, 1]]
        count = max(1, round(share * len(self.negative)))
        chosen = jnp.asarray(self.negative)[jax.random.choice(key, len(self.negative), (count,), False)]
        false = size[chosen[:, 0], chosen[:, 1]]
        # A smooth version of 1 - AUROC: the chance that a pair that is not functional answers more.
        order = jax.nn.sigmoid((false[None, :] - true[:, None]) / SOFT).mean()
        answers = jnp.arcsinh(responses[self.positive[:, 0], self.positive[:, 1]] / COMPRESSED_MV)
        answers = (answers - answers.mean()) / (answers.std() + 1e-6)
        faint = jax.nn.sigmoid((np.log(MOVED_MV + FAINT_MV) - jnp.concatenate([true, false])) / SOFT)
        return {
            "order": order, "amplitude": 1.0 - (answers * self.ranks).mean(), "moving": faint.mean()
        }  # fmt: skip


def _without_experiment(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if not text.startswith("experiment=")]
