"""``neuromech fit`` by gradient: an optic lobe learns to tell where things move, its wiring and signs fixed.

One time constant and rest per cell type and one strength per pair of types are free. Two numbers per column,
a linear read-out of chosen cell types that is the same everywhere, shall be the direction in which that place
moves, times how much it flickers there. Which cell shall prefer which direction is not said. The idea is that
of Lappalainen et al. 2024 (doi:10.1038/s41586-024-07939-3), who learned optic flow in natural films.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from neuromech._lib.files import replacing, user_path, write_text
from neuromech._lib.progress import bar as progress_bar
from neuromech.brain.encoders import optic_lobe
from neuromech.brain.neurons import columns as hexagons
from neuromech.senses.eye import lattice
from neuromech.specs import content
from neuromech.training import checkpoint, stimulus_movies

GREY_FRAMES = 20
REST = 0.5
"""Every cell starts at this rest on a grey screen, so that all pass signals on in both directions."""
LEAST_TAU_S, TAU_SCALE_S = 0.005, 0.05
FLICKER_S, FULL_FLICKER = 0.05, 1.5
"""A place counts as moving by its luminance change per second: a running mean over, and scale of, tanh."""
ALIVE, ALIVE_WEIGHT = 0.1, 0.1
"""Cells whose mean activity falls below are pulled back: a silent cell has no gradient."""
CHECKPOINT = 50


class Student(eqx.Module):
    """What gradient changes: logits of time constants, rests, log strengths, and the read-out."""

    tau: Float[Array, " type"]
    rest: Float[Array, " type"]
    strength: Float[Array, " pair"]
    read: Float[Array, "2 kept"]
    offset: Float[Array, 2]


@dataclass(frozen=True)
class Lesson:
    """A table, the eye it is learned on, and how."""

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


def run(settings: Mapping[str, Any], progress: bool = True, config_dirs: Sequence[Path] = ()) -> Path:
    """Learn or go on learning what a composed configs/fit.yaml with ``method: gradient`` describes.

    Keys: ``controller`` (whose optic_lobe.csv), ``gradient`` (the fields of Lesson), ``seed``, ``output``.
    Leaves optic_lobe.yaml, curve.csv and checkpoint.npz; returns the first.

    Raises
    ------
    InputError
        A key or a number is wrong, or the output holds another lesson.
    """
    controller = settings["controller"]
    name = controller.get("name") if isinstance(controller, Mapping) else controller
    folder = content.find("controllers", str(name), config_dirs)
    lesson = _lesson(settings, optic_lobe.read(folder / "optic_lobe.csv"))
    output = user_path(str(settings.get("output") or Path("fits") / str(settings["fit"])))
    output.mkdir(parents=True, exist_ok=True)
    course = _Course(lesson, output)
    with progress_bar(progress, total=lesson.iterations, initial=course.done, unit="batch") as bar:
        while course.done < lesson.iterations:
            loss = course.advance()
            if course.done % CHECKPOINT == 0:
                course.save()
                _publish(output, settings, lesson, course)
            bar.set_postfix(loss=f"{loss:.4f}")
            bar.update()
    course.save()
    _publish(output, settings, lesson, course)
    return output / "optic_lobe.yaml"


def begin(lesson: Lesson) -> Student:
    """The student before it has learned: equal time constants, strengths by share of a cell's input."""
    table, types = lesson.table, len(lesson.table.types)
    total = np.bincount(table.target, table.synapses, types)
    target = np.array([table.types.index(post) for _, post in table.pairs])
    strength = lesson.gain / total[target]
    grey = np.bincount(table.target, (strength[table.pair] * table.synapses * table.sign) * REST, types)
    grey[table.numbers(list(lesson.light))] += 0.5
    read = np.random.default_rng(lesson.seed).standard_normal((2, len(lesson.readout))) * 0.1
    return Student(
        tau=jnp.full(types, float(np.log(np.expm1(0.6))), jnp.float32),
        rest=jnp.asarray(REST - grey, jnp.float32),
        strength=jnp.asarray(np.log(strength), jnp.float32),
        read=jnp.asarray(read, jnp.float32),
        offset=jnp.zeros(2),
    )


