"""What every reader of recorded animals shares: what the user must say, checks, and the shape of the result.

A reader is a function from a path, and what the user says about it, to a dataset with `time` (s) and
`landmarks` (time, landmark, xyz). It validates before it computes; what neither the file nor the user says is
asked for by the name of the option, never guessed. Gaps stay NaN unless the user allows to bridge them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import number, positive
from neuromech._lib.registry import registry
from neuromech.tracking.io import placeholders, quality
from neuromech.tracking.io.gaps import bridge, missing_times
from neuromech.tracking.kinematics import posture
from neuromech.tracking.kinematics.hind_steps import JOINTS

MILLIMETRES = {"m": 1e3, "cm": 10.0, "mm": 1.0, "um": 1e-3, "\u00b5m": 1e-3, "\u03bcm": 1e-3, "nm": 1e-6}
"""Length units a user or a file may name, in mm; px is not one of them."""
LEAST_FRAMES = 10
"""A recording with fewer frames has no distribution to compare."""
MOST_VALUES = 40_000_000
"""More coordinates than this are not read at once: the user picks a stretch of frames."""
KEYPOINTS = (
    "fps", "unit", "mm_per_px", "spine", "limbs", "joints", "individual", "likelihood", "max_gap_s", "frames",
    "up", "y_down",
)  # fmt: skip
"""Those of `ReaderOptions` that mean the same for every reader of keypoints, which takes all of them."""
ODD_FACTOR = 100.0
"""A body this many times longer or shorter than expected has its unit wrong."""


@dataclass(frozen=True)
class ReaderOptions:
    """What the user says about a file; None and empty are left to the file.

    fps: frames per second. unit: of its lengths, px or a key of `MILLIMETRES`. mm_per_px: scale. spine: names
    of the keypoints on the midline, nose to tail. limbs: the keypoint of each leg's foot, by the leg's name.
    joints: the keypoint of each joint of the hind legs, by our name for it: see `kinematics.hind_steps`.
    keypoints: names of all of them, where the file has none.
    individual: which animal, where there are several. likelihood: keypoints less certain than this are gaps.
    max_gap_s: longest gap to bridge by straight lines. frames: first and last frame to read. up: which way is
    up in a three-dimensional recording, as in -y. y_down: whether y points down the picture, which makes left
    and right; None is what the format means. body_length_mm: expected, to notice a wrong unit.
    """

    fps: float | None = None
    unit: str | None = None
    mm_per_px: float | None = None
    spine: tuple[str, ...] = ()
    limbs: Mapping[str, str] = field(default_factory=dict)
    joints: Mapping[str, str] = field(default_factory=dict)
    keypoints: tuple[str, ...] = ()
    individual: str | None = None
    likelihood: float = 0.0
    max_gap_s: float = 0.0
    frames: tuple[int, int] | None = None
    up: str | None = None
    y_down: bool | None = None
    body_length_mm: float | None = None

    def __post_init__(self) -> None:
        for name in ("fps", "mm_per_px", "body_length_mm"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, positive(name, value))
        for name in ("likelihood", "max_gap_s"):
            object.__setattr__(self, name, number(name, getattr(self, name), least=0.0))
        if self.likelihood > 1:
            raise InputError(f"likelihood must lie between 0 and 1, not {self.likelihood}")
        for name in ("unit", "individual", "up"):
            if (word := getattr(self, name)) is not None and not isinstance(word, str):
                raise InputError(f"{name} must be one name, not {word!r:.60}")
        for joint, keypoint in self.joints.items():
            if not isinstance(joint, str) or not isinstance(keypoint, str):
                raise InputError(f"joints must be names of keypoints by joint, not {self.joints!r:.60}")
        for name in ("spine", "keypoints"):
            if not all(isinstance(word, str) for word in getattr(self, name)):
                raise InputError(f"{name} must be a list of names, not {list(getattr(self, name))!r:.60}")
        if self.y_down is not None and not isinstance(self.y_down, bool):
            raise InputError(f"y_down must be true or false, not {self.y_down!r:.60}")
        if self.unit is not None and self.unit not in (*MILLIMETRES, "px"):
            raise unknown("unit", self.unit, [*MILLIMETRES, "px"])
        if self.frames is not None and not _in_order(self.frames):
            raise InputError(f"frames must be [first, last] with first below last, not {list(self.frames)}")
        if self.up is not None and self.up not in [sign + axis for sign in "+-" for axis in "xyz"]:
            raise InputError(f"up must be one of +x -x +y -y +z -z, not {self.up}")

    def stretch(self, frames: int, values_per_frame: int, path: Path) -> slice:
        """Return which of a file's frames to read; a stretch too long to hold is refused."""
        first, last = self.frames or (0, frames - 1)
        if first >= frames:
            raise InputError(f"{path} has {frames} frames; frames=[{first},{last}] begins after the last")
        stop = min(last + 1, frames)
        most = MOST_VALUES // max(values_per_frame, 1)
        if most < LEAST_FRAMES:
            raise InputError(f"{path} has {values_per_frame} values in every frame, which cannot be")
        if stop - first > most:
            raise InputError(
                f"{path} has {frames} frames, more than are read at once; pick some with "
                f"'frames=[{first},{first + most - 1}]'"
            )
        return slice(first, stop)


