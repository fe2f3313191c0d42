"""What the animal can sense: one channel group per modality of body.yaml."""

from collections.abc import Callable, Mapping
from typing import Any

from neuromech._lib.errors import unknown
from neuromech.senses.base import Sense, Surroundings
from neuromech.senses.chemical import Chemical
from neuromech.senses.eye.eye import Eye
from neuromech.senses.load import Load
from neuromech.senses.muscle import MuscleSense
from neuromech.senses.proprioception import JointSense
from neuromech.senses.touch import Touch
from neuromech.senses.vestibular import Vestibular
from neuromech.senses.wind import Wind
from neuromech.world.body import Body

KINDS: dict[str, Callable[..., Sense]] = {
    "chemical": Chemical,
    "eye": Eye,
    "joint": JointSense,
    "load": Load,
    "muscle": MuscleSense,
    "touch": Touch,
    "vestibular": Vestibular,
    "wind": Wind,
}

__all__ = ["KINDS", "Sense", "Surroundings", "build"]


def build(body: Body, surroundings: Surroundings) -> dict[str, Sense]:
    """Build every sense that body.yaml lists, by name.

    Raises
    ------
    InputError
        A sense is of an unknown kind, or names a part that the model lacks.
    """
    senses: Mapping[str, Mapping[str, Any]] = body.spec["senses"]
    built = {}
    for name, spec in senses.items():
        if spec["kind"] not in KINDS:
            raise unknown("sense kind", str(spec["kind"]), KINDS)
        built[name] = KINDS[spec["kind"]](spec, body, surroundings)
    return built
