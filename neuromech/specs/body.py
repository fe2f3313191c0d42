"""What body.yaml says: the model of an animal and the meaning of its parts, as typed, checked data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MinLen

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import registry
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.options import Part, read_parts
from neuromech.specs.values import Colour, Interval, Name, Names, NotNegative, Positive, Share, Vector3


@dataclass(frozen=True)
class PackagedModel:
    """A model that an installed package brings."""

    package: Name
    """The package's name, as it is imported."""
    file: Name
    """The path of the MJCF file in the package's folder."""


@dataclass(frozen=True)
class ModelUnits:
    """The units of an imported model, in ours; its time is in seconds."""

    length_mm: Positive
    """Length of the model's unit of length, mm: 1000 for a model in metres."""
    mass_mg: Positive
    """Mass of the model's unit of mass, mg: 1e6 for a model in kilograms."""


@dataclass(frozen=True)
class Trunk:
    """The part of an imported model that gets the joints of `root`."""

    body: Name
    """Name of that part."""
    height_mm: NotNegative
    """How high above the floor it begins."""


@dataclass(frozen=True)
class Root:
    """The joints that move the whole body over the floor."""

    x: Name
    """Sliding joint along x."""
    y: Name
    """Sliding joint along y."""
    yaw: Name
    """Hinge about the vertical."""


@dataclass(frozen=True)
class Segments:
    """The rigid segments along the body's axis, and what a medium needs to know of them."""

    names: Names
    """Bodies of the model, from front to end."""
    length_mm: Positive | tuple[Positive, ...] | None = None
    """Length of each segment, or of all; needed in a medium."""
    tangent: Vector3 | None = None
    """Unit vector that points to the front in a segment's own frame; needed in a medium."""
    up: Vector3 | None = None
    """Unit vector that points to the back in a segment's own frame; needed in water with inertia."""
    height_mm: Annotated[tuple[Positive, ...], MinLen(1)] | None = None
    """Height, fins included, at evenly spaced places from front to end; needed in water with inertia."""
    width_mm: Annotated[tuple[Positive, ...], MinLen(1)] | None = None
    """Width at evenly spaced places from front to end; needed in water with inertia."""

    def __post_init__(self) -> None:
        """Refuse lengths that are not those of the segments."""
        if isinstance(self.length_mm, tuple) and len(self.length_mm) != len(self.names):
            raise InputError(
                f"length_mm must be one number, or one for each of the {len(self.names)} segments, not "
                f"{len(self.length_mm)}"
            )


@dataclass(frozen=True)
class Buoyancy:
    """A body that floats: its flesh sinks, and a swim bladder lifts as much."""

    tissue_mg_mm3: Positive
    """Density of the flesh."""
    bladder: Name
    """Site at the bladder's centre."""
    volume_per_mm: NotNegative
    """Share of its volume that the bladder gains per mm that it rises."""


@dataclass(frozen=True)
class Limb:
    """A leg, and the sense that says whether it stands on the floor."""

    load: Name
    """The channel of the sense `load`."""
    paw: Name
    """The landmark at its end."""


@dataclass(frozen=True)
class Proboscis:
    """Mouthparts that can be stretched out."""

    head: Name
    """A landmark on the head."""
    tip: Name
    """The landmark at the tip."""
    extended_mm: Positive
    """They are stretched out when the tip is farther from the head than this."""


@dataclass(frozen=True)
class Grooming:
    """Front feet that clean something: the tarsus, the foot, and what it cleans, by side."""

    left: tuple[Name, Name, Name]
    """Landmarks of the left side."""
    right: tuple[Name, Name, Name]
    """Landmarks of the right side."""
    near_mm: Positive
    """A foot that is nearer than this cleans."""


@dataclass(frozen=True)
class StrideLine:
    """How long the animal's strides are at each of some speeds, as published; in between it is a line."""

    speeds_mm_s: Annotated[tuple[Positive, ...], MinLen(2)]
    """Rising speeds."""
    strides_mm: Annotated[tuple[Positive, ...], MinLen(2)]
    """The length of a stride at each of them."""

    def __post_init__(self) -> None:
        """Refuse speeds that do not rise, or more of them than lengths."""
        if len(self.speeds_mm_s) != len(self.strides_mm):
            raise InputError("speeds_mm_s and strides_mm must be as many")
        if any(fast <= slow for slow, fast in pairwise(self.speeds_mm_s)):
            raise InputError("speeds_mm_s must rise")


@dataclass(frozen=True)
class GaitLandmarks:
    """Landmarks that the tracker `gait` uses beside the feet."""

    head: tuple[Name, Name] | None = None
    """Landmarks at the front and the rear of the head, which show its direction."""
    trunk: Name | None = None
    """The middle of the trunk, whose speed and height count."""
    standing_mm: Positive | None = None
    """Height of the trunk as the animal stands."""
    across: tuple[Name, Name] | None = None
    """Landmarks to the right and the left of the trunk, which show its roll."""
    along: tuple[Name, Name] | None = None
    """Landmarks at the rear and the front of the trunk, which show its direction."""
    proboscis: Proboscis | None = None
    """Mouthparts, where the animal has such."""
    grooming: Grooming | None = None
    """Front feet that clean the antennae, where the animal has such."""
    stride_line: StrideLine | None = None
    """How stride length grows with speed in the animal."""


@dataclass(frozen=True)
class TailReplay:
    """How a recorded tail drives this body."""

    joints: Names
    """Joints that bend as the recorded tail did, from front to end."""
    landmark: Name
    """The landmark whose path is compared with the recorded one."""


