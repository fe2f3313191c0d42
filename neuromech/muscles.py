"""From motor neurons to muscles: neuromuscular weights, and the excitation that they add up to."""

from collections.abc import Callable, Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain.shared_parameters import HALF_CONTACTS, Groups, share_by_class

Drive = Float[Array, " muscle"]


def about_tone(drive: Drive) -> Drive:
    """One half without any drive: muscles are held between relaxed and contracted, and pulled either way."""
    return 0.5 + 0.5 * jnp.tanh(drive)


def saturating(drive: Drive) -> Drive:
    """Saturating in what exceeds zero: a muscle nobody drives is slack."""
    return jnp.tanh(jnp.maximum(drive, 0.0))


def proportional(drive: Drive) -> Drive:
    """As much as motor neurons put out, between 0 and 1: a muscle nobody drives is slack."""
    return jnp.clip(drive, 0.0, 1.0)


LAWS: dict[str, Callable[[Drive], Drive]] = {
    "about_tone": about_tone,
    "saturating": saturating,
    "proportional": proportional,
}
"""From the drive of muscles, weighted release summed with their tone, to their excitation in [0, 1]."""


def neuromuscular_weights(
    groups: Groups,
    gains: Mapping[str, float],
    scale_chemical: float = 1.0,
    scale_gap: float = 1.0,
    half_contacts: float = HALF_CONTACTS,
) -> np.ndarray:
    """Signed neuromuscular weights (muscle, neuron): excitation per normalised release.

    The few gap junctions onto muscles pass depolarisation on, like an excitatory contact. The scales multiply
    what each of the two kinds of contact passes on, the shares being those of the intact animal.
    """
    connectome = groups.connectome
    counts = connectome.nmj + connectome.gap_muscle
    signed = scale_chemical * connectome.nmj * connectome.nmj_sign + scale_gap * connectome.gap_muscle
    sign = np.divide(signed, counts, out=np.zeros_like(signed, dtype=float), where=counts > 0)
    shared = share_by_class(counts.T, connectome.classes, half_contacts)
    return shared * sign.T * groups.vector(gains)[None, :]
