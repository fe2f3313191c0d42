"""Graded (non-spiking) neurons with chemical and gap-junction currents, as in C. elegans."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.brain.neurons.base import Matrix, Neurons, Vector

SILENT = 4.0
"""So many times ``tonic`` * ``scale_mV`` below rest, less than 0.1 % of the release at rest is left."""


class Graded(Neurons):
    """Graded neurons whose transmitter release is a saturating function of potential about rest.

    For neuron i, with u = V - E_rest and s = ``scale_mV``:

        C du_i/dt = -g_leak u_i + g_plateau s tanh(u_i / s) + sum_j G_ij r(u_j) + sum_j H_ij V_j + I_i
        r(u) = s tanh(u / s) above rest, b s tanh(u / (b s)) below it, b = ``tonic``

    The plateau term is a persistent inward current: beyond g_leak it makes a neuron bistable, as RMD is
    (Mellem 2008, doi:10.1038/nn.2131). That motor neurons of the cord are is an assumption, as in Boyle,
    Berri & Cohen 2012 (doi:10.3389/fncom.2012.00010); A-type neurons do oscillate on their own (Gao 2018,
    doi:10.7554/eLife.29915). Chemical currents are linearised about rest, where graded synapses release
    tonically (Liu 2009, doi:10.1073/pnas.0903570106), so a presynaptic neuron below rest withdraws its
    effect, but no more than the fraction b that it releases at rest. Matrices are indexed [post, pre]; the
    diagonal of ``gap_nS`` holds minus the row's sum, so that H V is the gap current.
    Units: mV, pA, nS, pF, ms (nS * mV = pA, pF / nS = ms).
    """

    rest_mV: Vector
    leak_nS: Vector
    capacitance_pF: Vector
    plateau_nS: Vector
    chemical_nS: Matrix
    gap_nS: Matrix
    bias_pA: Vector
    scale_mV: Float[Array, ""]
    tonic: Float[Array, ""]

    def init(self) -> Vector:
        """Potentials (mV) at rest."""
        return self.rest_mV

    @property
    def silent_mV(self) -> Vector:
        """Potentials (mV) so low that nothing is released."""
        return self.rest_mV - SILENT * self.tonic * self.scale_mV

    def release(self, potential_mV: Vector) -> Vector:
        """Transmitter release r(u) of every neuron beyond that at rest, mV, from -b s to s."""
        above = (potential_mV - self.rest_mV) / self.scale_mV
        reach = jnp.where(above > 0, 1.0, self.tonic)
        return self.scale_mV * reach * jnp.tanh(above / reach)

    def output(self, state: Vector) -> Vector:
        """Release beyond that at rest, from -b to 1."""
        return self.release(state) / self.scale_mV

    def excitation(self, drive: Float[Array, " muscle"]) -> Float[Array, " muscle"]:
        """One half without any drive: muscles are held between relaxed and contracted."""
        return 0.5 + 0.5 * jnp.tanh(drive)

    def current(self, potential_mV: Vector, injected_pA: Vector) -> Vector:
        """Net membrane current (pA, inward positive) of every neuron."""
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
        """Potentials after ``substeps`` exponential-Euler steps of ``step_ms`` under constant currents.

        Each neuron's own linear part (leak and loss through gap junctions) is exact, so the step may be long.
        Where ``present`` is 0 a neuron is held so far below rest that it releases nothing: one that is dead
        or silenced also withdraws what it released at rest.
        """
        rate = (self.leak_nS - jnp.diagonal(self.gap_nS)) / self.capacitance_pF
        gain = -jnp.expm1(-rate * step_ms) / (rate * self.capacitance_pF)
        potential_mV = state
        for _ in range(substeps):
            moved = potential_mV + gain * self.current(potential_mV, injected_pA)
            potential_mV = jnp.where(present > 0, moved, self.silent_mV)
        return potential_mV
