"""What there is to sense in a world: one file per family of stimuli, each registered under its kind."""

from neuromech._lib.registry import Registry
from neuromech.specs.environment import EnvironmentSpec
from neuromech.world.stimuli.base import Field, Scene, Stimulus

STIMULI: Registry[type[Stimulus]] = Registry(
    "stimulus",
    {
        "none": "neuromech.world.stimuli.base:nothing",
        "gaussian": "neuromech.world.stimuli.fields:Gaussian",
        "odour": "neuromech.world.stimuli.fields:Odour",
        "plume": "neuromech.world.stimuli.fields:Plume",
        "drop": "neuromech.world.stimuli.fields:Drop",
        "grating": "neuromech.world.stimuli.gratings:grating_scene",
        "dots": "neuromech.world.stimuli.dots:dot_scene",
        "drum": "neuromech.world.stimuli.drum:drum",
    },
)
"""Classes and functions that make a stimulus, by the `kind` under `stimulus` in environment.yaml."""

__all__ = ["STIMULI", "Field", "Scene", "Stimulus", "build"]


def build(environment: EnvironmentSpec) -> Stimulus | None:
    """Return the stimulus that environment.yaml describes, None for `kind: none`.

    Raises
    ------
    InputError
        Its numbers make no sense together.
    """
    return environment.stimulus.build(environment=environment)
