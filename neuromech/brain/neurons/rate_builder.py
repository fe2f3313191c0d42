"""The neuron model ``rate``: from tables and class-shared parameters to rate neurons."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import parameters
from neuromech.brain.neurons.rate import Rate
from neuromech.brain.parameters import single
from neuromech.specs.run import Perturb

PARAMETERS = (
    "scale_pA", "tau_ms", "adapt_ms", "adapt_pA", "threshold_pA", "peak_Hz", "bias_pA", "noise_pA",
    "chemical_pA", "neuromuscular", "tone",
)  # fmt: skip
"""Sections of parameters.yaml, beside those that the encoding reads."""
_POSITIVE = ("tau_ms", "adapt_ms", "peak_Hz")


def _network(
    groups: parameters.Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> Rate:
    """Turn tables and class-shared parameters into neurons; those ``gone`` are held silent by the brain.

    The table's weights are relative strengths, each times the gain of its pair of classes.
    """
    if groups.connectome.gap.any() or groups.connectome.gap_muscle.any():
        raise InputError(f"{spec['name']}: rate neurons have no gap junctions, but connections.csv does")
    for name in _POSITIVE:
        if (groups.vector(p[name]) <= 0).any():
            raise InputError(f"parameter {name} must be above 0 for every neuron")
    if p["scale_pA"] <= 0:
        raise InputError(f"parameter scale_pA must be above 0, not {p['scale_pA']}")
    connectome = groups.connectome
    weights = connectome.chemical.T * connectome.chemical_sign.T * groups.matrix(p["chemical_pA"])
    vectors = ("tau_ms", "adapt_ms", "adapt_pA", "threshold_pA", "peak_Hz", "bias_pA")
    return Rate(
        **{name: single(groups.vector(p[name])) for name in vectors},
        chemical_pA=single(weights * perturb.scale_chemical),
        scale_pA=single(p["scale_pA"]),
    )


MODEL = parameters.Model(PARAMETERS, "Hz", 0.0, _network)
