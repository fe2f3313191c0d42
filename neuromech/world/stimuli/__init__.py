"""What there is to sense in a world: one file per family of stimuli, each registered under its kind."""

from collections.abc import Sequence

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
        "looming": "neuromech.world.stimuli.looming:looming",
        "windmill": "neuromech.world.stimuli.windmill:windmill",
    },
)
"""Classes and functions that make a stimulus, by the `kind` under `stimulus` in environment.yaml."""

__all__ = ["STIMULI", "Field", "Scene", "Stimulus", "build", "in_turn", "shown_at", "through"]


def build(environment: EnvironmentSpec) -> Stimulus | None:
    """Return the stimulus that environment.yaml describes, None for `kind: none`.

    Raises
    ------
    InputError
        Its numbers make no sense together.
    """
    return environment.stimulus.build(environment=environment)


def through(environment: EnvironmentSpec) -> list[tuple[float, Stimulus | None]]:
    """Return the stimuli that follow each other in an episode, each with its beginning, s.

    Raises
    ------
    InputError
        A change has a key that the stimulus has not, or its numbers make no sense together.
    """
    return in_turn(environment.stages())


def in_turn(stages: Sequence[tuple[float, EnvironmentSpec]]) -> list[tuple[float, Stimulus | None]]:
    """Return the stimuli of environments that follow each other, each with its beginning, s.

    Raises `InputError` as `build` does.
    """
    found: list[tuple[float, Stimulus | None]] = []
    for begins_s, environment in stages:
        shown = build(environment)
        if found and shown is not None and (before := found[-1][1]) is not None:
            shown.go_on_from(before, begins_s)
        found.append((begins_s, shown))
    return found


def shown_at(stimuli: list[tuple[float, Stimulus | None]], t_s: float) -> Stimulus | None:
    """Return the one of the stimuli that `through` returned which is there at a time."""
    return next(shown for at_s, shown in reversed(stimuli) if at_s <= max(t_s, 0.0))
