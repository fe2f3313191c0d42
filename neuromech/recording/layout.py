"""The names along every axis of a recording, and what its variables are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

FORMAT = "neuromech-recording-1"
"""What the attribute `format` of every recording says."""
# The time last: what a kill leaves of a spike without one is dropped. No fill value for the neuron, or xarray
# would make it a float, which cannot hold an identity of 18 digits.
SPIKES = {"spike_neuron": ("i8", None), "spike_time": ("f8", np.nan)}
"""Variables of the list of spikes: type and fill value."""


@dataclass(frozen=True)
class Layout:
    """The names along every axis of a recording; an empty axis is left out of the file.

    `senses` maps a sense to the names of its channels, `sense_units` a sense to its unit (dimensionless where
    absent). A stimulus channel carries its unit in its name, as in `peak_x_mm`. `spikes` says what a list of
    every spike names its neurons by; without it there is no such list.
    """

    landmarks: tuple[str, ...]
    qpos: tuple[str, ...] = ()
    muscles: tuple[str, ...] = ()
    neurons: tuple[str, ...] = ()
    senses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stimulus: tuple[str, ...] = ()
    activity_unit: str = "mV"
    sense_units: Mapping[str, str] = field(default_factory=dict)
    spikes: str = ""

    def variables(self) -> dict[str, tuple[tuple[str, ...], tuple[int, ...], str]]:
        """Return {variable: (dimensions after time, their sizes, unit)} of what will be written."""
        every = {
            "landmarks": (("landmark", "xyz"), (len(self.landmarks), 3), "mm"),
            "qpos": (("q",), (len(self.qpos),), "mm, rad or quaternion"),
            "muscle": (("muscle",), (len(self.muscles),), "1"),
            "activity": (("neuron",), (len(self.neurons),), self.activity_unit),
            "stimulus": (("stimulus_channel",), (len(self.stimulus),), "in the channel's name"),
        }
        for name, channels in self.senses.items():
            unit = self.sense_units.get(name, "1")
            every[f"sense_{name}"] = ((f"{name}_channel",), (len(channels),), unit)
        return {name: spec for name, spec in every.items() if all(spec[1])}

    def coordinates(self) -> dict[str, tuple[str, ...]]:
        """Return {dimension: names} of every axis but time."""
        every = {
            "landmark": self.landmarks,
            "xyz": ("x", "y", "z"),
            "q": self.qpos,
            "muscle": self.muscles,
            "neuron": self.neurons,
            "stimulus_channel": self.stimulus,
        }
        every |= {f"{name}_channel": tuple(channels) for name, channels in self.senses.items()}
        return {name: tuple(labels) for name, labels in every.items() if labels}
