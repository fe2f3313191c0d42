"""Recorded animals in the shape of a recording, so that the trackers run on them unchanged.

`read` finds out what a file is, `load` is told; both return a dataset with `time` (s) and, but for a few
formats, `landmarks` (time, landmark, xyz). Gaps stay NaN unless the user allows to bridge them.
"""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import FORMATS
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.io.detection import detect, there
from neuromech.tracking.io.skeletons import eigenworm_basis
from neuromech.tracking.kinematics import hind_steps, posture

__all__ = ["FORMATS", "ReaderOptions", "eigenworm_basis", "load", "notes", "read"]

MIDLINE_TRACKERS = ("undulation", "bouts", "gait")
"""Trackers that look at a midline: the user says which keypoints lie on it."""


def notes(dataset: xr.Dataset) -> list[str]:
    """Return what the user should know about how a recording was read, sentences without a full stop.

    This is the one way in which readers speak: the attribute `notes` of what they return, a list in JSON.
    """
    return [str(note) for note in json.loads(dataset.attrs.get("notes") or "[]")]


def load(name: str, path: Path, given: ReaderOptions | None = None) -> xr.Dataset:
    """Read a recorded animal of the format `name`.

    Raises
    ------
    InputError: no such format, or the file is missing, damaged or of another kind.
    """
    if name not in FORMATS:
        raise unknown("recording format", name, FORMATS)
    there(Path(path))
    return FORMATS[name].read(Path(path), given or ReaderOptions())


def read(
    path: Path, given: ReaderOptions | None = None, name: str | None = None, tracker: str = ""
) -> xr.Dataset:
    """Read a recorded animal, of the format `name` or of the one that the file shows.

    `tracker` is what shall look at it, for files that do not say what animal they show.

    Raises
    ------
    InputError: as `load`; also keypoints of which the user must say which are the midline or the feet.
    """
    found = load(name, path, given) if name else detect(Path(path)).read(Path(path), given or ReaderOptions())
    found.attrs.setdefault("tracker", tracker)
    if hind_steps.shown(found) and "limbs" not in found.attrs:
        return found  # joints of hind legs only
    if found.attrs["tracker"] in MIDLINE_TRACKERS and "landmarks" in found:
        names = [str(each) for each in found["landmark"].values]
        if len(posture.spine(names)) < 4:
            raise InputError(
                f"{path} has the keypoints {', '.join(names)}; say which are the midline, nose to tail: add "
                "'spine=[NAME,NAME,...]'"
            )
    if found.attrs["tracker"] == "gait" and "landmarks" in found and "limbs" not in found.attrs:
        names = [str(each) for each in found["landmark"].values]
        raise InputError(
            f"{path} has the keypoints {', '.join(names)}; say which are feet: add "
            "'limbs={fl:NAME,fr:NAME,hl:NAME,hr:NAME}'"
        )
    return found
