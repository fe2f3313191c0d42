"""Readers of recorded animals, one file each; the registry imports one when it is first asked for."""

from neuromech.tracking.io.base import FORMATS, Given

__all__ = ["FORMATS", "Given"]
