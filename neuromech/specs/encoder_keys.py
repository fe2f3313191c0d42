"""The keys that entries of `encoding` have beside `kind` and `sense`, by their kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from neuromech.specs.values import Interval, Name, Neurons, Positive


@dataclass(frozen=True)
class Windows:
    """Keys of the encoder `stretch`."""

    windows: dict[Name, Interval]
    """Parts of the body's bend that are felt, in multiples of reach (body lengths), towards the tail."""


@dataclass(frozen=True)
class RiseAndFall:
    """Keys of the encoder `on_off`."""

    rise: Neurons
    """Neurons that answer a rise."""
    fall: Neurons
    """Neurons that answer a fall."""


@dataclass(frozen=True)
class ByChannel:
    """Keys of the encoders that drive neurons by the channels of a sense."""

    neurons: dict[Name, Neurons]
    """Neurons by channel, field or cell type."""


@dataclass(frozen=True, kw_only=True)
class ContrastGainSpec:
    """The key `contrast_gain` of the encoder `optic_lobe`: the gain control before it."""

    background_s: Positive
    """How slowly the background, the luminance pooled over the surround, follows the light, s."""
    semisaturation: Positive
    """The pooled contrast that divides a column's contrast as much again as none at all."""
    surround_columns: Positive
    """Width of the surround, a Gaussian, at half height, in spacings of the columns."""


@dataclass(frozen=True)
class ByCellType(ByChannel):
    """Keys of the encoder `optic_lobe`."""

    contrast_gain: ContrastGainSpec | None = None
    """Gain control before the lobe; None if light drives it as it is."""


@dataclass(frozen=True)
class ByDirection:
    """Keys of the encoder `direction_selective`."""

    directions_deg: dict[Name, float]
    """Directions of motion on the retina by name: 0 towards the nose, 90 up."""
    neurons: dict[Name, Neurons]
    """Neurons by direction, and by "on" and "off"."""
    azimuth_deg: Interval | None = None
    """The part of the field that is seen, towards the nose positive."""
    elevation_deg: Interval | None = None
    """The part of the field that is seen, up positive."""
    surround_deg: Positive | None = None
    """How far the contrast is pooled by which motion is divided; over all that is seen, if left out."""


ENCODER_KEYS: dict[str, type[Any]] = {
    "stretch": Windows,
    "on_off": RiseAndFall,
    "direction_selective": ByDirection,
    "optic_lobe": ByCellType,
    **dict.fromkeys(("touch", "afferent", "odour", "saturating", "threshold"), ByChannel),
}
"""Keys of the encoders that are built in, by their names."""