def parameters(lesson: Lesson, student: Student) -> dict[str, Any]:
    """What the student has learned, as ``optic_lobe.build`` takes it."""
    tau = LEAST_TAU_S + TAU_SCALE_S * np.log1p(np.exp(np.asarray(student.tau, float)))
    names = [f"{pre}>{post}" for pre, post in lesson.table.pairs]

    def values(keys: Sequence[str], numbers: np.ndarray) -> dict[str, float]:
        return {key: float(f"{number:.5g}") for key, number in zip(keys, numbers, strict=True)}

    return {
        "frame_s": lesson.step_s,
        "light": list(lesson.light),
        "tau_s": values(lesson.table.types, tau),
        "rest": values(lesson.table.types, np.asarray(student.rest, float)),
        "strength": values(names, np.exp(np.asarray(student.strength, float))),
    }


class _Course:
    """The state of a training: student, optimiser and curve; every batch is drawn from its own number."""

    def __init__(self, lesson: Lesson, output: Path) -> None:
        self.lesson, self.path = lesson, output / "checkpoint.npz"
        cells = lattice.hexagon(lesson.radius)
        self._places = lattice.places(cells)
        inner = jnp.asarray(hexagons.rings(cells) <= lesson.radius - lesson.margin, jnp.float32)
        lobe = _unrolled(lesson, cells)
        steps = [round(0.8 * lesson.iterations)]
        rate = optax.join_schedules(
            [
                optax.linear_schedule(lesson.rate / 20, lesson.rate, 20),
                optax.constant_schedule(lesson.rate / 10),
            ],
            steps,
        )
        rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate, b2=0.99))
        self.student = begin(lesson)
        # optax's own name for trees of parameters does not know equinox's modules.
        self._state: Any = rule.init(cast(Any, self.student))
        self.curve: list[float] = []
        self.wall_s = 0.0
        self._resume()

        @jax.jit
        def learn(student: Student, state: Any, film: Array, motion: Array) -> tuple[Any, Any, Array]:
            loss, slope = jax.value_and_grad(partial(_loss, lesson, lobe, inner))(student, film, motion)
            change, state = rule.update(slope, state)
            return optax.apply_updates(cast(Any, student), change), state, loss

        self._learn = learn

    @property
    def done(self) -> int:
        return len(self.curve)

    def advance(self) -> float:
        lesson, began = self.lesson, time.perf_counter()
        rng = np.random.default_rng((lesson.seed, self.done))
        film, motion = stimulus_movies.draw(rng, self._places, lesson.frames, lesson.step_s, lesson.batch)
        self.student, self._state, loss = self._learn(self.student, self._state, film, motion)
        self.curve.append(float(loss))
        self.wall_s += time.perf_counter() - began
        if not np.isfinite(self.curve[-1]):
            raise InputError(f"the loss is not finite after {self.done} batches; lower gradient.rate or gain")
        return self.curve[-1]

    def save(self) -> None:
        leaves = dict(enumerate(jax.tree.leaves((self.student, self._state))))
        about = {"curve": self.curve, "wall_s": self.wall_s, "mark": self._mark()}
        checkpoint.save(self.path, {**about, "leaf": {str(k): leaf for k, leaf in leaves.items()}})

    def _resume(self) -> None:
        saved = checkpoint.load(self.path)
        if saved is None:
            return
        if str(saved["mark"]) != self._mark():
            raise InputError(f"{self.path} is from another lesson; choose another output")
        leaves, structure = jax.tree.flatten((self.student, self._state))
        found = [jnp.asarray(saved["leaf"][str(k)]) for k in range(len(leaves))]
        self.curve, self.wall_s = [float(loss) for loss in saved["curve"]], float(saved["wall_s"])
        self.student, self._state = jax.tree.unflatten(structure, found)

    def _mark(self) -> str:
        lesson = {
            key: value for key, value in vars(self.lesson).items() if key not in ("table", "iterations")
        }
        return f"{lesson} {len(self.lesson.table.pair)} {self.lesson.table.offset.ravel()[:200].tolist()}"


def _unrolled(lesson: Lesson, cells: np.ndarray) -> hexagons.Columns:
    return optic_lobe.build(lesson.table, parameters(lesson, begin(lesson)), cells)


