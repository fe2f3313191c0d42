"""A fit by gradient: an optic lobe learns to tell the direction of motion, its wiring and signs unchanged.

One time constant and one resting activity per cell type and one strength per pair of types are free. A linear
read-out of chosen cell types, the same in every column, gives two numbers per column; they shall be the
direction in which the image moves there, times how much its luminance changes (as the lobe gets it, behind a
gain control if there is one). Which cell type shall prefer which direction is not said. The idea is that of
Lappalainen et al. 2024 (doi:10.1038/s41586-024-07939-3), who trained on the optic flow of natural films.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import yaml
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing, write_text
from neuromech._lib.progress import bar as progress_bar
from neuromech.brain.encoders import contrast_gain, optic_lobe
from neuromech.brain.encoders.contrast_gain import ContrastGain
from neuromech.brain.neurons import columns as hexagons
from neuromech.senses.eye import lattice
from neuromech.specs import content
from neuromech.specs.checking import Origin, check, plain, strict
from neuromech.specs.encoder_keys import ContrastGainSpec
from neuromech.specs.values import Count, Positive
from neuromech.training import checkpoint, fit_spec, stimulus_movies
from neuromech.training.fit_spec import FitSpec

GREY_FRAMES = 20
"""Every movie begins with this many frames of grey, in which the cells settle."""
REST = 0.5
"""Activity of every cell on a grey screen before training: in the middle, so that it can rise and fall."""
LEAST_TAU_S, TAU_SCALE_S = 0.005, 0.05
"""The smallest time constant, and how much of it one unit of the free parameter adds, s."""
FLICKER_S, FULL_FLICKER = 0.05, 1.5
"""Time constant (s) of the running mean of the luminance's rate of change, and the rate (1/s) that counts as
full motion: the target is tanh of their quotient."""
ALIVE, ALIVE_WEIGHT = 0.1, 0.1
"""A mean activity below this adds to the loss, with this weight: a silent cell has no gradient."""
CHECKPOINT = 50
"""Batches from one checkpoint to the next."""


class Trainable(eqx.Module):
    """What the gradient changes.

    Parameters
    ----------
    tau : (type,) softplus of it, times TAU_SCALE_S, is added to the smallest time constant.
    rest : (type,) resting activities.
    strength : (pair,) natural logarithms of the strengths.
    read, offset : (2, read-out type) and (2,) of the linear read-out.
    """

    tau: Float[Array, " type"]
    rest: Float[Array, " type"]
    strength: Float[Array, " pair"]
    read: Float[Array, "2 kept"]
    offset: Float[Array, 2]


@dataclass(frozen=True)
class MotionTask:
    """What is trained, on which movies, and how.

    Parameters
    ----------
    table : the wiring of the optic lobe.
    light, readout : the cell types that light drives, and those that are read out.
    radius, margin : columns from the middle to the rim of the eye, and rings at the rim that do not count.
    frames, batch : of every movie, and movies in a batch.
    step_s : time between two frames, s.
    gain : total strength of each cell's input before training.
    rate : learning rate of Adam; a tenth of it for the last fifth.
    iterations : batches in all.
    seed : all random numbers follow from it.
    contrast_gain : of the gain control through which the lobe sees; None without.
    """

    table: optic_lobe.Table
    light: tuple[str, ...]
    readout: tuple[str, ...]
    radius: int
    margin: int
    frames: int
    batch: int
    step_s: float
    gain: float
    rate: float
    iterations: int
    seed: int
    contrast_gain: ContrastGainSpec | None = None


@strict
@dataclass(frozen=True, kw_only=True)
class GradientSpec:
    """The key `gradient` of a fit: see `MotionTask`. `shuffle` exchanges where connections come from."""

    light: tuple[str, ...]
    readout: tuple[str, ...]
    radius: Count
    margin: Count
    frames: Count
    batch: Count
    step_s: Positive
    gain: Positive
    rate: Positive
    iterations: Count
    contrast_gain: ContrastGainSpec | None = None
    shuffle: bool = False


def run(settings: Mapping[str, Any], progress: bool = True, config_dirs: Sequence[Path] = ()) -> Path:
    """Train what a composed configs/fit.yaml with `method: gradient` describes, or go on with it.

    Its keys are `controller` (whose optic_lobe.csv is read), `gradient` (the fields of MotionTask), `seed`
    and `output`. The folder then holds optic_lobe.yaml, which is returned, curve.csv and checkpoint.npz.

    Raises
    ------
    InputError
        A key or a number is wrong, or the output folder is of another task.
    """
    spec = fit_spec.checked(settings)
    if spec.cluster is not None:
        raise InputError(f"cluster={spec.cluster}: a fit by gradient is worked out by one process")
    lobe = content.find("controllers", spec.controller_name, config_dirs) / "optic_lobe.csv"
    task = _read_task(spec, optic_lobe.read(lobe))
    output = fit_spec.folder(settings, Path("fits") / spec.fit)
    training = _Training(task, output)
    with progress_bar(progress, total=task.iterations, initial=training.done, unit="batch") as bar:
        while training.done < task.iterations:
            loss = training.advance()
            if training.done % CHECKPOINT == 0:
                training.save()
                _publish(output, settings, task, training)
            bar.set_postfix(loss=f"{loss:.4f}")
            bar.update()
    training.save()
    _publish(output, settings, task, training)
    return output / "optic_lobe.yaml"


def initial(task: MotionTask) -> Trainable:
    """Return the parameters before training: equal time constants, strengths by share of a cell's input."""
    table, types = task.table, len(task.table.types)
    total = np.bincount(table.target, table.synapses, types)
    target = np.array([table.types.index(post) for _, post in table.pairs])
    strength = task.gain / total[target]
    grey = np.bincount(table.target, (strength[table.pair] * table.synapses * table.sign) * REST, types)
    grey[table.numbers(list(task.light))] += 0.5
    read = np.random.default_rng(task.seed).standard_normal((2, len(task.readout))) * 0.1
    return Trainable(
        tau=jnp.full(types, float(np.log(np.expm1(0.6))), jnp.float32),
        rest=jnp.asarray(REST - grey, jnp.float32),
        strength=jnp.asarray(np.log(strength), jnp.float32),
        read=jnp.asarray(read, jnp.float32),
        offset=jnp.zeros(2),
    )