def _in_order(frames: Sequence[object]) -> bool:
    first, last = frames if len(frames) == 2 else (None, None)
    return type(first) is int and type(last) is int and 0 <= first < last


Reader = Callable[[Path, ReaderOptions], xr.Dataset]
Claim = Callable[[Path], bool]


@dataclass(frozen=True)
class Format:
    """A kind of file.

    read: from a file to a dataset. suffixes: how its names end. claims: whether a file that ends like that is
    one. takes: the options of `ReaderOptions` that mean something for it; the others are refused.
    """

    read: Reader
    suffixes: tuple[str, ...]
    claims: Claim
    takes: frozenset[str]


def reader(suffixes: Sequence[str], claims: Claim, takes: Sequence[str] = ()) -> Callable[[Reader], Format]:
    """Return a decorator that makes a function the reader of a kind of file; see `Format`.

    What it returns is registered with `neuromech.register("reader", NAME)`.
    """

    def make(function: Reader) -> Format:
        def read(path: Path, given: ReaderOptions) -> xr.Dataset:
            _refuse(registry("reader").name_of(found), takes, given, path)
            if not path.is_file():
                raise InputError(f"no recording at {path}")
            return function(path, given)

        found = Format(read, tuple(suffixes), claims, frozenset(takes))
        object.__setattr__(found, "__module__", function.__module__)  # the registry asks where it is from
        return found

    return make


def _refuse(name: str, takes: Sequence[str], given: ReaderOptions, path: Path) -> None:
    """Refuse what the user says where a format has no use for it: ignored, it would seem to be obeyed."""
    nothing = ReaderOptions()
    for each in fields(ReaderOptions):
        said = getattr(given, each.name) != getattr(nothing, each.name)
        if said and each.name not in (*takes, "body_length_mm"):
            options = ", ".join(f"{option}=" for option in takes) or "no options"
            raise InputError(
                f"{path} is read as {name}, for which {each.name}= means nothing; it takes {options}"
            )


def need_fps(given: ReaderOptions, path: Path, found: float | None = None) -> float:
    """Return the frame rate, the user's before the file's.

    Raises
    ------
    InputError: neither says it, or the file's is no rate.
    """
    if given.fps is not None:
        return given.fps
    if found is None:
        raise InputError(f"{path} does not say its frame rate; add fps=NUMBER")
    if not 0 < found < np.inf:
        raise InputError(f"{path} has a frame rate of {found}; add fps=NUMBER")
    return float(found)


def scale(
    given: ReaderOptions, path: Path, unit: str | None = None, mm_per_px: float | None = None
) -> float | None:
    """Return mm per unit of the file's lengths; None for pixels without a scale, if the user agrees to that.

    `unit` and `mm_per_px` are what the file says; what the user says comes first.

    Raises
    ------
    InputError: neither says it.
    """
    unit = given.unit or unit
    if unit is None:
        raise InputError(f"{path} does not say the unit of its lengths; add unit=NAME: px, mm, um ...")
    if unit != "px":
        if given.mm_per_px is not None:
            raise InputError(f"{path} has its lengths in {unit}, so mm_per_px= means nothing; see unit=")
        return MILLIMETRES[unit]
    found = given.mm_per_px or mm_per_px
    if found is None and given.unit != "px":
        raise InputError(
            f"{path} is in pixels and does not say their size; add mm_per_px=NUMBER, or unit=px to compare "
            "posture and rhythm only"
        )
    return found


