"""From a connectome and a few class-shared parameters to the matrices of a brain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.connectome import Connectome

HALF_CONTACTS = 5.0
"""The number of contacts at which a class of presynaptic neurons has half of its weight on a cell: few
contacts, which a reconstruction may have missed or added, then count little. It was chosen here and not
measured."""


@dataclass(frozen=True)
class Groups:
    """Which neurons a parameter's name means: a group of controller.yaml, a class, one neuron, or `*`.

    Parameters
    ----------
    connectome : with the neurons.
    groups : names of neurons, classes and types by the name of their group.
    """

    connectome: Connectome
    groups: Mapping[str, Sequence[str]]

    def mask(self, name: str) -> np.ndarray:
        """Return which neurons `name` means, bool (neuron,).

        Raises
        ------
        InputError
            No group, class or neuron has that name.
        """
        mask = np.zeros(len(self.connectome.neurons), bool)
        if name == "*":
            mask[:] = True
            return mask
        if name in self.groups:
            for member in self.groups[name]:
                mask[self.connectome.resolve(member)] = True
            return mask
        named = self.connectome.groups()
        if name not in named:
            raise unknown("neuron, class or group", name, {*self.groups, *named})
        mask[list(named[name])] = True
        return mask

    def mask_of_any(self, names: Sequence[str]) -> np.ndarray:
        """Return which neurons one or another of some names means, bool (neuron,); raises as `mask`."""
        found = np.zeros(len(self.connectome.neurons), bool)
        for name in names:
            found |= self.mask(name)
        return found

    def vector(self, values: Mapping[str, float]) -> np.ndarray:
        """Return one value per neuron from `{name: value}`, (neuron,); the name of fewer neurons wins."""
        out = np.zeros(len(self.connectome.neurons))
        masks = [(self.mask(name), float(value)) for name, value in values.items()]
        for mask, value in sorted(masks, key=lambda each: -each[0].sum()):
            out[mask] = value
        return out

    def matrix(self, values: Mapping[str, float]) -> np.ndarray:
        """Return one value per pair, (post, pre), from `{"pre>post": value}`; that of fewer pairs wins."""
        size = len(self.connectome.neurons)
        out = np.zeros((size, size))
        blocks = []
        for pair, value in values.items():
            pre, arrow, post = pair.partition(">")
            if not arrow:
                raise InputError(f"a connection's gain is named 'pre>post', not '{pair}'")
            blocks.append((self.mask(post), self.mask(pre), float(value)))
        for post, pre, value in sorted(blocks, key=lambda each: -each[0].sum() * each[1].sum()):
            out[np.ix_(post, pre)] = value
        return out


def single(values: Any) -> jax.Array:
    """Return numbers as a JAX array in the precision of the brain, float32."""
    return jnp.asarray(np.asarray(values, np.float32))


def share_by_class(
    counts: np.ndarray, classes: Sequence[str], half_contacts: float = HALF_CONTACTS
) -> np.ndarray:
    """Return contact counts (post, pre) scaled so that each presynaptic class drives a neuron by at most 1.

    w_ij = count_ij / (sum of count_ik over the class of j + `half_contacts`): many contacts saturate, few
    count little.
    """
    labels, index = np.unique(np.asarray(classes), return_inverse=True)
    totals = np.zeros((counts.shape[0], len(labels)))
    for label in range(len(labels)):
        totals[:, label] = counts[:, index == label].sum(axis=1)
    total = totals[:, index] + half_contacts
    return np.divide(counts, total, out=np.zeros_like(total), where=total > 0)


def chemical(groups: Groups, gains_nS: Mapping[str, float]) -> np.ndarray:
    """Return signed chemical conductances, (post, pre), nS."""
    connectome = groups.connectome
    shared = share_by_class(connectome.chemical.T, connectome.classes)
    return shared * connectome.chemical_sign.T * groups.matrix(gains_nS)


def gap(groups: Groups, gains_nS: Mapping[str, float]) -> np.ndarray:
    """Return symmetric gap-junction conductances, (neuron, neuron), nS, none of a neuron with itself.

    A pair's gain is the larger of its two directions.
    """
    gains = groups.matrix(gains_nS)
    counts = groups.connectome.gap.copy()
    np.fill_diagonal(counts, 0.0)
    shared = share_by_class(counts, groups.connectome.classes)
    return np.minimum(shared, shared.T) * np.maximum(gains, gains.T)


def laplacian(conductance: np.ndarray) -> np.ndarray:
    """Return conductances with minus each row's sum on the diagonal: times potentials, they give currents."""
    return conductance - np.diag(conductance.sum(axis=1))


def body_position(
    connectome: Connectome, along: np.ndarray, side: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where along the body (0 front to 1 end) and on which side (+1 or -1) each neuron acts.

    Both are means over the muscles that a neuron excites or inhibits, weighted by contacts; neurons without
    muscles that have a place get NaN and 0.

    Parameters
    ----------
    connectome : with neurons and muscles.
    along : (muscle,) place along the body, NaN for muscles without one.
    side : (muscle,) +1 or -1.
    """
    placed = np.isfinite(along)
    contacts = connectome.nmj[:, placed]
    total = contacts.sum(axis=1)
    place = np.where(total > 0, contacts @ along[placed] / np.maximum(total, 1), np.nan)
    return place, np.sign(contacts @ side[placed])


def check_parameters(
    parameters: Mapping[str, Any],
    known: Sequence[str],
    members: Mapping[str, Collection[str]],
) -> None:
    """Refuse sections of parameters.yaml that nobody reads, that are missing, or that lack something.

    Parameters
    ----------
    parameters : of a controller, by section.
    known : names of all sections that are read.
    members : names of the numbers of those sections whose numbers are not named by neurons.

    Raises
    ------
    InputError
        A section or a number is missing, unknown or not finite.
    """
    for section in known:
        if section not in parameters:
            raise InputError(f"parameters: {section} is missing")
    for section, names in members.items():
        given = parameters[section] if isinstance(parameters[section], Mapping) else {}
        for name in names:
            if name not in given:
                raise InputError(f"parameters: {section}.{name} is missing")
        for name in given:
            if name not in names:
                raise unknown("parameter", f"{section}.{name}", [f"{section}.{each}" for each in names])
    for section, values in parameters.items():
        if section not in known:
            raise unknown("parameter", str(section), known)
        for name, value in values.items() if isinstance(values, Mapping) else [("", values)]:
            if not isinstance(value, int | float) or not np.isfinite(value):
                raise InputError(f"parameter {section}.{name} must be a finite number, not {value!r}")
