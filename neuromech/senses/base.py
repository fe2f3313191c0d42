"""What every sense is, and what of the world it may look at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import mujoco
import numpy as np

from neuromech.world.stimuli.drum import Drum
from neuromech.world.stimuli.fields import Field
from neuromech.world.stimuli.gratings import Scene


@dataclass(frozen=True)
class Surroundings:
    """The parts of a world that senses sample: a field that is smelt or tasted, and what there is to see."""

    chemical: Field | None
    scene: Scene | Drum | None = None


class Sense(ABC):
    """One modality: named channels, a unit, bounds, and a reading.

    A sense keeps no view of the simulator's memory: it reads the state that it is given, so that a copy of a
    simulation feels its own body.
    """

    channels: tuple[str, ...]
    unit: str
    low: float
    high: float

    @abstractmethod
    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """The reading of a state at time ``t_s``, float32 (channel,)."""