@dataclass
class Points:
    """Keypoints as a file gives them, and what makes a dataset of them.

    times: s. xyz: (time, keypoint, 2 or 3) in the unit that is `mm` long; None is pixels. names: of the
    keypoints. frame: "crop" where every frame has an origin of its own, "egocentric" where the animal has.
    numbers: of the frames in the file, or in the video it was made from; 0, 1 ... if None. sure: (time,
    keypoint), how certain every position is, 0 to 1; None if the file does not say. notes: what the user
    should know about how the file was read.
    """

    path: Path
    times: np.ndarray
    xyz: np.ndarray
    names: Sequence[str]
    mm: float | None
    frame: str = ""
    y_down: bool = False
    attrs: dict[str, str | float] = field(default_factory=dict)
    numbers: np.ndarray | None = None
    sure: np.ndarray | None = None
    notes: Sequence[str] = ()

    def dataset(self, given: ReaderOptions) -> xr.Dataset:
        """Check everything and return the recording; the midline's landmarks are called spine_NN.

        `frame_number` (time) says which frame of the file a sample is, -1 one that is missing between two
        times far apart: such a gap is one sample without positions, so that nothing is drawn across it.

        Raises
        ------
        InputError: too few frames, times that do not increase, infinite values, keypoints that are missing.
        """
        times, notes = np.asarray(self.times, np.float64), list(self.notes)
        xyz, names = np.array(self.xyz, np.float64), [str(name) for name in self.names]
        if len(set(names)) < len(names):
            again = Counter(names).most_common(1)[0][0]
            raise InputError(f"{self.path} names the keypoint {again} twice")
        notes += quality.leave_out(xyz, self.sure, names, given.likelihood, self.path)
        notes += placeholders.leave_out(xyz, names)
        if not given.likelihood:
            notes += quality.unused(xyz, self.sure, names)
        check_times(times, self.path)
        if np.isinf(xyz).any():
            raise InputError(f"{self.path} holds infinite coordinates")
        if not np.isfinite(xyz).all(axis=-1).any():
            why = f" ({'; '.join(notes)})" if notes else ""
            raise InputError(f"{self.path}: every position is missing{why}")
        xyz, names = self._chosen(xyz, names, given, notes)
        xyz = self._upright(xyz, given) * (self.mm or 1.0)
        for leg, foot in given.limbs.items():
            if foot in given.spine:
                raise InputError(f"limbs.{leg}: keypoint {foot} is on the midline already (spine=)")
            if foot not in names:
                raise unknown(f"keypoint of limbs.{leg} in {self.path}:", foot, names)
        names = self._renamed(names, given)
        numbers = np.arange(len(times)) if self.numbers is None else np.asarray(self.numbers, int)
        step = float(np.median(np.diff(times)))
        places, missing = missing_times(times, given.max_gap_s)
        times, numbers = np.insert(times, places, missing), np.insert(numbers, places, -1)
        xyz = np.insert(xyz, places, np.nan, axis=0)
        filled = bridge(times, xyz, given.max_gap_s)
        if filled:
            notes.append(f"{filled} frames in gaps of at most {given.max_gap_s:g} s were bridged")
        # A midline with a hole has no arc length; the whole frame counts as missing.
        count = len(given.spine)
        xyz[~np.isfinite(xyz[:, :count]).all(axis=(1, 2)), :count] = np.nan
        frame = self.frame or ("crop" if self.mm is None else "")
        unit = "px" if self.mm is None else "mm"
        found = xr.Dataset(
            {"landmarks": (("time", "landmark", "xyz"), xyz, {"units": unit})},
            {
                "time": ("time", times, {"units": "s"}),
                "frame_number": ("time", numbers),
                "landmark": list(names),
                "xyz": ["x", "y", "z"],
            },
            {"units": f"{unit} s", "record_s": step, "source": str(self.path), **self.attrs},
        )
        if frame:
            found.attrs["frame"] = frame
        if given.limbs:
            found.attrs["limbs"] = json.dumps(dict(given.limbs))
        notes += unit_evidence(found, given)
        found.attrs["notes"] = json.dumps(notes)
        return found

    def _renamed(self, names: list[str], given: ReaderOptions) -> list[str]:
        ours = {}
        for joint, keypoint in given.joints.items():
            if joint not in JOINTS:
                raise unknown("joint", joint, JOINTS)
            if keypoint not in names or keypoint in ours:
                raise unknown(f"keypoint of joints.{joint} in {self.path}:", keypoint, names)
            ours[keypoint] = joint
        return [ours.get(name, name) for name in names]

    def _chosen(
        self, xyz: np.ndarray, names: list[str], given: ReaderOptions, notes: list[str]
    ) -> tuple[np.ndarray, list[str]]:
        if not given.spine:
            return xyz, names
        for name in given.spine:
            if name not in names:
                raise unknown(f"keypoint in {self.path}:", name, names)
        if len(given.spine) < 4 or len(set(given.spine)) < len(given.spine):
            raise InputError(f"spine needs at least four different keypoints, not {', '.join(given.spine)}")
        rest = [name for name in names if name not in given.spine]
        order = [names.index(name) for name in (*given.spine, *rest)]
        xyz = xyz[:, order]
        for index, name in enumerate(given.spine):
            seen = np.isfinite(xyz[:, index]).all(axis=-1)
            if not seen.any():
                raise InputError(f"{self.path}: keypoint {name} was never seen; leave it out of spine")
            if seen.mean() < 0.5:
                notes.append(f"keypoint {name} was seen in only {100 * seen.mean():.0f} % of the frames")
        return xyz, spine_names(len(given.spine)) + rest

    def _upright(self, xyz: np.ndarray, given: ReaderOptions) -> np.ndarray:
        """Return three coordinates with z upwards, counter-clockwise seen from above positive."""
        if xyz.shape[-1] == 2:
            if given.up is not None:
                raise InputError(f"{self.path} has two coordinates, so up= means nothing; see y_down=")
            down = self.y_down if given.y_down is None else given.y_down
            flat = np.where(np.isfinite(xyz).all(axis=-1), 0.0, np.nan)
            return np.stack([xyz[..., 0], -xyz[..., 1] if down else xyz[..., 1], flat], axis=-1)
        if given.y_down is not None:
            raise InputError(f"{self.path} has three coordinates, so y_down= means nothing; see up=")
        if given.up is None and not self.frame:
            raise InputError(f"{self.path} does not say which way is up; add up=+z, or another axis")
        sign, axis = (given.up or "+z")[0], "xyz".index((given.up or "+z")[1])
        high = np.zeros(3)
        high[axis] = 1.0 if sign == "+" else -1.0
        ahead = np.roll(np.eye(3)[axis], 1)
        return xyz @ np.stack([ahead, np.cross(high, ahead), high], axis=1)


