"""A recorded movement, which a replay gives to the joints frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