def parameters(task: MotionTask, trainable: Trainable) -> dict[str, Any]:
    """Return what was learnt as `optic_lobe.build` takes it, and as optic_lobe.yaml holds it."""
    tau = LEAST_TAU_S + TAU_SCALE_S * np.log1p(np.exp(np.asarray(trainable.tau, float)))
    names = [f"{pre}>{post}" for pre, post in task.table.pairs]

    def values(keys: Sequence[str], numbers: np.ndarray) -> dict[str, float]:
        return {key: float(f"{number:.5g}") for key, number in zip(keys, numbers, strict=True)}

    return {
        "frame_s": task.step_s,
        "light": list(task.light),
        "tau_s": values(task.table.types, tau),
        "rest": values(task.table.types, np.asarray(trainable.rest, float)),
        "strength": values(names, np.exp(np.asarray(trainable.strength, float))),
    }


class _Training:
    """The state of a training: parameters, optimiser and learning curve.

    Every batch is drawn from the seed and its own number, so that a training goes on as if never stopped.
    """

    def __init__(self, task: MotionTask, output: Path) -> None:
        self.task, self.path = task, output / "checkpoint.npz"
        cells = lattice.hexagon(task.radius)
        self._places = lattice.places(cells)
        inner = jnp.asarray(hexagons.rings(cells) <= task.radius - task.margin, jnp.float32)
        lobe = _unrolled(task, cells)
        gain = None if task.contrast_gain is None else contrast_gain.build(task.contrast_gain, cells)
        steps = [round(0.8 * task.iterations)]
        rate = optax.join_schedules(
            [
                optax.linear_schedule(task.rate / 20, task.rate, 20),
                optax.constant_schedule(task.rate / 10),
            ],
            steps,
        )
        rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate, b2=0.99))
        self.trainable = initial(task)
        # optax's own name for trees of parameters does not know equinox's modules.
        self._state: Any = rule.init(cast(Any, self.trainable))
        self.curve: list[float] = []
        self.wall_s = 0.0
        self._resume()

        @jax.jit
        def learn(trainable: Trainable, state: Any, movie: Array, motion: Array) -> tuple[Any, Any, Array]:
            loss, slope = jax.value_and_grad(partial(_loss, task, lobe, gain, inner))(
                trainable, movie, motion
            )
            change, state = rule.update(slope, state)
            return optax.apply_updates(cast(Any, trainable), change), state, loss

        self._learn = learn

    @property
    def done(self) -> int:
        return len(self.curve)

    def advance(self) -> float:
        task, began = self.task, time.perf_counter()
        rng = np.random.default_rng((task.seed, self.done))
        movie, motion = stimulus_movies.draw(rng, self._places, task.frames, task.step_s, task.batch)
        self.trainable, self._state, loss = self._learn(self.trainable, self._state, movie, motion)
        self.curve.append(float(loss))
        self.wall_s += time.perf_counter() - began
        if not np.isfinite(self.curve[-1]):
            raise InputError(f"the loss is not finite after {self.done} batches; lower gradient.rate or gain")
        return self.curve[-1]

    def save(self) -> None:
        leaves = dict(enumerate(jax.tree.leaves((self.trainable, self._state))))
        about = {"curve": self.curve, "wall_s": self.wall_s, "digest": self._digest()}
        checkpoint.save(self.path, {**about, "leaf": {str(k): leaf for k, leaf in leaves.items()}})

    def _resume(self) -> None:
        saved = checkpoint.load(self.path)
        if saved is None:
            return
        if str(saved.get("digest")) != self._digest():
            raise InputError(f"{self.path} is from another task; choose another output")
        leaves, structure = jax.tree.flatten((self.trainable, self._state))
        found = [jnp.asarray(saved["leaf"][str(k)]) for k in range(len(leaves))]
        self.curve, self.wall_s = [float(loss) for loss in saved["curve"]], float(saved["wall_s"])
        self.trainable, self._state = jax.tree.unflatten(structure, found)

    def _digest(self) -> str:
        settings = {k: value for k, value in vars(self.task).items() if k not in ("table", "iterations")}
        return f"{settings} {len(self.task.table.pair)} {self.task.table.offset.ravel()[:200].tolist()}"


