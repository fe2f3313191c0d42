"""Chemical synapses of a large network as a sparse table: targets and numbers of contacts of each neuron."""

from dataclasses import dataclass

import numpy as np

from neuromech._lib.errors import InputError

REPAIRS = 1000
"""The most rounds in which a shuffle may mend edges that it doubled. Each mends most of what is left, so
that this many are needed only by wirings that cannot be shuffled."""


@dataclass(frozen=True, eq=False)
class Synapses:
    """Edges sorted by presynaptic neuron; possibly memory-mapped, never written to.

    The edges of neuron i are `start[i]` to `start[i + 1]`: `post` (edge,) are their targets, rising
    within a neuron, `count` (edge,) their contacts, negative where they inhibit.
    """

    start: np.ndarray
    post: np.ndarray
    count: np.ndarray

    @staticmethod
    def of(size: int, pre: np.ndarray, post: np.ndarray, count: np.ndarray) -> "Synapses":
        """Sort edges (edge,) of `size` neurons; several from one neuron to another become one.

        Raises
        ------
        InputError
            An index is not that of a neuron, or the arrays do not fit one another.
        """
        if not len(pre) == len(post) == len(count):
            raise InputError(f"edges: {len(pre)} starts, {len(post)} ends, {len(count)} counts")
        for ends in (pre, post):
            if len(ends) and not 0 <= ends.min() <= ends.max() < size:
                raise InputError(f"an edge names neuron {ends.min()} or {ends.max()}; there are {size}")
        key = np.asarray(pre, np.int64) * size
        key += post
        order = np.argsort(key, kind="stable")
        key, total = key[order], np.asarray(count)[order]
        del order  # of fifteen million edges, each array counts
        first = np.flatnonzero(np.diff(key, prepend=-1))
        if len(first) < len(key):
            total, key = np.add.reduceat(total.astype(np.int64), first), key[first]
        narrow = np.int16 if not len(total) or max(total.max(), -total.min()) < 2**15 else np.int32
        start = np.searchsorted(key, np.arange(size + 1, dtype=np.int64) * size)
        key %= size
        return Synapses(start, key.astype(np.int32), total.astype(narrow))

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.start) - 1

    @property
    def pre(self) -> np.ndarray:
        """Neuron at which each edge starts, (edge,) int32."""
        return np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.start))

    def shuffled(self, seed: int) -> "Synapses":
        """Return the edges with targets exchanged at random; every neuron keeps its numbers of partners.

        In- and out-degrees stay, counts and signs stay with the presynaptic side; no edge is doubled and no
        self-connection made; those there are stay. All targets are dealt anew at once, then edges that came
        out doubled or onto themselves exchange with others until there is none.

        Raises
        ------
        InputError
            So few or so dense edges that no such exchange was found.
        """
        pre, post = self.pre, np.array(self.post)
        free = pre != post
        edges = np.flatnonzero(free)
        rng = np.random.default_rng(seed)
        post[edges] = post[edges][rng.permutation(len(edges))]
        for _ in range(REPAIRS):
            key = pre * np.int64(self.size) + post
            order = np.argsort(key, kind="stable")
            doubled = np.zeros(len(key), bool)
            doubled[order[1:]] = np.diff(key[order]) == 0
            # Which of two equal edges moves: the later one, unless it is a self-connection that stays.
            wrong = np.flatnonzero(((pre == post) | doubled) & free)
            if not len(wrong):
                rows = np.argsort(key, kind="stable")
                return Synapses(self.start, post[rows].astype(np.int32), np.asarray(self.count)[rows])
            others = rng.choice(edges, len(wrong), replace=len(wrong) > len(edges))
            for one, other in zip(wrong.tolist(), others.tolist(), strict=True):
                post[one], post[other] = post[other], post[one]
        raise InputError("this wiring cannot be shuffled: too few or too dense edges")
