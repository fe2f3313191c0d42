"""What every sense is, and what of the world it may look at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from neuromech.world.stimuli.drum import Drum
from neuromech.world.stimuli.fields import Field
from neuromech.world.stimuli.gratings import Scene


@dataclass(frozen=True)
class Surroundings:
    """The parts of a world that senses sample.

    ``external_force_nN`` is MuJoCo's ``xfrc_applied`` (body, 6): pushes by the experimenter and by walls.
    """

    chemical: Field | None
    external_force_nN: np.ndarray
    scene: Scene | Drum | None = None


class Sense(ABC):
    """One modality: named channels, a unit, bounds, and a reading."""

    channels: tuple[str, ...]
    unit: str
    low: float
    high: float

    @abstractmethod
    def read(self, t_s: float) -> np.ndarray:
        """The present reading, float32 (channel,)."""
