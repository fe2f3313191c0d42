"""Parts of a row of an evaluation that is more than episodes of a body whose tracker measures them.

A part is plain data as the row is. Fields that a part got after results of such rows were kept stand in its
`LATER`: they are left out of what results are found by as long as they have their default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from neuromech._lib.errors import InputError
from neuromech.specs.checked import Checked
from neuromech.specs.values import (
    Count,
    Interval,
    MinLen,
    Name,
    NotNegative,
    Number,
    Positive,
    Share,
    Whole,
)  # fmt: skip

MOST_SEEDS = 10_000
"""So many episodes a row may have: a bound that keeps a slip of the pen from asking for years of them."""
MOST_STEPS = 10_000
"""So many drives a sweep may have."""
MOST_CLAMPED_S = 3600
"""So long a clamped cell may be watched, s."""
Seeds = Annotated[int, Ge(1), Le(MOST_SEEDS)]
"""How many episodes of a row are played; their seeds are 0, 1, 2 ..."""
Neurons = Annotated[tuple[Name, ...], MinLen(1)]
"""Names, of which there is one at least."""


@dataclass(frozen=True, kw_only=True)
class ComparisonSpec(Checked):
    """A recording of the animal, beside which episodes are held as `neuromech compare` does."""

    measured: Name
    """The recording: a name of `neuromech data list`, or a path."""
    format: Name | None = None
    """Its format, where the file does not show it."""
    options: dict[str, Any] = field(default_factory=dict)
    """What the file does not say, as `neuromech compare` takes it: fps, unit, spine, limbs ..."""
    episodes: Seeds = 5
    """So many episodes make one score."""

    SECTION = "comparison"


@dataclass(frozen=True, kw_only=True)
class HeldOut(Checked):
    """Numbers of a controller that were fitted without some parts of the driven neurons."""

    file: Name | None = None
    """A YAML file in the controller's folder, of lists of what to put into parameters.yaml, one for each
    part; without it all numbers stay as they are, and only that part of the neurons is looked at."""
    fits: Name = "wired"
    """Which of its lists."""
    folds: Count = 5
    """Into how many parts the classes of driven neurons are dealt."""

    SECTION = "atlas.held_out"


@dataclass(frozen=True, kw_only=True)
class AtlasSpec(Checked):
    """The functional atlas of a brain, scored against a measured one."""

    measured: Name
    """The file of the measured atlas: a name of `neuromech data list`, or a path."""
    strain: Literal["wt", "unc31"] = "wt"
    """Wild type, or unc-31, which releases no dense-core vesicles."""
    current_pA: Positive = 20.0
    """The current into the driven neuron."""
    settle_s: Positive = 20.0
    """How long the brain rests before a neuron is driven."""
    drive_s: Positive = 2.0
    """How long the neuron is driven; the response is the change of activity at its end."""
    embodied: bool = False
    """Whether the brain stays in its body: an episode is played for every driven neuron."""
    held_out: HeldOut | None = None
    """Fits that each left a part of the driven neurons out, which alone is looked at: seed 0 the first."""

    SECTION = "atlas"
    LATER: ClassVar = ("embodied", "held_out")


@dataclass(frozen=True, kw_only=True)
class ActivitySpec(Checked):
    """The activity of named neurons beside a recording of theirs."""

    measured: Name
    """The file of traces: NWB, npz or CSV; a name of `neuromech data list`, or a path."""
    components: Count = 3
    """Dimensions of the shared low-dimensional dynamics that are compared."""
    decay_s: NotNegative = 0.0
    """How slowly the indicator of a recording decays: simulated activity is smoothed with it; 0 for not."""

    SECTION = "activity"


@dataclass(frozen=True, kw_only=True)
class SweepSpec(Checked):
    """A drive that rises in steps, and may fall again."""

    start: Number
    """The first drive."""
    stop: Number
    """The last one on the way up."""
    step: Positive
    """How far apart two drives are."""
    command: Name | None = None
    """The command of the controller that is set to the drive."""
    inject: tuple[Name, ...] = ()
    """In its place: the neurons into which the drive goes as a current, pA."""
    back: bool = False
    """Whether it falls again over the same drives, each going on from the state that the last one left."""
    nudge: Share = 0.0
    """Standard deviation, as a share of its value, of the change of every state variable between two drives
    where one goes on from the other: without noise an unstable rhythm lasts for ever."""

    SECTION = "sweep"

    def __post_init__(self) -> None:
        """Refuse a sweep of nothing, or in too many steps."""
        super().__post_init__()
        if (self.command is None) == (not self.inject):
            raise InputError("a sweep is one of a command or one of a current: give command or inject")
        if not self.start < self.stop:
            raise InputError(f"a sweep must rise: start={self.start:g} is not below stop={self.stop:g}")
        if (self.stop - self.start) / self.step > MOST_STEPS:
            raise InputError(f"a sweep may have {MOST_STEPS} steps; a step of {self.step:g} is too small")

    @property
    def drives(self) -> tuple[float, ...]:
        """The drives on the way up, rounded so that they can be read."""
        count = int((self.stop - self.start) / self.step + 1.5)
        return tuple(round(self.start + k * self.step, 9) for k in range(count))


@dataclass(frozen=True, kw_only=True)
class RhythmSpec(Checked):
    """The rhythm of limbs, as some of their neurons show it."""

    limbs: Annotated[dict[Name, Neurons], MinLen(1)]
    """Neurons of each limb: it has the rhythm if those that are alive have it together. They are in the order
    in which they should peak."""
    band_hz: Interval = (4.0, 20.0)
    """Between which frequencies a rhythm is looked for."""

    SECTION = "rhythm"

    def __post_init__(self) -> None:
        """Refuse a band without width."""
        super().__post_init__()
        _check_band(self.band_hz)


@dataclass(frozen=True, kw_only=True)
class CentresSpec(Checked):
    """Flexor centres of the four limbs of a quadruped, whose bursts make a gait."""

    hl: Name
    """The centre of the left hind limb."""
    hr: Name
    """That of the right hind limb."""
    fl: Name
    """That of the left fore limb."""
    fr: Name
    """That of the right fore limb."""

    SECTION = "gait"


@dataclass(frozen=True, kw_only=True)
class IsolatedSpec(Checked):
    """A brain out of its body, without senses, under constant drive."""

    duration_s: Positive = 3.0
    """How long it is played, at each drive of a sweep."""
    settle_s: NotNegative = 1.0
    """So much of its beginning is not looked at."""
    step_s: Positive = 0.001
    """The time between two samples."""
    substeps: Count = 1
    """Steps of the neurons within it."""
    part: tuple[Name, ...] = ()
    """Neurons, classes or types that are cut out; all others are gone."""
    inject_pA: dict[Name, Number] = field(default_factory=dict)
    """A constant current into neurons, classes or types."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Sections in the place of those of parameters.yaml."""
    drawn: dict[Name, Share] = field(default_factory=dict)
    """Sections whose every number is drawn, by the seed, around its value: the standard deviation, a share of
    it."""
    sweep: SweepSpec | None = None
    """A drive that rises."""
    rhythm: RhythmSpec | None = None
    """Limbs whose rhythm is looked at."""
    gait: CentresSpec | None = None
    """Limbs whose gait is looked at."""

    SECTION = "isolated"

    def __post_init__(self) -> None:
        """Refuse a preparation that nothing is seen of."""
        super().__post_init__()
        if (self.rhythm is None) == (self.gait is None):
            raise InputError("isolated needs rhythm or gait, one of them")
        if self.gait is not None and self.sweep is None:
            raise InputError("isolated.gait needs isolated.sweep")
        if self.settle_s >= self.duration_s:
            raise InputError(
                f"settle_s={self.settle_s:g} must be shorter than duration_s={self.duration_s:g}"
            )