def _loss(
    lesson: Lesson,
    lobe: hexagons.Columns,
    inner: Array,
    student: Student,
    film: Float[Array, "time column batch"],
    motion: Float[Array, "2 batch"],
) -> Float[Array, ""]:
    """Mean square error of the read-out over the columns away from the rim."""
    tau = LEAST_TAU_S + TAU_SCALE_S * jax.nn.softplus(student.tau)
    weight = jnp.exp(student.strength)[lesson.table.pair] * lesson.table.synapses * lesson.table.sign
    lobe = eqx.tree_at(
        lambda one: (one.tau_s, one.rest, one.weight), lobe, (tau, student.rest, weight.astype(jnp.float32))
    )
    grey = jnp.full((GREY_FRAMES, *film.shape[1:]), 0.5)
    everything = range(len(lesson.table.types))
    states = lobe.watch(jnp.concatenate([grey, film]), lesson.step_s, everything)[GREY_FRAMES:]
    shown = jnp.maximum(states[:, jnp.asarray(lesson.table.numbers(list(lesson.readout)))], 0.0)
    guess = jnp.einsum("dk,tkcb->tdcb", student.read, shown) + student.offset[:, None, None]
    error = ((guess - flickering(film, lesson.step_s)[:, None] * motion[:, None]) ** 2).sum(axis=1)
    faint = jnp.maximum(ALIVE - states.mean(axis=(0, 2, 3)), 0.0)
    mean = (error * inner[:, None]).sum() / (inner.sum() * error.shape[0] * error.shape[2])
    return mean + ALIVE_WEIGHT * (faint**2).mean()


def flickering(film: Float[Array, "time column batch"], step_s: float) -> Float[Array, "time column batch"]:
    """How much each place changes, 0 to 1: a running mean of the rate of change of its luminance."""
    change = jnp.abs(jnp.diff(film, axis=0, prepend=film[:1])) / step_s
    share = -jnp.expm1(-step_s / FLICKER_S)

    def follow(mean: Array, now: Array) -> tuple[Array, Array]:
        mean = mean + share * (now - mean)
        return mean, mean

    return jnp.tanh(jax.lax.scan(follow, jnp.zeros(film.shape[1:]), change)[1] / FULL_FLICKER)


def _lesson(settings: Mapping[str, Any], table: optic_lobe.Table) -> Lesson:
    given = dict(settings.get("gradient") or {})
    whole = ("radius", "margin", "frames", "batch", "iterations")
    for key in (*whole, "step_s", "gain", "rate", "light", "readout"):
        if key not in given:
            raise InputError(f"fit {settings.get('fit')}: gradient.{key} is missing")
    for key in (*whole, "step_s", "gain", "rate"):
        value = given[key]
        kind = int if key in whole else int | float
        if isinstance(value, bool) or not isinstance(value, kind) or not 0 < value < np.inf:
            raise InputError(f"gradient.{key} must be a number above 0, not {value!r}")
    shuffle = given.pop("shuffle", False)
    lists = {key: tuple(str(name) for name in given.pop(key)) for key in ("light", "readout")}
    for names in lists.values():
        table.numbers(list(names))
    seed = int(settings["seed"])
    return Lesson(table.shuffled(seed) if shuffle else table, **lists, **given, seed=seed)


def _publish(output: Path, settings: Mapping[str, Any], lesson: Lesson, course: _Course) -> None:
    shuffled = " gradient.shuffle=true" if settings["gradient"].get("shuffle") else ""
    about = {
        "command": f"neuromech fit fit={settings['fit']} seed={settings['seed']}{shuffled}",
        "seed": lesson.seed,
        "batches": course.done,
        "loss": float(f"{np.mean(course.curve[-CHECKPOINT:]):.4g}"),
        "wall_time_min": round(course.wall_s / 60, 1),
    }
    text = yaml.safe_dump(
        {"fits": [about], "optic_lobe": parameters(lesson, course.student)}, sort_keys=False
    )
    write_text(output / "optic_lobe.yaml", text)
    with replacing(output / "curve.csv") as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["batches", "loss"])
        blocks = range(CHECKPOINT, course.done + 1, CHECKPOINT)
        writer.writerows((k, f"{np.mean(course.curve[k - CHECKPOINT : k]):.5f}") for k in blocks)
