"""Replay of a recorded movement on a body, whose YAML says which kind of movement it takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import positive
from neuromech.replay import bouts, walk
from neuromech.specs.body import BodySpec, LegReplay
from neuromech.specs.environment import EnvironmentSpec

PHYSICS_S = 0.0005
"""The step of the physics for a body whose YAML names none, s."""


def replay(
    file: Path, body: BodySpec, environment: EnvironmentSpec, numbers: Sequence[int] = (),
    physics_s: float | None = None, output: Path | None = None,
) -> list[str]:  # fmt: skip
    """Bend a body as an animal did, and return what to tell: how far both got, and where results are.

    Parameters
    ----------
    file : the recording, of bouts or, for a body whose key `replay` names legs, of a walk.
    body, environment : merged YAML.
    numbers : of the bouts to replay, all of the file if empty.
    physics_s : the step, s; by default the body's.
    output : where the simulated bouts are written, if anywhere.

    Raises
    ------
    InputError
        The file, the body or one of the values does not fit the others.
    """
    own = body.replay
    usual_s = (own.physics_s if isinstance(own, LegReplay) else None) or PHYSICS_S
    step_s = usual_s if physics_s is None else physics_s
    step_s = positive("physics_s", step_s, most=0.1)
    if isinstance(own, LegReplay):
        for key, given in (("bouts", numbers), ("output", output)):
            if given:
                raise InputError(f"{key}= is for bouts; {body.name} replays a walk")
        return [walk.table(walk.walk(body, environment, step_s, walk.load(file, own)))]
    recorded = bouts.load(file)
    for number in numbers:
        if number not in recorded:
            raise unknown("bout", str(number), [str(each) for each in recorded])
    swimmer = bouts.Swimmer(body, environment, step_s)
    outcomes = {number: swimmer.swim(recorded[number]) for number in numbers or recorded}
    told = [bouts.table(outcomes)]
    return told if output is None else [*told, str(bouts.save(output, recorded, outcomes))]
