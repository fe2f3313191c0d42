"""Muscle synergies: groups of muscles that one action moves together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from neuromech._lib.errors import unknown
from neuromech.world.body import Body


@dataclass(frozen=True, eq=False)
class Synergies:
    """Groups of muscles with a weight for each of their muscles.

    A policy with synergies chooses how strongly each group is moved, and not every muscle for itself: it has
    fewer actions, and its random trials already bend a body as a whole (Tresch & Jarc 2009,
    doi:10.1016/j.conb.2009.09.002, discuss whether animals do so).

    Parameters
    ----------
    names : of the groups.
    weights : (muscle, group), 0 where a muscle is not in a group.
    """

    names: tuple[str, ...]
    weights: np.ndarray

    @staticmethod
    def of(body: Body, given: Mapping[str, Mapping[str, float]]) -> Synergies:
        """Make them of what a task says: by group the weight of each muscle, or of all that fit a pattern.

        Raises
        ------
        InputError
            A name or pattern fits no muscle of the body.
        """
        weights = np.zeros((len(body.muscles), len(given)), np.float32)
        for column, members in enumerate(given.values()):
            for pattern, weight in members.items():
                found = [fnmatchcase(muscle, pattern) for muscle in body.muscles]
                if not any(found):
                    raise unknown("muscle of a synergy", pattern, body.muscles)
                weights[found, column] = weight
        return Synergies(tuple(given), weights)

    def muscles(self, action: np.ndarray) -> np.ndarray:
        """Return the actions of all muscles, from -1 to 1, (muscle,), for actions of the groups (group,)."""
        return np.clip(self.weights @ action, -1.0, 1.0)