@dataclass(frozen=True, kw_only=True)
class LimbsSpec(Checked):
    """Joints and pools of neurons of limbs, in an episode, beside the rhythm of a neuron of each limb."""

    rhythm: Annotated[dict[Name, Name], MinLen(1)]
    """The neuron of each limb whose rhythm is the limb's."""
    sense: Name = "joints"
    """The sense that feels the angles of joints."""
    joints: Annotated[dict[Name, Neurons], MinLen(1)]
    """Joints by what tables call them, without the limb's name and an underscore before them; of several,
    the one that moves most counts."""
    pools: dict[Name, Neurons] = field(default_factory=dict)
    """Two pools of neurons that should alternate: beginnings of their names; {limb} stands for the limb."""
    band_hz: Interval = (4.0, 20.0)
    """Between which frequencies a rhythm is looked for."""
    least_deg: Positive = 10.0
    """A joint moves if it moves so far."""
    agrees: Share = 0.1
    """It moves at the limb's rhythm if the frequencies differ by at most this share."""
    alternates: Annotated[float, Ge(-1), Le(1)] = -0.3
    """Pools alternate if their rates are correlated by this or less."""

    SECTION = "limbs"

    def __post_init__(self) -> None:
        """Refuse one pool, or three."""
        super().__post_init__()
        _check_band(self.band_hz)
        if len(self.pools) not in (0, 2):
            raise InputError(f"limbs.pools must be two pools, not {len(self.pools)}")