def spine_names(count: int) -> list[str]:
    """Return spine_00 (nose) ... as the trackers call the points of a midline."""
    return [f"spine_{index:02d}" for index in range(count)]


def check_times(times: np.ndarray, path: Path) -> None:
    """Refuse times that are too few, not finite or do not increase."""
    if len(times) < LEAST_FRAMES:
        raise InputError(f"{path} has {len(times)} frames; at least {LEAST_FRAMES} are needed")
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise InputError(f"{path}: its times do not increase")


def unit_evidence(recording: xr.Dataset, given: ReaderOptions) -> list[str]:
    """Return a warning where the animal's length shows that a unit must be wrong."""
    names = posture.spine(recording["landmark"].values)
    if given.body_length_mm is None or recording.attrs["units"] != "mm s" or len(names) < 4:
        return []
    length = posture.body_length(posture.midline(recording))
    ratio = length / given.body_length_mm
    if not np.isfinite(ratio) or 1 / ODD_FACTOR < ratio < ODD_FACTOR:
        return []
    options = [f"{name}=" for name in ("unit", "mm_per_px") if getattr(given, name) is not None]
    said = " and ".join(options) or "the unit of length in the file"
    return [
        f"the recorded animal would be {length:.3g} mm long, the simulated one is {given.body_length_mm:g} "
        f"mm: is {said} right?"
    ]
