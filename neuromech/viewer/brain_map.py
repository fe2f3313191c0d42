"""Where a window draws each neuron: by place where the table has one, else by the flow of signals.

Without places, rows follow the depth at which a neuron lies between senses and muscles: depths z that make
z_post - z_pre nearest to 1 for every connection, weighted by its contacts (the signal flow of Varshney et al.
2011, doi:10.1371/journal.pcbi.1001066). Left neurons stand on the left, right ones on the right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.brain.connectome import Connectome
from neuromech.visuals.raster import lay_out

MOST_NEURONS = 1500
"""Neurons that are shown one by one; of more than these the means of groups are."""
PARTNERS = 6
"""Connections that are shown of each neuron: its strongest ones."""
ROWS = 15
"""Rows of the map that is drawn by depth."""
SIDES = {"left": -1.0, "l": -1.0, "right": 1.0, "r": 1.0}


@dataclass(frozen=True)
class BrainMap:
    """The neurons of a window.

    Parameters
    ----------
    names : of what is shown: neurons, or groups of them.
    members : (shown, neuron) weights that turn activity into what is shown; None where each neuron is.
    groups : names of groups, and which of what is shown are in each.
    x, y : places on the map, -1 to 1, y downwards from senses to muscles.
    edges : strongest connections, [pre, post, weight, sign]; sign 0 is a gap junction.
    about : class, type and side of what is shown, where they are known.
    """

    names: tuple[str, ...]
    members: np.ndarray | None
    groups: Mapping[str, Sequence[int]]
    x: np.ndarray
    y: np.ndarray
    edges: tuple[tuple[int, int, float, int], ...]
    about: tuple[tuple[str, str, str], ...]

    def shown(self, activity: np.ndarray) -> np.ndarray:
        """Return what is shown of an activity (..., neuron), float32 (..., shown)."""
        values = np.asarray(activity, np.float32)
        return values if self.members is None else values @ self.members.T


def wiring_of(controller: Any) -> Connectome | None:
    """Return the wiring of a controller whose neurons have names, None where there is none."""
    found = getattr(controller, "connectome", None) or getattr(
        getattr(controller, "named", None), "connectome", None
    )
    return found if isinstance(found, Connectome) else None


def absent_from(controller: Any) -> frozenset[str]:
    """Return the named neurons that the wiring of a controller lacks: they can be shown, and do nothing."""
    return frozenset(getattr(getattr(controller, "named", None), "absent", ()))


def build(
    names: Sequence[str], groups: Mapping[str, Sequence[str]], wiring: Connectome | None = None
) -> BrainMap:
    """Return the map of some neurons.

    Parameters
    ----------
    names : of all neurons, in the order of their activity.
    groups : names of neurons by the label of their group.
    wiring : with classes, sides and connections of the first of them, if there is one.
    """
    placed = lay_out(groups, names)
    if len(names) > MOST_NEURONS:
        return _of_groups(len(names), placed)
    about = _about(names, wiring)
    edges = _strongest(wiring, len(names)) if wiring is not None else ()
    x, y = _measured(wiring, len(names)) or _by_depth(_depth(placed, wiring, len(names)), about)
    return BrainMap(tuple(names), None, placed, x, y, edges, about)


def _of_groups(count: int, placed: Mapping[str, Sequence[int]]) -> BrainMap:
    members = np.zeros((len(placed), count), np.float32)
    for row, mine in enumerate(placed.values()):
        members[row, list(mine)] = 1.0 / len(mine)
    names = tuple(f"{label} ({len(mine)})" for label, mine in placed.items())
    about = tuple(("", "", "") for _ in names)
    x, y = _by_depth(np.arange(len(names), dtype=float), about)
    return BrainMap(names, members, {name: [i] for i, name in enumerate(names)}, x, y, (), about)


def _about(names: Sequence[str], wiring: Connectome | None) -> tuple[tuple[str, str, str], ...]:
    if wiring is None:
        return tuple(("", "", "") for _ in names)
    sides = wiring.annotations.get("side", ("",) * len(wiring.neurons))
    known = {
        name: (str(wiring.classes[i]), str(wiring.types[i]), str(sides[i]))
        for i, name in enumerate(wiring.neurons)
    }
    return tuple(known.get(name, ("", "", "")) for name in names)


def _strongest(wiring: Connectome, count: int) -> tuple[tuple[int, int, float, int], ...]:
    found: list[tuple[int, int, float, int]] = []
    for matrix, sign in ((wiring.chemical, wiring.chemical_sign), (wiring.gap, None)):
        for pre in range(min(len(matrix), count)):
            row = matrix[pre]
            for post in np.argsort(row)[::-1][:PARTNERS].tolist():
                if row[post] > 0 and post != pre and post < count:
                    kind = 0 if sign is None else int(sign[pre, post])
                    found.append((pre, post, float(row[post]), kind))
    return tuple(found)


def _measured(wiring: Connectome | None, count: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return places from the columns x, y, z of the table, if it has two of them for every neuron."""
    if wiring is None or len(wiring.neurons) != count:
        return None
    columns = []
    for name in "xyz":
        try:
            columns.append(np.array(wiring.annotations[name], float))
        except (KeyError, ValueError):
            continue
    spread = sorted((c for c in columns if np.isfinite(c).all()), key=np.ptp, reverse=True)
    if len(spread) < 2 or np.ptp(spread[1]) == 0:
        return None
    along, across = spread[0] - spread[0].mean(), spread[1] - spread[1].mean()
    size = max(np.abs(along).max(), np.abs(across).max())
    return across / size, along / size


def _depth(placed: Mapping[str, Sequence[int]], wiring: Connectome | None, count: int) -> np.ndarray:
    """Return how deep each neuron lies between senses and muscles, (neuron,), in any unit."""
    if wiring is None or not wiring.chemical.any() or len(wiring.neurons) != count:
        depth = np.zeros(count)
        for row, mine in enumerate(placed.values()):
            depth[list(mine)] = row
        return depth
    flow = wiring.chemical.astype(float)
    both = flow + flow.T
    laplacian = np.diag(both.sum(axis=1)) - both
    # A little pull towards the middle keeps neurons without connections where the others are.
    pull = 1e-3 * max(float(both.mean()), 1e-9) * count
    pushed = flow.sum(axis=0) - flow.sum(axis=1)
    return np.linalg.solve(laplacian + pull * np.eye(count), pushed)


def _by_depth(depth: np.ndarray, about: Sequence[tuple[str, str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return places in rows of about equally many neurons, each side's own spread evenly over its half."""
    count = len(depth)
    x, y = np.zeros(count), np.zeros(count)
    rows = min(ROWS, max(1, count))
    side = np.array([SIDES.get(each[2].lower(), 0.0) for each in about])
    order = np.argsort(depth, kind="stable")
    for row, mine in enumerate(np.array_split(order, rows)):
        y[mine] = 0.0 if rows == 1 else 2.0 * row / (rows - 1) - 1.0
        # Each part of a row gets room for its number, so that a long nerve cord does not crowd.
        middle = float(np.mean(side[mine] == 0.0)) * (0.98 if side[mine].any() else 1.0)
        for sign in (-1.0, 0.0, 1.0):
            part = mine[side[mine] == sign]
            if not len(part):
                continue
            part = part[np.argsort([about[i][0] for i in part], kind="stable")]
            share = (np.arange(len(part)) + 0.5) / len(part)
            if sign == 0.0:
                x[part] = middle * (2.0 * share - 1.0)
            else:
                x[part] = sign * (middle + 0.03 + (0.97 - middle) * share)
    return x, y
