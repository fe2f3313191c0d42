"""Exchange of the targets of edges at random, every neuron keeping its numbers of partners.

Method: Maslov & Sneppen 2002, doi:10.1126/science.1065103.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuromech._lib.errors import InputError, unknown

SWAPS_PER_EDGE = 10
"""The number of accepted exchanges per edge; each moves two edges, so that almost none stays in its place."""
TRIES_PER_SWAP = 20
"""The number of exchanges that are tried for each wanted one; small or dense groups of edges allow few."""


SQUARE = ("chemical", "chemical_sign", "gap")
"""The names of the matrices whose columns are neurons; those of the others are muscles."""


def scope(
    given: str | Sequence[str], kinds: Sequence[str], types: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Split what a shuffle is asked to exchange into kinds of connection, and types or pairs of types.

    Parameters
    ----------
    given : kinds, types of neurons, or pairs of types (`premotor>motor`).
    kinds, types : those that there are.

    Returns
    -------
    Kinds, and types and pairs; none of the latter means all edges of those kinds. Pairs alone are of chemical
    edges.

    Raises
    ------
    InputError
        A name is no kind, type or pair of types, or there is none at all.
    """
    names = [given] if isinstance(given, str) else list(given)
    valid = [*kinds, *dict.fromkeys(types)]
    for name in names:
        ends = str(name).split(">")
        if name not in valid and not (len(ends) == 2 and set(ends) <= set(types)):
            raise unknown("kind or neuron type in shuffle_wiring", str(name), valid)
    if not names:
        raise InputError("shuffle_wiring is an empty list; give true, false, kinds or neuron types")
    chosen, others = set(names) & set(kinds), set(names) - set(kinds)
    return chosen or {"chemical", "gap_junction"}, others


def blocks(
    matrix: str, pre: np.ndarray, post: np.ndarray, named: set[str], types: Sequence[str]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the groups of edges that are exchanged each within itself, with the neurons that may start one.

    Parameters
    ----------
    matrix : name of the connectome's matrix: chemical, gap, nmj or gap_muscle.
    pre, post : (edge,) where each edge starts and ends.
    named : types and pairs of types, as `scope` returns them.
    types : (neuron,) the type of every neuron.
    """
    everyone, of = np.ones(len(types), bool), np.array(types)
    square = matrix in SQUARE
    free = pre != post if square else np.ones(len(pre), bool)
    if not named:
        return [(free, everyone)]
    pairs = [name.split(">") for name in sorted(named) if ">" in name]
    found = [(free & (of[pre] == a) & (of[post] == b), everyone) for a, b in pairs if matrix == "chemical"]
    single = {name for name in named if ">" not in name}
    if not single:
        return found
    chosen, sensory = np.isin(of, list(single)), of == "sensory"
    if not square:
        return [(chosen[pre], everyone)]
    inner, leads = chosen & ~sensory, chosen & sensory
    starts = leads[pre] | leads[post] if matrix == "gap" else leads[pre]
    return [*found, (free & starts, leads), (free & inner[pre] & inner[post], everyone)]


def exchange(
    pre: np.ndarray,
    post: np.ndarray,
    chosen: np.ndarray,
    leads: np.ndarray,
    same: bool,
    undirected: bool,
    rng: np.random.Generator,
) -> None:
    """Exchange the targets of some edges, in place.

    Parameters
    ----------
    pre, post : (edge,) where each edge starts and ends.
    chosen : indices of the edges that are exchanged among themselves.
    leads : (neuron,) whether a neuron may stand at the start of an edge of this group. An undirected edge is
        first turned so that it starts at one, and turned at random where both its ends may.
    same : whether starts and ends are the same neurons, so that an edge of a neuron with itself is refused.
    undirected : whether an edge from a to b is one from b to a as well.
    rng : source of the exchanges.
    """
    if len(chosen) < 2:
        return

    starts, ends, lead = pre.tolist(), post.tolist(), leads.tolist()
    present = set(zip(starts, ends, strict=True))
    if undirected:
        present |= set(zip(ends, starts, strict=True))
        for i in chosen.tolist():
            if not lead[starts[i]]:
                starts[i], ends[i] = ends[i], starts[i]
    accepted, wanted = 0, SWAPS_PER_EDGE * len(chosen)
    for _ in range(TRIES_PER_SWAP):
        picks = chosen[rng.integers(len(chosen), size=(wanted, 2))].tolist()
        for (i, j), turn in zip(picks, (rng.random(wanted) < 0.5).tolist(), strict=True):
            a, b, c, d = starts[i], ends[i], starts[j], ends[j]
            if undirected and turn and lead[d]:
                c, d = d, c
            if a == c or b == d or (same and (a == d or b == c)):
                continue
            if (a, d) in present or (c, b) in present:
                continue
            present -= {(a, b), (c, d)}
            present |= {(a, d), (c, b)}
            if undirected:
                present -= {(b, a), (d, c)}
                present |= {(d, a), (b, c)}
            starts[i], ends[i], starts[j], ends[j] = a, d, c, b
            accepted += 1
        if accepted >= wanted:
            break
    pre[:], post[:] = starts, ends


def moved(
    matrix: np.ndarray,
    old: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
    mirrored: bool,
) -> np.ndarray:
    """Return a matrix whose entries at `old` stand at `new`, and at the mirrored places too if `mirrored`."""
    result = np.zeros_like(matrix)
    result[new] = matrix[old]
    if mirrored:
        result[new[1], new[0]] = matrix[old]
    return result


def dealt(
    rng: np.random.Generator, directed: Sequence[np.ndarray], undirected: Sequence[np.ndarray], count: int
) -> list[np.ndarray]:
    """Return matrices whose entries stand at places that are drawn evenly from all pairs of two neurons.

    Entries of a neuron with itself stay.

    Parameters
    ----------
    rng : source of the draw.
    directed : matrices (neuron, neuron) of one kind of connection; entries go where those of the first go.
    undirected : symmetric ones of another kind.
    count : how many neurons there are.
    """
    found = []
    for matrices, mirrored in ((directed, False), (undirected, True)):
        whole = np.triu(matrices[0], 1) if mirrored else matrices[0] * (1 - np.eye(count))
        pre, post = np.nonzero(whole)
        pairs = np.stack(np.triu_indices(count, 1) if mirrored else np.nonzero(1 - np.eye(count)))
        new = pairs[:, rng.permutation(rng.choice(pairs.shape[1], len(pre), replace=False))]
        found += [
            moved(each, (pre, post), (new[0], new[1]), mirrored) + np.diag(np.diag(each)) for each in matrices
        ]
    return found
