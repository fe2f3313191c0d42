"""Saturating rate neurons scaled by their size, as in simulations of the fly's nerve cord."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import connectome
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.neurons.model import NeuronModel
from neuromech.brain.shared_parameters import Groups, single
from neuromech.specs.run import Perturb


class RateSaturating(Neurons):
    """Neurons described by their firing rate, which saturates; large ones need more current than small ones.

    For neuron i, with R its rate and s its size relative to a typical neuron:

        tau_i dR_i/dt = -R_i + max(0, cap_i tanh(a_i / (s_i cap_i) (I_i - s_i theta_i)))
        I_i = sum_j W_ij R_j + b_i + injected_i

    so the slope a is divided by the size and the threshold theta is multiplied by it. This is the model of
    Pugliese et al. 2025 (doi:10.1101/2025.09.12.675944), who measure current in a unit of their own; here one
    such unit is called 1 pA. Matrices are indexed [post, pre]. Units: pA, Hz, ms; a in Hz/pA, W in pA/Hz.
    """

    tau_ms: Vector
    slope_Hz_per_pA: Vector
    threshold_pA: Vector
    peak_Hz: Vector
    bias_pA: Vector
    chemical_pA_per_Hz: Matrix

    def init(self) -> Vector:
        """No neuron fires."""
        return jnp.zeros_like(self.tau_ms)

    def target(self, rate_Hz: Vector, constant_pA: Vector) -> Vector:
        """Rates (Hz) that the neurons would settle at if those of their inputs stayed as they are."""
        above = self.chemical_pA_per_Hz @ rate_Hz + constant_pA - self.threshold_pA
        return jnp.maximum(self.peak_Hz * jnp.tanh(self.slope_Hz_per_pA / self.peak_Hz * above), 0.0)

    def step(
        self, state: Vector, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> Vector:
        """Rates after `substeps` exponential midpoint steps of `step_ms` under constant currents.

        Half a step finds the rates whose targets hold over the whole step; the decay is exact, so that no
        step explodes. At second order 1 ms is enough; at first order (Euler) the nerve cord's rhythm was 8 %
        too slow at 0.5 ms. Where `present` is 0 a neuron does not fire.
        """
        half, whole = (jnp.exp(-length / self.tau_ms) for length in (0.5 * step_ms, step_ms))
        constant = self.bias_pA + injected_pA
        rate = state * present
        for _ in range(substeps):
            target = self.target(rate, constant)
            target = self.target((target + (rate - target) * half) * present, constant)
            rate = (target + (rate - target) * whole) * present
        return rate

    def activity(self, state: Vector) -> Vector:
        """Firing rates (Hz)."""
        return state

    def output(self, state: Vector) -> Vector:
        """Firing as a share of the highest rate."""
        return state / self.peak_Hz


VECTORS = ("tau_ms", "slope_Hz_per_pA", "threshold_pA", "peak_Hz", "bias_pA")
"""Sections of parameters.yaml that give one value per neuron; slope and threshold are before scaling."""
PARAMETERS = (*VECTORS, "noise_pA", "chemical_pA_per_Hz", "neuromuscular", "tone")
"""Sections of parameters.yaml, beside those that the encoding and the commands read."""
_POSITIVE = ("tau_ms", "slope_Hz_per_pA", "peak_Hz")


def sizes(neurons: tuple[str, ...], folders: list[str]) -> np.ndarray:
    """Return the column `size` of neurons.csv in the order of `neurons`, relative to a typical neuron.

    Raises
    ------
    InputError
        The column is missing, or a size is no number above 0; the message has file and line.
    """
    found: dict[str, float] = {}
    for table in (Path(folder) / "neurons.csv" for folder in folders):
        for line, row in connectome.read_rows(table, ("name", "size")) if table.is_file() else ():
            try:
                size = float(row["size"])
            except ValueError:
                size = np.nan
            if not 0 < size < np.inf:
                raise InputError(f"{table} line {line}: size must be a number above 0, not {row['size']}")
            found[row["name"]] = size
    return np.array([found[name] for name in neurons])


def _network(
    groups: Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> RateSaturating:
    """Turn tables and class-shared parameters into neurons; those `gone` are held silent by the brain.

    The table's weights count synapses, each worth the gain (pA/Hz) of its pair of classes. `balance` of
    controller.yaml, `{group: {command: value}}`, balances a group against those commands: see `balanced`.
    """
    wiring = groups.connectome
    if wiring.gap.any() or wiring.gap_muscle.any():
        raise InputError(f"{spec['name']}: rate neurons have no gap junctions, but connections.csv does")
    values = {name: groups.vector(p[name]) for name in VECTORS}
    for name in _POSITIVE:
        if (values[name] <= 0).any():
            raise InputError(f"parameter {name} must be above 0 for every neuron")
    size = sizes(wiring.neurons, spec["folders"])
    values["slope_Hz_per_pA"] = values["slope_Hz_per_pA"] / size
    values["threshold_pA"] = values["threshold_pA"] * size
    weights = wiring.chemical.T * wiring.chemical_sign.T * groups.matrix(p["chemical_pA_per_Hz"])
    network = RateSaturating(
        **{name: single(each) for name, each in values.items()}, chemical_pA_per_Hz=single(weights)
    )
    for group, levels in spec["balance"].items():
        commands = single(groups.vector(levels) * groups.vector(p["command_pA"]))
        network = balanced(network, single(groups.mask(group)), commands)
    scaled = network.chemical_pA_per_Hz * perturb.scale_chemical
    return eqx.tree_at(lambda n: n.chemical_pA_per_Hz, network, scaled)


SETTLING_STEPS, MEAN_STEPS, ROUNDS, STEP_MS = 600, 800, 3, 1.0
"""How a balance is found: steps in which a network falls into its rhythm; steps over which inputs are then
averaged, about ten cycles of walking; how often that is done, as balanced neurons change each other's inputs;
length of a step."""


def balanced(network: RateSaturating, chosen: Vector, injected_pA: Vector) -> RateSaturating:
    """Return the network with the bias of the chosen neurons less the current that they get on average.

    Their synapses then lift and lower them about their threshold, as homeostasis, and the many inputs that
    are not in a cut of a wiring, would have it. The average is that of the intact network, from rest, under
    constant currents (pA): what is killed or stimulated later does not change it.
    """
    return _with_bias(network, _balanced_bias(network, chosen, injected_pA))


def _with_bias(network: RateSaturating, bias_pA: Vector) -> RateSaturating:
    return eqx.tree_at(lambda n: n.bias_pA, network, bias_pA)


@jax.jit
def _balanced_bias(network: RateSaturating, chosen: Vector, injected_pA: Vector) -> Vector:
    present = jnp.ones_like(injected_pA)

    def played(state: Vector, bias: Vector, count: int) -> tuple[Vector, Vector]:
        changed = _with_bias(network, bias)

        def step(_: Any, both: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
            after = changed.step(both[0], injected_pA, present, STEP_MS)
            return after, both[1] + after / count

        return jax.lax.fori_loop(0, count, step, (state, jnp.zeros_like(state)))

    bias = network.bias_pA
    state, _ = played(network.init(), bias, SETTLING_STEPS)
    for _ in range(ROUNDS):
        state, mean_Hz = played(state, bias, MEAN_STEPS)
        bias = network.bias_pA - chosen * (network.chemical_pA_per_Hz @ mean_Hz)
    return bias


MODEL = NeuronModel(PARAMETERS, "Hz", 0.0, "proportional", _network)
"""The neuron model `rate_saturating` of controller.yaml."""
