"""Where the pattern of a scene was, as a recording has it."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neuromech.world.stimuli.base import PATTERN_CHANNELS, PATTERN_MIDDLE, Pose


def poses(recording: xr.Dataset) -> list[Pose] | None:
    """Return where the pattern was, sample by sample; None of what is no scene.

    The line between the halves of a pattern is in the middle of its frame where a recording does not keep it.
    """
    if "stimulus" not in recording:
        return None
    names = [str(name) for name in recording["stimulus_channel"].values]
    if not set(PATTERN_CHANNELS) <= set(names):
        return None
    values = np.asarray(recording["stimulus"], float)
    found = np.zeros((len(values), len(PATTERN_CHANNELS) + 1))
    for column, name in enumerate((*PATTERN_CHANNELS, PATTERN_MIDDLE)):
        if name in names:
            found[:, column] = values[:, names.index(name)]
    return [tuple(row) for row in found.tolist()]
