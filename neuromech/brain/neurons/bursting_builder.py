"""The neuron model ``bursting``: from tables and class-shared parameters to populations that may burst."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import parameters
from neuromech.brain.neurons.bursting import Bursting
from neuromech.brain.parameters import single
from neuromech.specs.run import Perturb

VECTORS = ("capacitance_pF", "leak_nS", "leak_mV", "sodium_nS", "bias_pA", "start", "ceiling")
NUMBERS = ("threshold_mV", "span_mV", "excitatory_mV", "inhibitory_mV", "sodium_mV")
PARAMETERS = (*VECTORS, *NUMBERS, "noise_pA", "chemical_nS", "neuromuscular", "tone")
"""Sections of parameters.yaml, beside those that the encoding and the commands read."""
_POSITIVE = ("capacitance_pF", "leak_nS", "ceiling")


def network(
    groups: parameters.Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> Bursting:
    """Turn tables and class-shared parameters into populations; those ``gone`` are held silent by the brain.

    A table's weight is a conductance relative to the gain (nS) of its pair of classes.
    """
    connectome = groups.connectome
    if connectome.gap.any() or connectome.gap_muscle.any():
        raise InputError(
            f"{spec['name']}: bursting populations have no gap junctions, but connections.csv does"
        )
    vectors = {name: groups.vector(p[name]) for name in VECTORS}
    for name in _POSITIVE:
        if (vectors[name] <= 0).any():
            raise InputError(f"parameter {name} must be above 0 for every neuron")
    if p["span_mV"] <= 0:
        raise InputError(f"parameter span_mV must be above 0, not {p['span_mV']}")
    gains = groups.matrix(p["chemical_nS"])
    if (gains < 0).any():
        raise InputError("parameter chemical_nS must not be negative: signs stand in connections.csv")
    weights = connectome.chemical.T * gains * perturb.scale_chemical
    sign = connectome.chemical_sign.T
    return Bursting(
        **{name: single(values) for name, values in vectors.items()},
        **{name: single(p[name]) for name in NUMBERS},
        excitatory_nS=single(np.where(sign > 0, weights, 0.0)),
        inhibitory_nS=single(np.where(sign < 0, weights, 0.0)),
    )


MODEL = parameters.Model(PARAMETERS, "mV", 0.0, network)
