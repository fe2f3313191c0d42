"""What an evaluation asks of a controller: a row, resolved to a run that can be played with any seed."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.descending_drive import commands
from neuromech.evaluation import episode_values, program_files, row_metrics
from neuromech.evaluation.episode_values import ACTIVITY, Stretch
from neuromech.specs import compose, content, keywords
from neuromech.specs.checking import plain
from neuromech.specs.controller import SpikingSpec, WiredSpec
from neuromech.specs.evaluation import EvaluationSpec, RowSpec
from neuromech.specs.evaluation_parts import PARTS
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run, dump


@dataclass(frozen=True)
class Contender:
    """Whose brain is put through an evaluation.

    name: what the card calls it; "" for the evaluation's own controllers. folder: whether it is a folder of
    controllers/ of that name. own: an object from Python in the controller's place, None if there is none.
    overrides: what a variant of the evaluation sets of every run, as texts of the command line.
    """

    name: str = ""
    folder: bool = False
    own: Any = None
    overrides: tuple[str, ...] = ()

    @property
    def replaces(self) -> bool:
        """Whether it stands in the place of the evaluation's own controllers."""
        return self.folder or self.own is not None

    @cached_property
    def mark(self) -> str:
        """What a result depends on beside the run: the source of an object from Python."""
        return "" if self.own is None else _source(self.own)