@dataclass(frozen=True)
class LegReplay:
    """How recorded legs drive this body; each name of a part follows that of a leg: `lf_coxa`."""

    legs: tuple[Name, ...]
    """Names of the legs in the recording and in the model."""
    joints: dict[Name, Name]
    """The joints of the model by the names of the recorded ones."""
    foot: Name
    """The recorded point at the end of a leg."""
    hip: Name
    """The recorded point at its beginning."""
    grip: Name
    """The actuator that holds a foot to the floor."""
    trunk: Name
    """The landmark of the trunk."""
    physics_s: Positive | None = None
    """Step of the physics that the replay needs."""


@dataclass(frozen=True)
class Organ:
    """An organ that shows through a skin; it has no effect on the physics."""

    from_: Share
    """Where it begins, 0 at the front and 1 at the end."""
    to: Share
    """Where it ends."""
    radius: Share
    """Its radius as a share of that of the skin."""
    colour: Colour
    """Its colour."""
    name: str = ""
    """What it is."""

    def __post_init__(self) -> None:
        """Refuse one that ends before it begins."""
        if self.to <= self.from_:
            raise InputError(f"to={self.to:g} must be behind from={self.from_:g}")


@dataclass(frozen=True)
class Skin:
    """A smooth tube around landmarks, drawn in the place of the model's segments."""

    landmarks: Annotated[Names, MinLen(2)]
    """From front to end."""
    radius_mm: Annotated[tuple[Positive, ...], MinLen(1)]
    """Radius at evenly spaced places from front to end, mm."""
    kind: Literal["tube"] = "tube"
    """The kind of the skin; there is only this one."""
    colour: Colour = (0.87, 0.80, 0.66)
    """Its colour."""
    beside: Annotated[int, Ge(0), Le(5)] | None = None
    """The group of the model's geoms that are drawn beside it, as legs and ears are."""
    organs: tuple[Organ, ...] = ()
    """Organs that show through it."""


@dataclass(frozen=True)
class Norm:
    """A published range of a metric, which reports show beside the simulated value."""

    range: Interval
    """Lowest and highest."""
    unit: str = "1"
    """The metric's unit."""
    source: str = ""
    """The paper, with its DOI."""
    quantiles: tuple[float, ...] = ()
    """Quantiles of the published distribution at 5, 10, 20 ... 90, 95 %, where they are known."""


@dataclass(frozen=True)
class SenseSpec(Part):
    """One sense; its keys are those of its kind."""

    REGISTRY: ClassVar[str] = "sense"
    SUPPLIED: ClassVar[tuple[str, ...]] = ("body",)


@strict
@dataclass(frozen=True, kw_only=True)
class BodySpec:
    """A body.yaml. Only `name` and `model` are needed: what else is not said is derived from the model.

    Units are mm, mg and s; forces nN.
    """

    name: Name
    """Name of the folder, by which runs call it."""
    title: str = ""
    """What it is, in one line."""
    model: Name | PackagedModel
    """The MJCF file in the same folder, or one that an installed package brings."""
    units: ModelUnits | None = None
    """Units of a model that was made by somebody else."""
    adopt: Trunk | None = None
    """Which part of such a model gets the joints of `root`."""
    length_mm: Positive | None = None
    """Length of the animal; without it, the longest distance across the model as it was built."""
    mirrored: bool = False
    """Whether the animal lies on its other side."""
    root: Root | None = None
    """Joints that move it over the floor; without it, those of the model's first part that can."""
    landmarks: Names | None = None
    """Sites that are recorded; without it, all sites of the model, or the middle of every part."""
    segments: Segments | None = None
    """Segments from front to end; without it, all parts of the model in its order."""
    sides: dict[Name, tuple[Name, ...]] = dataclasses.field(default_factory=dict)
    """Sides, each with the names of the parts that lie there: {dorsal-left: ["MDL*"]}."""
    senses: dict[Name, SenseSpec] = dataclasses.field(default_factory=dict)
    """The senses of the animal, by name."""
    limbs: dict[Name, Limb] = dataclasses.field(default_factory=dict)
    """The legs of the animal, by name."""
    tracker: Name | None = None
    """The tracker of its movement: undulation, bouts, gait or a registered one; without it there are no
    metrics."""
    gait: GaitLandmarks = dataclasses.field(default_factory=GaitLandmarks)
    """Landmarks that the tracker `gait` uses."""
    replay: TailReplay | LegReplay | None = None
    """The parts that a recorded movement drives in a replay."""
    markers: dict[Name, Name] = dataclasses.field(default_factory=dict)
    """Landmarks by the names that recordings of this animal give to them."""
    buoyancy: Buoyancy | None = None
    """Its flesh and its swim bladder, which keep it afloat."""
    skin: Skin | None = None
    """The skin with which it is drawn."""
    elevation_deg: Annotated[float, Ge(-90), Le(90)] | None = None
    """Elevation of the cameras' line of sight; they look down where it is negative."""
    norms: dict[Name, Norm | None] = dataclasses.field(default_factory=dict)
    """Published ranges of metrics of the living animal, by metric."""
    folder: Path = dataclasses.field(default=Path(), metadata={"hidden": True})
    folders: tuple[Path, ...] = dataclasses.field(default=(), metadata={"hidden": True})


def read_body(tree: Mapping[str, Any], origin: Origin | None = None) -> BodySpec:
    """Return the body that a merged body.yaml describes.

    Raises
    ------
    InputError
        A key is unknown or missing, a value is of the wrong type or out of range, or no tracker has the name.
    """
    origin = origin or Origin("body")
    spec = read_parts(check(BodySpec, tree, origin), origin)
    if spec.tracker is not None and spec.tracker not in (trackers := registry("tracker")):
        before, key = origin.place(("tracker",))
        raise InputError(before + str(unknown(key, spec.tracker, trackers)))
    return spec
