"""Graded neurons as a differentiable function of the numbers that their classes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import shared_parameters
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.graded import Graded
from neuromech.brain.neurons.models import MODELS
from neuromech.specs.controller import GradedSpec

VECTORS = ("leak_nS", "tau_ms", "bias_pA", "plateau_nS")
"""Sections of parameters.yaml that give a number for every neuron, and can be free."""
MATRICES = ("chemical_nS", "gap_nS")
"""Sections that give a number for every pair of neurons, and can be free."""


@dataclass(frozen=True)
class Section:
    """Which number of a section every neuron, or every pair (post, pre), has.

    `owner` holds the place of that number among `values`; where there is none it is the last one, 0. `free`
    are the places of those that are fitted, and `given` which of the fitted ones they are.
    """

    owner: np.ndarray
    values: np.ndarray
    free: np.ndarray
    given: np.ndarray

    def filled(self, numbers: Float[Array, " free"]) -> Array:
        """Return one value per neuron or pair, the fitted ones being `numbers`."""
        return jnp.asarray(self.values).at[self.free].set(numbers[self.given])[self.owner]


@dataclass(frozen=True)
class GradedSharing:
    """Graded neurons of a circuit, some of whose shared numbers are free.

    Parameters
    ----------
    base : the neurons as parameters.yaml gives them.
    parameters : of the circuit, with the free ones beside them.
    names : of the free ones, as parameters.yaml would have them: leak_nS.AWB, gap_nS.head>head.
    start : (free,) what they are before the fit.
    sections : by name.
    signed, joined : (post, pre) shares of chemical contacts with their signs, and of gap junctions.
    drive_pA : (neuron,) the constant part of the bias.
    balances : groups' masks and the release and potential of the neurons they are balanced against.
    """

    base: Graded
    parameters: Mapping[str, Any]
    names: tuple[str, ...]
    start: Float[np.ndarray, " free"]
    sections: Mapping[str, Section]
    signed: np.ndarray
    joined: np.ndarray
    drive_pA: np.ndarray
    balances: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]

    @staticmethod
    def of(circuit: Circuit, names: Sequence[str]) -> GradedSharing:
        """Let some shared numbers of a circuit be free; those not in parameters.yaml begin as it has them.

        Raises
        ------
        InputError
            A name is none of a section that can be free, or the wiring is not as it was grown.
        """
        perturb = circuit.perturb
        if len(circuit.ablated) or perturb.scale_chemical != 1 or perturb.scale_gap_junctions != 1:
            raise InputError("a fit by gradient takes the whole wiring: leave ablate and scale_... away")
        parameters: dict[str, Any] = {key: dict(each) if isinstance(each, Mapping) else each
                      for key, each in circuit.parameters.items()}  # fmt: skip
        start = np.array([_start(parameters, circuit, name) for name in names])
        for name, value in zip(names, start, strict=True):
            section, _, member = name.partition(".")
            parameters[section][member] = float(value)
        sections = {key: _section(circuit, parameters[key], key, names) for key in (*VECTORS, *MATRICES)}
        wiring, groups = circuit.connectome, circuit.groups
        shares = shared_parameters.share_by_class(wiring.chemical.T, wiring.classes)
        joined = shared_parameters.gap(groups, {"*>*": 1.0})
        levels = circuit.spec.balance if isinstance(circuit.spec, GradedSpec) else {}
        scale, tonic = parameters["scale_mV"], parameters["tonic"]
        balances = []
        for group, each in levels.items():
            above = groups.vector(each) * parameters["command_mV"] / scale
            reach = np.where(above > 0, 1.0, tonic)
            balances.append((groups.mask(group), scale * reach * np.tanh(above / reach), scale * above))
        base = MODELS[circuit.spec.model].from_circuit(circuit)
        if not isinstance(base, Graded):
            raise InputError(f"{circuit.spec.name} is no brain of graded neurons")
        return GradedSharing(
            base, parameters, tuple(names), start, sections,
            shares * wiring.chemical_sign.T, joined, circuit.vector("drive_pA"), tuple(balances),
        )  # fmt: skip

    def network(self, numbers: Float[Array, " free"]) -> Graded:
        """Return the neurons for values of the free numbers; differentiable with respect to them."""
        filled = {key: each.filled(numbers) for key, each in self.sections.items()}
        chemical = jnp.asarray(self.signed) * filled["chemical_nS"]
        gap = jnp.asarray(self.joined) * jnp.maximum(filled["gap_nS"], filled["gap_nS"].T)
        gap = gap - jnp.diag(gap.sum(axis=1))
        bias = filled["bias_pA"] - self._balance(chemical, gap) + self.drive_pA
        leak = filled["leak_nS"]
        parts = (leak, leak * filled["tau_ms"], filled["plateau_nS"], chemical, gap, bias)
        return eqx.tree_at(
            lambda one: (one.leak_nS, one.capacitance_pF, one.plateau_nS, one.chemical_nS, one.gap_nS,
                         one.bias_pA),
            self.base,
            tuple(part.astype(jnp.float32) for part in parts),
        )  # fmt: skip

    def written(self, numbers: Sequence[float]) -> dict[str, Any]:
        """Return all parameters, as parameters.yaml holds them, for values of the free ones."""
        found = {key: dict(each) if isinstance(each, Mapping) else each
                 for key, each in self.parameters.items()}  # fmt: skip
        for name, value in zip(self.names, numbers, strict=True):
            section, _, member = name.partition(".")
            found[section][member] = float(f"{value:.5g}")
        return found

    def _balance(self, chemical: Array, gap: Array) -> Array:
        total = jnp.zeros(len(chemical))
        for mask, released, above in self.balances:
            total += jnp.where(mask, chemical @ released + gap @ above, 0.0)
        return total


def _start(parameters: Mapping[str, Any], circuit: Circuit, name: str) -> float:
    """Return what a number that is to be free is now; the most common value of those it will stand for."""
    section, _, member = name.partition(".")
    if section not in (*VECTORS, *MATRICES):
        raise unknown("section of free parameters", section, (*VECTORS, *MATRICES))
    own = parameters[section]
    if member in own:
        return float(own[member])
    groups = circuit.groups
    if section in VECTORS:
        found = groups.vector(own)[groups.mask(member)]
    else:
        pre, arrow, post = member.partition(">")
        if not arrow:
            raise InputError(f"a connection's gain is named 'pre>post', not '{member}'")
        found = groups.matrix(own)[np.ix_(groups.mask(post), groups.mask(pre))].ravel()
    values, counts = np.unique(found, return_counts=True)
    return float(values[counts.argmax()])


def _section(circuit: Circuit, own: Mapping[str, float], key: str, names: Sequence[str]) -> Section:
    """Return which number everybody has, by the rules of `Groups`: that of fewer neurons or pairs wins."""
    places = {name: float(k + 1) for k, name in enumerate(own)}
    fill = circuit.groups.vector if key in VECTORS else circuit.groups.matrix
    owner = fill(places).astype(int) - 1
    owner[owner < 0] = len(own)
    fitted = [(k, list(own).index(name.partition(".")[2])) for k, name in enumerate(names)
              if name.partition(".")[0] == key]  # fmt: skip
    given, free = np.array(fitted, int).reshape(-1, 2).T
    return Section(owner, np.array([*own.values(), 0.0], np.float32), free, given)


def as_numbers(
    point: Float[Array, " free"], low: Float[np.ndarray, " free"], high: Float[np.ndarray, " free"]
) -> Float[Array, " free"]:
    """Return numbers between bounds from unbounded ones; even in their logarithm where `low` is above 0."""
    share = jax.nn.sigmoid(point)
    even = low > 0
    steep = jnp.exp(jnp.log(jnp.where(even, low, 1.0)) * (1 - share) + jnp.log(high) * share)
    return jnp.where(even, steep, low + (high - low) * share)


def as_point(numbers: np.ndarray, low: np.ndarray, high: np.ndarray, edge: float) -> np.ndarray:
    """Return the unbounded numbers of `as_numbers`, at least a share `edge` away from the bounds."""
    even = low > 0
    ones = np.where(even, low, 1.0)
    logs = np.log(np.maximum(numbers, ones) / ones) / np.log(np.where(even, high, np.e) / ones)
    share = np.clip(np.where(even, logs, (numbers - low) / (high - low)), edge, 1 - edge)
    return np.log(share / (1 - share))