@dataclass(frozen=True)
class Question:
    """A row of an evaluation asked of one controller."""

    key: str
    row: RowSpec
    contender: Contender
    config_dirs: tuple[Path, ...] = ()
    seeds: int = 1
    elsewhere: frozenset[str] = field(default_factory=frozenset)
    """Metrics that other rows take of this one."""

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The overrides of the run, without a seed."""
        given = dict(self.row.run)
        first = {key: given.pop(key) for key in ("experiment", "body") if isinstance(given.get(key), str)}
        # A row that names its controller, as random muscles, is a floor: nobody stands in for that.
        if self.contender.folder and not isinstance(given.get("controller"), str):
            first["controller"] = self.contender.name
        variant = () if self.floor else self.contender.overrides
        return (*keywords.overrides({**first, **given}), *variant)

    @property
    def floor(self) -> bool:
        """Whether the row names its controller itself, whoever is evaluated."""
        return isinstance(self.row.run.get("controller"), str)

    @property
    def own(self) -> Any:
        """The object from Python that stands in the controller's place, if any."""
        return None if self.floor else self.contender.own

    def run(self, seed: int = 0) -> Run:
        """Return the run of one seed; raises `InputError` where it makes no sense."""
        varied = [f"{self.row.vary}={seed}"] if self.row.vary else []
        return compose.load_run([*self.texts, *varied, f"seed={seed}"], self.config_dirs)

    @cached_property
    def first(self) -> Run:
        """The run of the first seed."""
        return self.run()

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of all metrics that are looked at, those that other rows take included."""
        return frozenset(each.metric for each in self.row.measure) | self.elsewhere

    @property
    def neurons(self) -> tuple[str, ...]:
        """Beginnings of the names of neurons whose activity is asked for."""
        return tuple(sorted(name[len(ACTIVITY) :] for name in self.metrics if name.startswith(ACTIVITY)))

    def stretch(self, run: Run) -> Stretch:
        """Return the part of an episode of a run that counts; raises `InputError` as `check` does."""
        row, drive = self.row, None
        if row.drive is not None:
            there = dict(commands(run.controller)) if isinstance(run.controller, WiredSpec) else {}
            if row.drive not in there:
                raise unknown("command", row.drive, there)
            drive = there[row.drive]
        return Stretch(row.window_s[0], row.stop_s, row.event_s, row.parts, drive)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What is asked, as plain data: what results are found by."""
        parts = {name: _without_later(getattr(self.row, name)) for name in PARTS}
        found = {
            "run": list(self.texts),
            "vary": self.row.vary,
            "window_s": list(self.row.window_s),
            "event_s": self.row.event_s,
            "parts": plain(self.row.parts) or None,
            "drive": self.row.drive,
            **parts,
            "controller": f"from Python: {self.contender.name}" if self.own is not None else None,
        }
        return {key: value for key, value in found.items() if value is not None}

    @cached_property
    def address(self) -> str:
        """16 hexadecimal digits of what is asked."""
        return hashlib.sha256(json.dumps(self.asked, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def made_by(self) -> str:
        """What answers: the program, the content that the run uses, its configuration; 16 digits."""
        run = self.first
        program = program_files.digest(self.row.answered_by)
        text = f"{program}{content.digest(run.folders)}{dump(run)}{self.contender.mark}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def duration_s(self) -> float:
        """Simulated time of one episode, s."""
        return self.first.duration_s

    def check(self) -> None:
        """Refuse a run that makes no sense and a metric that nobody measures.

        Raises
        ------
        InputError
            Says which row.
        """
        try:
            run = self.first
            if run.perturb != Perturb() and not _has_neurons(run):
                raise InputError(f"perturb acts on neurons, and {run.controller.name} has none")
            if self.row.answered_by:
                _check_metrics(self.metrics, row_metrics.known(self.row, run.body.tracker or ""))
                return
            if not run.body.tracker:
                return
            self.stretch(run)
            valid = episode_values.known(
                run.body.tracker,
                self.row.event_s is not None,
                tuple(self.row.parts),
                self.row.drive is not None,
            )
            _check_metrics(self.metrics, valid)
            if self.row.window_s[0] >= run.duration_s:
                raise InputError(
                    f"window_s begins at {self.row.window_s[0]:g} s, after the end, "
                    f"duration_s={run.duration_s:g}"
                )
        except InputError as error:
            raise InputError(f"rows.{self.key}: {error}") from None


def _without_later(part: Any) -> Any:
    """Return a part of a row as plain data, without fields that are younger than results of such rows.

    They are left out while they have their default, so that results are found as before.
    """
    found = plain(part)
    for field_ in dataclasses.fields(part) if part is not None else ():
        if field_.name in getattr(part, "LATER", ()) and getattr(part, field_.name) == field_.default:
            del found[field_.name]
    return found


def _has_neurons(run: Run) -> bool:
    """Whether a controller, or one that it commands, stands on a wiring."""
    tables = any((Path(folder) / "neurons.csv").is_file() for folder in run.folders)
    return tables or isinstance(run.controller, SpikingSpec)


def _check_metrics(asked: Collection[str], there: Collection[str]) -> None:
    for name in sorted(asked):
        if name not in there and not name.startswith(ACTIVITY):
            raise unknown("metric", name, there)


def ask(spec: EvaluationSpec, contender: Contender, config_dirs: Sequence[Path] = ()) -> list[Question]:
    """Return the questions that an evaluation asks of one controller."""
    elsewhere: dict[str, set[str]] = {key: set() for key in spec.rows}
    for row in spec.rows.values():
        for each in row.measure:
            if each.against:
                elsewhere[each.against].add(each.metric)
    return [
        Question(key, row, contender, tuple(config_dirs), row.seeds or spec.seeds, frozenset(elsewhere[key]))
        for key, row in spec.rows.items()
    ]


def contenders(controller: Any, variants: Mapping[str, Mapping[str, Any]] | None = None) -> list[Contender]:
    """Return whom `controller` names: a folder, an object, several of them, or {name: either}; or nobody.

    Without a controller the `variants` of the evaluation stand beside each other, if it has any.

    Raises
    ------
    InputError
        One name is given twice, something is no controller, or the evaluation has variants already.
    """
    if controller is None:
        found = [
            Contender(name, overrides=tuple(keywords.overrides(given)))
            for name, given in (variants or {}).items()
        ]
        return found or [Contender()]
    if variants:
        raise InputError(
            f"the evaluation holds {', '.join(variants)} beside each other: leave controller out"
        )
    if isinstance(controller, Mapping):
        if not controller:
            raise InputError("controller must name a controller, not {}")
        return [_contender(str(name), each) for name, each in controller.items()]
    several = controller if isinstance(controller, list | tuple) else [controller]
    found = [_contender(f"mine_{k}" if k else "mine", each) for k, each in enumerate(several)]
    names = [each.name for each in found]
    if not found or len(set(names)) < len(names):
        raise InputError(f"controller must name different controllers, not {', '.join(names) or 'none'}")
    return found


def _contender(name: str, controller: Any) -> Contender:
    if isinstance(controller, str):
        return Contender(controller, folder=True)
    if not (hasattr(controller, "init") or hasattr(controller, "reset")):
        raise InputError(
            "controller must be the name of a folder of controllers/, what functions() returns, or an "
            f"object with reset and act, not {controller!r:.60}"
        )
    if not name or not all(letter.isalnum() or letter in "_-. " for letter in name):
        raise InputError(f"a controller's name must be letters, digits, _ and -, not {name!r:.60}")
    return Contender(name, own=controller)


def _source(own: Any) -> str:
    """Return the text of the files in which an object's functions, or its class, are written."""
    parts = [getattr(own, each) for each in ("init", "step") if hasattr(own, each)] or [type(own)]
    texts = set()
    for part in parts:
        try:
            texts.add(inspect.getsource(inspect.getmodule(part) or part))
        except (OSError, TypeError):
            texts.add(repr(part))
    return "".join(sorted(texts))
