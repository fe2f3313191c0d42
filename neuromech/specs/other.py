"""What environment.yaml says of another animal that is there."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuromech.specs.values import Name, Number, Vector2


@dataclass(frozen=True)
class OtherSpec:
    """A second animal in the same world, which its own controller moves."""

    body: Name
    """A folder of bodies/."""
    controller: Name
    """A folder of controllers/."""
    at_mm: Vector2 = (0.0, 0.0)
    """Where it begins: ahead of the animal, and to its left."""
    heading_deg: Number = 0.0
    """Where it looks then, counter-clockwise from where the animal looks."""
    luminance: Number = 0.0
    """How light it looks to eyes, from 0 to 1."""
    # The specs of its body and controller, which `content.load` reads.
    body_spec: Any = dataclasses.field(default=None, metadata={"hidden": True})
    controller_spec: Any = dataclasses.field(default=None, metadata={"hidden": True})

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every content folder of it."""
        return (*self.body_spec.folders, *self.controller_spec.folders)