def _unrolled(task: MotionTask, cells: np.ndarray) -> hexagons.Columns:
    return optic_lobe.build(task.table, parameters(task, initial(task)), cells)


def _loss(
    task: MotionTask,
    lobe: hexagons.Columns,
    gain: ContrastGain | None,
    inner: Array,
    trainable: Trainable,
    movie: Float[Array, "time column batch"],
    motion: Float[Array, "2 batch"],
) -> Float[Array, ""]:
    """Return the mean square error of the read-out, over the columns away from the rim."""
    tau = LEAST_TAU_S + TAU_SCALE_S * jax.nn.softplus(trainable.tau)
    weight = jnp.exp(trainable.strength)[task.table.pair] * task.table.synapses * task.table.sign
    lobe = eqx.tree_at(
        lambda one: (one.tau_s, one.rest, one.weight), lobe, (tau, trainable.rest, weight.astype(jnp.float32))
    )
    grey = jnp.full((GREY_FRAMES, *movie.shape[1:]), 0.5)
    seen = jnp.concatenate([grey, movie])
    seen = seen if gain is None else gain.watch(seen, task.step_s)
    everything = range(len(task.table.types))
    states = lobe.watch(seen, task.step_s, everything)[GREY_FRAMES:]
    shown = jnp.maximum(states[:, jnp.asarray(task.table.numbers(list(task.readout)))], 0.0)
    guess = jnp.einsum("dk,tkcb->tdcb", trainable.read, shown) + trainable.offset[:, None, None]
    changes = temporal_change(seen[GREY_FRAMES:], task.step_s)
    error = ((guess - changes[:, None] * motion[:, None]) ** 2).sum(axis=1)
    faint = jnp.maximum(ALIVE - states.mean(axis=(0, 2, 3)), 0.0)
    mean = (error * inner[:, None]).sum() / (inner.sum() * error.shape[0] * error.shape[2])
    return mean + ALIVE_WEIGHT * (faint**2).mean()


def temporal_change(
    movie: Float[Array, "time column batch"], step_s: float
) -> Float[Array, "time column batch"]:
    """Return how much each place changes, 0 to 1: a running mean of the rate of change of its luminance."""
    change = jnp.abs(jnp.diff(movie, axis=0, prepend=movie[:1])) / step_s
    share = -jnp.expm1(-step_s / FLICKER_S)

    def follow(mean: Array, now: Array) -> tuple[Array, Array]:
        mean = mean + share * (now - mean)
        return mean, mean

    return jnp.tanh(jax.lax.scan(follow, jnp.zeros(movie.shape[1:]), change)[1] / FULL_FLICKER)


def _read_task(spec: FitSpec, table: optic_lobe.Table) -> MotionTask:
    given = check(GradientSpec, spec.gradient or {}, Origin(above=("gradient",)))
    for names in (given.light, given.readout):
        table.numbers(list(names))
    keys = {each.name: getattr(given, each.name) for each in fields(given) if each.name != "shuffle"}
    return MotionTask(table.shuffled(spec.seed) if given.shuffle else table, **keys, seed=spec.seed)


def _publish(output: Path, settings: Mapping[str, Any], task: MotionTask, training: _Training) -> None:
    shuffled = " gradient.shuffle=true" if settings["gradient"].get("shuffle") else ""
    about: dict[str, Any] = {
        "command": f"neuromech fit fit={settings['fit']} seed={settings['seed']}{shuffled}",
        "seed": task.seed,
        "batches": training.done,
        "loss": float(f"{np.mean(training.curve[-CHECKPOINT:]):.4g}"),
        "wall_time_min": round(training.wall_s / 60, 1),
    }
    if task.contrast_gain is not None:
        about["contrast_gain"] = plain(task.contrast_gain)
    text = yaml.safe_dump(
        {"fits": [about], "optic_lobe": parameters(task, training.trainable)}, sort_keys=False
    )
    write_text(output / "optic_lobe.yaml", text)
    with replacing(output / "curve.csv") as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["batches", "loss"])
        blocks = range(CHECKPOINT, training.done + 1, CHECKPOINT)
        writer.writerows((k, f"{np.mean(training.curve[k - CHECKPOINT : k]):.5f}") for k in blocks)
