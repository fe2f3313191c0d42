"""Graded (non-spiking) neurons with chemical and gap-junction currents, as in C. elegans."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain import shared_parameters
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.shared_parameters import laplacian, single
from neuromech.specs.controller import GradedSpec

SILENT = 4.0
"""The potential at which a silent neuron is held, below rest in multiples of `tonic` times `scale_mV`:
less than 0.1 % of the release at rest is left there."""


class Graded(Neurons):
    """Graded neurons whose transmitter release is a saturating function of potential about rest.

    For neuron i, with u = V - E_rest and s = `scale_mV`:

        C du_i/dt = -g_leak u_i + g_plateau s tanh(u_i / s) + sum_j G_ij r(u_j) + sum_j H_ij V_j + I_i
        r(u) = s tanh(u / s) above rest, b s tanh(u / (b s)) below it, b = `tonic`

    The plateau term is a persistent inward current: beyond g_leak it makes a neuron bistable, as RMD is
    (Mellem 2008, doi:10.1038/nn.2131). That motor neurons of the cord are is an assumption, as in Boyle,
    Berri & Cohen 2012 (doi:10.3389/fncom.2012.00010); A-type neurons do oscillate on their own (Gao 2018,
    doi:10.7554/eLife.29915). Chemical currents are linearised about rest, where graded synapses release
    tonically (Liu 2009, doi:10.1073/pnas.0903570106), so a presynaptic neuron below rest withdraws its
    effect, but no more than the fraction b that it releases at rest. Matrices are indexed [post, pre]; the
    diagonal of `gap_nS` holds minus the row's sum, so that H V is the gap current.
    Units: mV, pA, nS, pF, ms (nS * mV = pA, pF / nS = ms).

    In controller.yaml, `balance` names groups of neurons that get the bias which centres them while other
    neurons are held at given multiples of `command_mV`: `{A: {AVA: 1, AVB: -1}}`.
    """

    sections = (
        "scale_mV", "tonic", "rest_mV", "leak_nS", "tau_ms", "plateau_nS", "chemical_nS", "gap_nS", "bias_pA",
        "drive_pA", "command_mV",
    )  # fmt: skip
    activity_unit = "mV"
    muscle_law = "about_tone"

    rest_mV: Vector
    leak_nS: Vector
    capacitance_pF: Vector
    plateau_nS: Vector
    chemical_nS: Matrix
    gap_nS: Matrix
    bias_pA: Vector
    scale_mV: Float[Array, ""]
    tonic: Float[Array, ""]

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> Graded:
        """Build the neurons of a wiring; ablated ones lose their gap junctions."""
        # Shares and balance are those of the intact animal; an ablation does not change the other neurons.
        groups, p, perturb = circuit.groups, circuit.parameters, circuit.perturb
        chemical = shared_parameters.chemical(groups, p["chemical_nS"])
        gap = shared_parameters.gap(groups, p["gap_nS"])
        leak = circuit.vector("leak_nS")
        bias = circuit.vector("bias_pA")
        intact = laplacian(gap)
        balance = circuit.spec.balance if isinstance(circuit.spec, GradedSpec) else {}
        for group, levels in balance.items():
            bias -= np.where(groups.mask(group), _balance(chemical, intact, circuit, levels), 0.0)
        chemical, gap = chemical * perturb.scale_chemical, gap * perturb.scale_gap_junctions
        gap[circuit.ablated], gap[:, circuit.ablated] = 0.0, 0.0
        return cls(
            rest_mV=single(circuit.vector("rest_mV")),
            leak_nS=single(leak),
            capacitance_pF=single(leak * circuit.vector("tau_ms")),
            plateau_nS=single(circuit.vector("plateau_nS")),
            chemical_nS=single(chemical),
            gap_nS=single(laplacian(gap)),
            bias_pA=single(bias + circuit.vector("drive_pA")),
            scale_mV=single(p["scale_mV"]),
            tonic=single(p["tonic"]),
        )

    def init(self) -> Vector:
        """Return the potentials (mV) at rest."""
        return self.rest_mV

    @property
    def silent_mV(self) -> Vector:
        """Potentials (mV) so low that nothing is released."""
        return self.rest_mV - SILENT * self.tonic * self.scale_mV

    def release(self, potential_mV: Vector) -> Vector:
        """Return the transmitter release r(u) of every neuron beyond that at rest, mV, from -b s to s."""
        above = (potential_mV - self.rest_mV) / self.scale_mV
        reach = jnp.where(above > 0, 1.0, self.tonic)
        return self.scale_mV * reach * jnp.tanh(above / reach)

    def activity(self, state: Vector) -> Vector:
        """Return the potentials (mV)."""
        return state

    def output(self, state: Vector) -> Vector:
        """Return the release beyond that at rest, from -b to 1."""
        return self.release(state) / self.scale_mV

    def current(self, potential_mV: Vector, injected_pA: Vector) -> Vector:
        """Return the net membrane current (pA, inward positive) of every neuron."""
        released = self.release(potential_mV)
        return (
            -self.leak_nS * (potential_mV - self.rest_mV)
            + self.plateau_nS * self.scale_mV * jnp.tanh((potential_mV - self.rest_mV) / self.scale_mV)
            + self.chemical_nS @ released
            + self.gap_nS @ potential_mV
            + self.bias_pA
            + injected_pA
        )

    def step(
        self, state: Vector, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> Vector:
        """Return potentials after `substeps` exponential-Euler steps of `step_ms` under constant currents.

        Each neuron's own linear part (leak and loss through gap junctions) is exact, so the step may be long.
        Where `present` is 0 a neuron is held so far below rest that it releases nothing: one that is dead
        or silenced also withdraws what it released at rest.
        """
        potential_mV = state
        for _ in range(substeps):
            potential_mV = self.stepped(potential_mV, injected_pA, present, step_ms)
        return potential_mV

    def stepped(self, potential_mV: Vector, injected_pA: Vector, present: Vector, step_ms: float) -> Vector:
        """Return the potentials after one such step."""
        rate = (self.leak_nS - jnp.diagonal(self.gap_nS)) / self.capacitance_pF
        gain = -jnp.expm1(-rate * step_ms) / (rate * self.capacitance_pF)
        moved = potential_mV + gain * self.current(potential_mV, injected_pA)
        return jnp.where(present > 0, moved, self.silent_mV)

    def part(self, selected: np.ndarray) -> Graded:
        """Return only the neurons `selected`; the others no longer release what they release at rest."""
        others = np.setdiff1d(np.arange(len(self.rest_mV)), selected)
        withdrawn = self.chemical_nS[np.ix_(selected, others)] @ self.release(self.silent_mV)[others]
        gap = np.array(self.gap_nS)[np.ix_(selected, selected)]
        np.fill_diagonal(gap, 0.0)
        left = super().part(selected)
        assert isinstance(left, Graded)
        return eqx.tree_at(
            lambda network: (network.bias_pA, network.gap_nS),
            left,
            (left.bias_pA + withdrawn, single(laplacian(gap))),
        )


def _balance(
    chemical: np.ndarray, gap: np.ndarray, circuit: Circuit, levels: Mapping[str, float]
) -> np.ndarray:
    """Return the current (pA) that every neuron, at rest, gets from neurons held at `levels`.

    These are in multiples of `command_mV`. A motor neuron is balanced against the command that switches it
    on: it can then swing both ways, and is held off when the command is off.
    """
    p = circuit.parameters
    above = circuit.groups.vector(levels) * p["command_mV"] / p["scale_mV"]
    reach = np.where(above > 0, 1.0, p["tonic"])
    return p["scale_mV"] * (chemical @ (reach * np.tanh(above / reach)) + gap @ above)
