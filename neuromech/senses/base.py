"""The interface of senses, and the parts of the world that they sample."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from neuromech._lib.kernels import Call
from neuromech.world.stimuli.base import Field, Scene, Stimulus


@dataclass(frozen=True)
class Surroundings:
    """The parts of a world that senses sample.

    Parameters
    ----------
    stimulus : what there is to smell, taste, see or feel; None in a bare world.
    asked_mm_s : the velocity that the animal is asked for, 0 where none is.
    """

    stimulus: Stimulus | None = None
    asked_mm_s: float = 0.0

    @property
    def field(self) -> Field | None:
        """A field that is smelt or tasted, and the wind that carries it, if there is one."""
        return self.stimulus if isinstance(self.stimulus, Field) else None

    @property
    def scene(self) -> Scene | None:
        """What there is to see, if anything."""
        return self.stimulus if isinstance(self.stimulus, Scene) else None


@dataclass(frozen=True, eq=False)
class Live:
    """A simulation as compiled readings meet it: what they point to is this very memory.

    Parameters
    ----------
    model, data : of MuJoCo.
    clock_s : the time, float64 (1,), s.
    around : the surroundings.
    """

    model: mujoco.MjModel
    data: mujoco.MjData
    clock_s: np.ndarray
    around: Surroundings


class Sense(ABC):
    """One modality: named channels, a unit, bounds, and a reading.

    A class that is registered as a "sense" is made with the `body` (a compiled `Body`), and the keys of
    body.yaml as keywords: their names, types and defaults are those of its `__init__`.

    A sense keeps no view of the simulator's memory: it reads the state that it is given, so that a copy of a
    simulation feels its own body.
    """

    channels: tuple[str, ...]
    """Names of the values of a reading."""
    unit: str
    """Unit of a reading."""
    low: float = -np.inf
    """The lower bound of a reading."""
    high: float = np.inf
    """The upper bound of a reading."""
    segments: tuple[str, ...] = ()
    """The segment of each channel, "" of one that has none; empty where channels bear the names of parts."""
    sides: tuple[str, ...] = ()
    """The side of each channel; empty where it follows from the segment's place."""

    @abstractmethod
    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the reading of a state at time `t_s` in some surroundings, float32 (channel,)."""

    def compiled(self, live: Live, seen: np.ndarray) -> Sequence[Call] | None:
        """Return calls that write to `seen`, float32 (channel,), what `read` would return, to the bit.

        None, as here, has `read` called in every control period: it works as well and takes longer.
        """
        return None
