"""The neuron model ``graded``: from tables and class-shared parameters to graded neurons."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech.brain import parameters
from neuromech.brain.neurons.graded import Graded
from neuromech.brain.parameters import single
from neuromech.specs.run import Perturb

PARAMETERS = (
    "scale_mV", "tonic", "rest_mV", "leak_nS", "tau_ms", "plateau_nS", "chemical_nS", "gap_nS", "bias_pA",
    "drive_pA", "noise_pA", "command_mV", "neuromuscular", "tone",
)  # fmt: skip
"""Sections of parameters.yaml, beside those that the encoding reads."""


def _network(
    groups: parameters.Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> Graded:
    """Turn tables and class-shared parameters into neurons; those ``gone`` lose their gap junctions."""
    # Shares and balance are the intact animal's: a neuron does not know which others have been killed.
    chemical = parameters.chemical(groups, p["chemical_nS"])
    gap = parameters.gap(groups, p["gap_nS"])
    leak = groups.vector(p["leak_nS"])
    bias = groups.vector(p["bias_pA"])
    intact = parameters.laplacian(gap)
    for group, levels in spec["balance"].items():
        bias -= np.where(groups.mask(group), _balance(chemical, intact, groups, levels, p), 0.0)
    chemical, gap = chemical * perturb.scale_chemical, gap * perturb.scale_gap_junctions
    gap[gone], gap[:, gone] = 0.0, 0.0
    return Graded(
        rest_mV=single(groups.vector(p["rest_mV"])),
        leak_nS=single(leak),
        capacitance_pF=single(leak * groups.vector(p["tau_ms"])),
        plateau_nS=single(groups.vector(p["plateau_nS"])),
        chemical_nS=single(chemical),
        gap_nS=single(parameters.laplacian(gap)),
        bias_pA=single(bias + groups.vector(p["drive_pA"])),
        scale_mV=single(p["scale_mV"]),
        tonic=single(p["tonic"]),
    )


def _balance(
    chemical: np.ndarray,
    gap: np.ndarray,
    groups: parameters.Groups,
    levels: Mapping[str, float],
    p: Mapping[str, Any],
) -> np.ndarray:
    """Current (pA) that every neuron, at rest, gets from neurons held at ``levels`` times ``command_mV``.

    A motor neuron is balanced against the command that switches it on: it can then swing both ways, and is
    held off when the command is off.
    """
    above = groups.vector(levels) * p["command_mV"] / p["scale_mV"]
    reach = np.where(above > 0, 1.0, p["tonic"])
    return p["scale_mV"] * (chemical @ (reach * np.tanh(above / reach)) + gap @ above)


MODEL = parameters.Model(PARAMETERS, "mV", parameters.HALF_CONTACTS, _network)
