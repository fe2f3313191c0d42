"""An evaluation, a file of configs/evaluation: what is run, what is measured, what it must show.

Such a file may come from a stranger. It is plain data: overrides of runs, names of metrics, bounds. Nothing
in it is executed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from neuromech._lib.errors import InputError, unknown
from neuromech.specs import content
from neuromech.specs.checked import Checked
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.evaluation_parts import (
    KINDS_OF_THEIR_OWN,
    MOST_SEEDS,
    PARTS,
    ActivitySpec,
    AtlasSpec,
    ClampSpec,
    ComparisonSpec,
    IsolatedSpec,
    LimbsSpec,
    ReplaySpec,
    Seeds,
    SpikesSpec,
    TuningSpec,
)  # fmt: skip
from neuromech.specs.evaluation_trainings import ImitationSpec, PolicyRewardSpec
from neuromech.specs.values import Interval, MinLen, Name, NotNegative, Number
from neuromech.specs.yaml_files import read_yaml

GROUP = "evaluation"
"""The folder of configs/ in which evaluations lie."""
KINDS = ("behaviour", "perturbation", "control", "generalisation", "comparison", "atlas", "activity")
"""Kinds of rows, in the order in which a card shows them."""
Kind = Literal["behaviour", "perturbation", "control", "generalisation", "comparison", "atlas", "activity"]
OWN = ("seed", "episodes", "output", "video")
"""Keys of a run that an evaluation sets itself."""
MOST_ROWS = 1000
"""So many rows an evaluation may have."""


@dataclass(frozen=True, kw_only=True)
class MeasureSpec(Checked):
    """One number of a row: a metric over the row's episodes, and the bounds in which it must lie."""

    metric: Name
    """A metric of the body's tracker, a finer measure, or `activity.NAME`, the mean activity of neurons."""
    reduce: Literal["mean", "median", "max", "min", "share_above", "share_below"] = "mean"
    """What one number is made of the episodes, left out those in which the metric is unknown."""
    threshold: Number | None = None
    """What shares are above or below."""
    against: Name | None = None
    """Another row, of which the same number is taken."""
    how: Literal["ratio", "difference"] = "ratio"
    """What is done with the number of the other row: divided by it, or taken away from this one."""
    at_least: Number | None = None
    """The lower bound; none if left out."""
    at_most: Number | None = None
    """The upper bound; none if left out."""
    label: str = ""
    """What the number is called in tables; the metric's name if left out."""
    digits: Annotated[int, Ge(0), Le(9)] = 2
    """Digits after the point in tables."""

    SECTION = "measure"

    def __post_init__(self) -> None:
        """Refuse bounds in the wrong order, and a threshold without a share."""
        super().__post_init__()
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise InputError(f"at_least={self.at_least:g} is above at_most={self.at_most:g}")
        if (self.threshold is None) == self.reduce.startswith("share_"):
            raise InputError("threshold goes with reduce: share_above or share_below, and with nothing else")

    @property
    def bounded(self) -> bool:
        """Whether it has to lie anywhere."""
        return self.at_least is not None or self.at_most is not None

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return self.label or self.metric


@dataclass(frozen=True, kw_only=True)
class RowSpec(Checked):
    """A row: what is run, how often, which stretch counts, what is measured, what it must show."""

    title: Name
    """What is done, in a few words."""
    kind: Kind
    """What sort of evidence it is."""
    target: str = ""
    """What it must show, in words."""
    source: str = ""
    """Where the target comes from: a paper with its DOI, a recording."""
    goal_of_fit: bool = False
    """Whether a fit of the controller had it among its goals; it is then no evidence for the wiring."""
    control: Name | None = None
    """The row that it is judged against."""
    run: dict[str, Any] = field(default_factory=dict)
    """Overrides of a run, as `neuromech run` takes them; keys of groups may be nested."""
    seeds: Seeds | None = None
    """How many episodes; the evaluation's if left out."""
    vary: Name | None = None
    """A key of the run that is set to the seed's number, such as the draw of a plume."""
    window_s: tuple[NotNegative, NotNegative | None] = (0.0, None)
    """The stretch that counts; to the end if the second is null."""
    event_s: NotNegative | None = None
    """When something happens to the animal, for measures of before and after."""
    parts: dict[Name, Interval] = field(default_factory=dict)
    """Named parts of the episode, s: of each, PART.GAIT is 1 where that gait was the commonest in it, else 0,
    and PART.left_turn_fraction and PART.mean_turn_deg are those of the bouts that begin in it."""
    drive: Name | None = None
    """A command of the controller that is swept: rises_with_drive is how speed is correlated with it."""
    measure: Annotated[tuple[MeasureSpec, ...], MinLen(1)]
    """What is measured; a row none of whose numbers has a bound is a reference for others, and not judged."""
    list_seeds: bool = False
    """Whether the numbers of every seed stand below the table."""
    passes: Literal["all", "any"] = "all"
    """Whether all bounded numbers must lie in their bounds, or one of them is enough."""
    comparison: ComparisonSpec | None = None
    """The recording, for rows of kind comparison."""
    atlas: AtlasSpec | None = None
    """The atlas, for rows of kind atlas."""
    activity: ActivitySpec | None = None
    """The recorded activity, for rows of kind activity."""
    isolated: IsolatedSpec | None = None
    """A brain out of its body, for rows of any kind without a part of its own."""
    limbs: LimbsSpec | None = None
    """Joints and neurons of limbs, beside the limbs' rhythm."""
    replay: ReplaySpec | None = None
    """Recorded bouts that are imposed on the body."""
    tuning: TuningSpec | None = None
    """Direction tuning of a cell type of an optic lobe."""
    spikes: SpikesSpec | None = None
    """A spiking brain out of its body."""
    clamp: ClampSpec | None = None
    """A cell with ion channels in current clamp."""
    policy: PolicyRewardSpec | None = None
    """The reward in a task, after a training or without one."""
    imitation: ImitationSpec | None = None
    """A recording that a policy is trained to imitate."""

    SECTION = "row"

    def __post_init__(self) -> None:
        """Refuse a window that ends before it begins, and parts that belong to another kind of row."""
        super().__post_init__()
        start, stop = self.window_s
        if stop is not None and stop <= start:
            raise InputError(f"window_s must end later than it begins, not [{start:g}, {stop:g}]")
        for part in PARTS:
            given = getattr(self, part)
            own = part in KINDS_OF_THEIR_OWN
            if own and given is not None and self.kind not in (part, "control"):
                raise InputError(f"{part} belongs to rows of kind {part}, not {self.kind}")
            if given is not None and not own and self.kind in KINDS_OF_THEIR_OWN:
                raise InputError(f"a row of kind {self.kind} needs {self.kind}, not {part}")
            if given is None and self.kind == part:
                raise InputError(f"a row of kind {part} needs {part}")
        if len(several := [part for part in PARTS if getattr(self, part) is not None]) > 1:
            raise InputError(f"a row has one of {', '.join(several)}, not several")

    @property
    def answered_by(self) -> str:
        """The part that makes it another row than one of episodes, "" if none does."""
        return next((part for part in PARTS if getattr(self, part) is not None), "")

    @property
    def beside(self) -> frozenset[str]:
        """The rows that it is judged against."""
        return frozenset(each for each in (self.control, *(one.against for one in self.measure)) if each)

    @property
    def judged(self) -> bool:
        """Whether it has to show anything: a row without bounds is a reference."""
        return any(each.bounded for each in self.measure)

    @property
    def stop_s(self) -> float:
        """The end of the stretch that counts."""
        return float("inf") if self.window_s[1] is None else self.window_s[1]


