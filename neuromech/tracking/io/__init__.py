"""Readers of recorded animals, one file each; the registry imports one when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuromech._lib.registry import Registry

if TYPE_CHECKING:
    from neuromech.tracking.io.base import Format


def _wrong(item: object) -> str:
    """Say that a function alone is no reader: which files are its own must be known before one is read."""
    if hasattr(item, "suffixes") and hasattr(item, "claims"):
        return ""
    return "needs suffixes and claims, too: write @neuromech.tracking.io.base.reader(...) above the function"


FORMATS: Registry[Format] = Registry(
    "reader",
    {
        "deeplabcut": "neuromech.tracking.io.deeplabcut:from_csv",
        "deeplabcut_h5": "neuromech.tracking.io.deeplabcut:from_h5",
        "flygym": "neuromech.tracking.io.fly:clip",
        "flygym_joints": "neuromech.tracking.io.fly:joints",
        "markers": "neuromech.tracking.io.markers:markers",
        "stac": "neuromech.tracking.io.mocap:stac",
        "nwb": "neuromech.tracking.io.nwb:nwb",
        "neuromech": "neuromech.tracking.io.own:own",
        "wormpose": "neuromech.tracking.io.skeletons:wormpose",
        "tierpsy": "neuromech.tracking.io.skeletons:tierpsy",
        "sleap_h5": "neuromech.tracking.io.sleap:from_h5",
        "sleap": "neuromech.tracking.io.sleap:from_csv",
        "tail_csv": "neuromech.tracking.io.tails:tail_csv",
        "tail_bouts": "neuromech.tracking.io.tails:tail_bouts",
        "bouts": "neuromech.tracking.io.tails:bout_table",
        "wcon": "neuromech.tracking.io.wcon:wcon",
    },
    _wrong,
)
"""Every kind of file there is a reader for, by name, in the order in which they are tried."""
