"""Readers of recorded animals, one file each; importing this package registers them all."""

from neuromech.tracking.io import deeplabcut, fly, mocap, nwb, own, skeletons, sleap, tails, wcon
from neuromech.tracking.io.base import FORMATS, Given

__all__ = [
    "FORMATS",
    "Given",
    "deeplabcut",
    "fly",
    "mocap",
    "nwb",
    "own",
    "skeletons",
    "sleap",
    "tails",
    "wcon",
]
