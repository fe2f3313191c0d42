"""From motor neurons to muscles: neuromuscular weights, and the excitation that they add up to."""

from collections.abc import Callable, Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain.shared_parameters import HALF_CONTACTS, Groups, share_by_class

Drive = Float[Array, " muscle"]
"""What reaches each muscle: weighted release of its motor neurons plus its tone, dimensionless."""
Excitation = Float[Array, " muscle"]
"""Excitation of each muscle, from 0 to 1."""


def about_tone(drive: Drive) -> Excitation:
    """Return one half without any drive: muscles are held half contracted, and pulled either way."""
    return 0.5 + 0.5 * jnp.tanh(drive)


def saturating(drive: Drive) -> Excitation:
    """Return what saturates in the drive above zero: a muscle that nobody drives is slack."""
    return jnp.tanh(jnp.maximum(drive, 0.0))


def proportional(drive: Drive) -> Excitation:
    """Return the drive itself, between 0 and 1: a muscle that nobody drives is slack."""
    return jnp.clip(drive, 0.0, 1.0)


LAWS: dict[str, Callable[[Drive], Excitation]] = {
    "about_tone": about_tone,
    "saturating": saturating,
    "proportional": proportional,
}
"""Laws from the drive of muscles to their excitation, by the name that a neuron model gives."""


def neuromuscular_weights(
    groups: Groups,
    gains: Mapping[str, float],
    scale_chemical: float = 1.0,
    scale_gap: float = 1.0,
    half_contacts: float = HALF_CONTACTS,
) -> np.ndarray:
    """Return signed neuromuscular weights, (muscle, neuron): drive for each unit of release.

    The few gap junctions onto muscles pass depolarisation on, like an excitatory contact.

    Parameters
    ----------
    groups : the wiring, and which neurons the names in parameters.yaml mean.
    gains : drive of a muscle for each unit of release of the neurons that contact it, by name.
    scale_chemical, scale_gap : by which what each of the two kinds of contact passes on is multiplied; the
        shares of the contacts are those of the intact animal.
    half_contacts : contacts that give a class of motor neurons half of its weight; see `share_by_class`.
    """
    connectome = groups.connectome
    counts = connectome.nmj + connectome.gap_muscle
    signed = scale_chemical * connectome.nmj * connectome.nmj_sign + scale_gap * connectome.gap_muscle
    sign = np.divide(signed, counts, out=np.zeros_like(signed, dtype=float), where=counts > 0)
    shared = share_by_class(counts.T, connectome.classes, half_contacts)
    return shared * sign.T * groups.vector(gains)[None, :]
