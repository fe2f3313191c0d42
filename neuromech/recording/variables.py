"""Variables of a recording, checked when it is read back: the axes of each, and the names along them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import xarray as xr

from neuromech._lib.errors import InputError

AXES = {
    "landmarks": ("time", "landmark", "xyz"),
    "qpos": ("time", "q"),
    "muscle": ("time", "muscle"),
    "activity": ("time", "neuron"),
    "stimulus": ("time", "stimulus_channel"),
    "spike_time": ("spike",),
    "spike_neuron": ("spike",),
}
"""Axes of the variables of a recording; those of senses are (time, NAME_channel)."""


class Damaged(InputError):
    """A recording holds what no recorder writes."""


def check(dataset: xr.Dataset, path: Path) -> None:
    """Check that the variables of a recording are numbers along their axes, and that every axis has names.

    Raises
    ------
    Damaged
        One of them is not what a recorder writes.
    """
    for name, variable in dataset.variables.items():
        axes = _axes(str(name))
        if axes and variable.dims != axes:
            raise Damaged(f"{path} is damaged: its {name} must be ({', '.join(axes)}), not {variable.dims}")
        if axes and variable.dtype.kind not in "iuf":
            raise Damaged(f"{path} is damaged: its {name} does not hold numbers")
        for axis in axes[1:]:
            label = "muscle_name" if axis == "muscle" else axis
            _check_names(dataset, str(name), label, axis, path)
    if "xyz" in dataset.variables and [str(each) for each in dataset["xyz"].values] != ["x", "y", "z"]:
        raise Damaged(f"{path} is damaged: its landmarks must have the coordinates x, y, z")


def _check_names(dataset: xr.Dataset, name: str, label: str, axis: str, path: Path) -> None:
    if label not in dataset.variables or dataset[label].dims != (axis,):
        raise Damaged(f"{path} is damaged: its {name} has no names along {axis}")
    words = [str(each) for each in dataset[label].values]
    if len(set(words)) < len(words):
        again = Counter(words).most_common(1)[0][0]
        raise Damaged(f"{path} is damaged: {again[:40]!r} stands twice along {axis}")


def _axes(name: str) -> tuple[str, ...]:
    if name.startswith("sense_"):
        return "time", f"{name.removeprefix('sense_')}_channel"
    return AXES.get(name, ())
