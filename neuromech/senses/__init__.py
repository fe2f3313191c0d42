"""The senses of animals: one file per sense, each registered under the `kind` that body.yaml gives it."""

from neuromech._lib.registry import Registry
from neuromech.senses.base import Sense, Surroundings

SENSES: Registry[type[Sense]] = Registry(
    "sense",
    {
        "chemical": "neuromech.senses.chemical:Chemical",
        "eye": "neuromech.senses.eye.eye:Eye",
        "joint": "neuromech.senses.proprioception:JointSense",
        "load": "neuromech.senses.load:Load",
        "muscle": "neuromech.senses.muscle:MuscleSense",
        "touch": "neuromech.senses.touch:Touch",
        "vestibular": "neuromech.senses.vestibular:Vestibular",
        "wind": "neuromech.senses.wind:Wind",
    },
)
"""Classes of senses, by the `kind` of an entry of `senses` in body.yaml."""

__all__ = ["SENSES", "Sense", "Surroundings"]