@dataclass(frozen=True, kw_only=True)
class ReplaySpec(Checked):
    """Recorded bouts of swimming, imposed on the body: where they end is compared."""

    measured: Name
    """The file of bouts: a name of `neuromech data list`, or a path."""
    bouts: Annotated[tuple[Whole, ...], MinLen(1)]
    """Their numbers."""
    physics_s: Positive = 0.0005
    """The step of the physics."""
    features: bool = False
    """Whether features of the paths are compared, too."""

    SECTION = "replay"


@dataclass(frozen=True, kw_only=True)
class TuningSpec(Checked):
    """A cell type of a trained optic lobe, and the direction of moving edges that it should prefer."""

    cells: Name
    """The cell type."""
    edges: Literal["bright", "dark"]
    """The edges that it should answer."""
    direction_deg: Number
    """The direction that it should prefer: 0 towards the nose, 90 up."""
    lobe: Name = "optic_lobe.yaml"
    """The file of the controller's folder with what was learned. If it was learned on shuffled wiring, its
    last fit says the seed of the shuffle."""
    shuffled: bool = False
    """Whether the wiring is shuffled."""
    radius: Annotated[int, Ge(1), Le(50)] = 8
    """Columns of the eye from its middle to its edge."""
    columns_per_s: Positive = 15.0
    """How fast edges move."""

    SECTION = "tuning"


@dataclass(frozen=True, kw_only=True)
class SpikesSpec(Checked):
    """A spiking brain out of its body, some of whose neurons get random spikes."""

    excite: Name
    """What the names of the neurons begin with that get them."""
    rate_Hz: Positive
    """How often."""
    output: Name
    """What the name of the neuron begins with that is looked at."""
    trials: Seeds = 30
    """So many trials make one mean."""
    duration_s: Positive = 1.0
    """How long a trial is."""
    shuffled: bool = False
    """Whether the wiring is shuffled, with the seed of the row."""

    SECTION = "spikes"


@dataclass(frozen=True, kw_only=True)
class PulseSpec(Checked):
    """A current into a clamped cell."""

    current_pA: Number
    """The current."""
    start_s: NotNegative
    """When it begins."""
    stop_s: Positive
    """When it ends."""

    SECTION = "clamp.pulses"

    def __post_init__(self) -> None:
        """Refuse a pulse that ends before it begins."""
        super().__post_init__()
        if self.start_s >= self.stop_s:
            raise InputError(f"start_s={self.start_s:g} must be before stop_s={self.stop_s:g}")


@dataclass(frozen=True, kw_only=True)
class ClampSpec(Checked):
    """A cell with ion channels, alone, in current clamp: true pA, no synapse, no gap junction."""

    cell: Name
    """A kind of cell of the controller's channels.yaml."""
    pulses: Annotated[tuple[PulseSpec, ...], MinLen(1)]
    """Currents, one after the other."""
    duration_s: Annotated[float, Gt(0), Le(MOST_CLAMPED_S)]
    """How long it is watched; it begins at rest."""

    SECTION = "clamp"

    def __post_init__(self) -> None:
        """Refuse pulses that overlap, and a watch that ends with the last of them."""
        super().__post_init__()
        ends = [*(each.start_s for each in self.pulses[1:]), self.duration_s]
        for pulse, end in zip(self.pulses, ends, strict=True):
            if pulse.stop_s >= end:
                raise InputError(f"a pulse ends at {pulse.stop_s:g} s, and {end:g} s must be after that")


def _check_band(band_hz: Interval) -> None:
    if not 0 < band_hz[0] < band_hz[1]:
        raise InputError(f"band_hz must be [low, high] with 0 < low < high, not {list(band_hz)}")


KINDS_OF_THEIR_OWN = ("comparison", "atlas", "activity")
"""Parts that belong to rows of the kind of the same name, or to controls."""
PARTS = (
    *KINDS_OF_THEIR_OWN,
    "isolated",
    "limbs",
    "replay",
    "tuning",
    "spikes",
    "clamp",
    "policy",
    "imitation",
)
"""Parts that make a row another one than of episodes; each is answered by a module of its own."""