@strict
@dataclass(frozen=True, kw_only=True)
class EvaluationSpec:
    """A file of configs/evaluation."""

    title: Name
    """What is evaluated, in one line."""
    about: str = ""
    """What a reader has to know: how the model was fitted, where bounds come from."""
    seeds: Seeds = 20
    """How many episodes of every row are played."""
    rows: dict[Name, RowSpec]
    """The rows by name, in the order of the table."""
    variants: dict[Name, dict[str, Any]] = field(default_factory=dict)
    """Further overrides of the run by the name of a variant: all rows are asked under each of them, and the
    variants stand side by side, as several controllers do."""

    def __post_init__(self) -> None:
        """Refuse what only all rows together show: none at all, too many, rows that do not exist."""
        if not 1 <= len(self.rows) <= MOST_ROWS:
            raise InputError(f"rows must hold 1 to {MOST_ROWS} rows, not {len(self.rows)}")
        for key, row in self.rows.items():
            for named in (row.control, *(each.against for each in row.measure)):
                if named is not None and named not in self.rows:
                    raise InputError(f"rows.{key}: {unknown('row', named, self.rows)}")
                if named == key:
                    raise InputError(f"rows.{key}: a row cannot be judged against itself")
            _check_overrides(f"rows.{key}.run", row.run)
        for key, given in self.variants.items():
            _check_overrides(f"variants.{key}", given)


def _check_overrides(where: str, given: Mapping[str, Any]) -> None:
    """Refuse keys of a run that an evaluation sets itself."""
    for name in given:
        if name.split(".")[0] in OWN:
            raise InputError(f"{where}: {name} is set by the evaluation itself; leave it out")


def names(config_dirs: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the files of all evaluations by name."""
    found: dict[str, Path] = {}
    for folder in content.search_path(config_dirs):
        for file in sorted((folder / GROUP).glob("*.yaml")):
            found.setdefault(file.stem, file)
    return dict(sorted(found.items()))


def load(name: str, config_dirs: Sequence[Path] = ()) -> EvaluationSpec:
    """Return the evaluation of a name, or in a file whose path ends in .yaml.

    Raises
    ------
    InputError
        There is none of that name, or something in the file is wrong; says what in one line.
    """
    path = Path(name)
    if path.suffix != ".yaml":
        files = names(config_dirs)
        if name not in files:
            raise unknown("evaluation", name, files)
        path = files[name]
    return read(read_yaml(path), path)


def read(tree: Mapping[str, Any], file: Path | None = None) -> EvaluationSpec:
    """Return the evaluation that a tree of plain data describes.

    Raises
    ------
    InputError
        Something in it is wrong.
    """
    return check(EvaluationSpec, tree, Origin(file=file))


def replaced(spec: EvaluationSpec, rows: Sequence[str] = (), seeds: int | None = None) -> EvaluationSpec:
    """Return some rows of an evaluation, with those that they are judged against, and other seeds.

    Raises
    ------
    InputError
        There is no such row.
    """
    wanted: set[str] = set()
    todo = list(rows) or list(spec.rows)
    while todo:
        key = todo.pop()
        if key not in spec.rows:
            raise unknown("row", key, spec.rows)
        if key not in wanted:
            wanted.add(key)
            todo += spec.rows[key].beside
    kept = {key: row for key, row in spec.rows.items() if key in wanted}
    if seeds is not None:
        if not 1 <= seeds <= MOST_SEEDS:
            raise InputError(f"seeds must be a whole number from 1 to {MOST_SEEDS}, not {seeds}")
        kept = {key: dataclasses.replace(row, seeds=None) for key, row in kept.items()}
    return dataclasses.replace(spec, rows=kept, seeds=seeds or spec.seeds)
