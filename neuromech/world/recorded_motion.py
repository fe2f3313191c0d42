"""A recorded movement: the joint angles of an animal frame by frame, and a file that holds them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.files import arrays_of, replacing

MOST_BYTES = 2**30
"""The most that a file of joint angles may unpack to: an hour of 100 joints at 300 frames per second."""


@dataclass(frozen=True)
class RecordedMotion:
    """Joint angles that an animal was recorded with.

    Parameters
    ----------
    fps : frames per second.
    angles : float array (frame, ...), rad; what stands along the other axes is the kind of movement's matter.
    """

    fps: float
    angles: np.ndarray

    @property
    def seconds(self) -> float:
        """Time from the first frame to the last, s."""
        return (len(self.angles) - 1) / self.fps

    @property
    def times(self) -> np.ndarray:
        """Times of the frames since the first, s, (frame,)."""
        return np.arange(len(self.angles)) / self.fps


@dataclass(frozen=True)
class JointMotion(RecordedMotion):
    """A movement of named joints of a body, as `neuromech retarget` finds it in a recording.

    Parameters
    ----------
    fps : frames per second.
    angles : float array (frame, joint), rad as the joints of the model are; NaN where nothing was seen.
    joints : names of the joints.
    """

    joints: tuple[str, ...]

    def save(self, path: Path | str) -> Path:
        """Write the movement as an .npz of `fps`, `joints` and `angles_rad` (frame, joint); return its path.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        path = Path(path)
        try:
            with replacing(path) as part, part.open("wb") as file:
                np.savez_compressed(
                    file,
                    allow_pickle=False,
                    fps=np.array(self.fps),
                    joints=np.array(self.joints),
                    angles_rad=self.angles.astype(np.float32),
                )
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from None
        return path

    @staticmethod
    def load(path: Path) -> JointMotion:
        """Read what `save` wrote; nothing in the file is executed.

        Raises
        ------
        InputError
            The file is missing, damaged or holds something else.
        """
        need = f"{path} holds no movement of joints: 'neuromech retarget' makes one of a recording"
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                    raise InputError(f"{path} would unpack to more than {MOST_BYTES >> 20} MB")
            arrays = arrays_of(path)
            fps, joints, angles = (arrays[name] for name in ("fps", "joints", "angles_rad"))
        except FileNotFoundError:
            raise InputError(f"no file {path}") from None
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, NotImplementedError):
            raise InputError(need) from None
        if fps.dtype.kind not in "iuf" or fps.shape != () or not 0 < fps.item() < np.inf:
            raise InputError(f"{path}: fps must be one number above 0")
        if joints.dtype.kind != "U" or joints.ndim != 1 or len(set(joints.tolist())) < len(joints):
            raise InputError(f"{path}: joints must be different names")
        if angles.dtype.kind != "f" or angles.shape[1:] != joints.shape or len(angles) < 2:
            raise InputError(f"{path}: angles_rad must be (frame, joint) of two frames or more")
        if np.isinf(angles).any() or not np.isfinite(angles).any(axis=0).all():
            raise InputError(f"{path}: angles_rad are infinite, or those of a joint missing in every frame")
        return JointMotion(float(fps.item()), angles.astype(float), tuple(joints.tolist()))

    def cut(self, start_s: float = 0.0, stop_s: float | None = None) -> JointMotion:
        """Return the frames between two times, s.

        Raises
        ------
        InputError
            Fewer than two frames lie between them, or in none of them a joint was seen.
        """
        last = np.inf if stop_s is None else stop_s
        kept = (self.times >= start_s - 1e-9) & (self.times < last - 1e-9)
        angles = self.angles[kept]
        if len(angles) < 2 or not np.isfinite(angles).any(axis=0).all():
            raise InputError(f"not every joint was seen between {start_s:g} and {last:g} s of the recording")
        return JointMotion(self.fps, angles, self.joints)
