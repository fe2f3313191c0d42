"""Leaky integrate-and-fire neurons in JAX: pure, for vmap, accelerators and gradients.

Every step touches every neuron and edge; `event_driven.EventNetwork` computes the same network on a CPU and
touches only what is active. Both give the same spikes to the step while potentials are float64: contacts are
summed as whole numbers, so that the order of additions does not matter here, and what is left is rounding in
the last bits, which would have to meet a potential within about 1e-13 mV of the threshold to move a spike. In
float32, JAX's default and what is fast on an accelerator, a few spikes move: of 15,309 spikes of a random
network of 5,000 neurons in 0.3 s, 13 (measured on a CPU; the first after 109 ms). Rates stay.
"""

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from neuromech._lib.state import Stateful
from neuromech.brain.neurons.lif import Membrane, Spikes
from neuromech.brain.neurons.synapses import Synapses

STEEPNESS = 1.0
"""Steepness of the surrogate gradient at the threshold, per mV: as wide as the last mV before a spike."""


@jax.custom_jvp
def crossed(above_mV: Array) -> Array:
    """Return 1 where the potential (mV above threshold) is above 0, else 0; its gradient is a fast sigmoid's.

    The surrogate 1 / (1 + s |u|)^2 is that of SuperSpike (Zenke & Ganguli 2018, doi:10.1162/neco_a_01086).
    """
    return (above_mV > 0).astype(above_mV.dtype)


@crossed.defjvp
def _crossed_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (above,), (change,) = primals, tangents
    return crossed(above), change / (1.0 + STEEPNESS * jnp.abs(above)) ** 2


class SpikingState(eqx.Module):
    """Potential above rest and synaptic drive (neuron,), mV; steps still held; spikes under way (delay,
    neuron).

    `step` counts since the start.
    """

    u_mV: Float[Array, " neuron"]
    g_mV: Float[Array, " neuron"]
    held: Int[Array, " neuron"]
    under_way: Float[Array, "delay neuron"]
    step: Int[Array, ""]


class Spiking(eqx.Module):
    """A network of `lif.Membrane` neurons, the edges of `Synapses` as arrays.

    `count` (edge,) signed contacts; `weight_mV` per contact; `refractory` (neuron,) steps; `present`
    (neuron,) 0 for those that are dead. `count` and `weight_mV` can be trained.
    """

    pre: Int[Array, " edge"]
    post: Int[Array, " edge"]
    count: Float[Array, " edge"]
    weight_mV: Float[Array, ""]
    refractory: Int[Array, " neuron"]
    present: Float[Array, " neuron"]
    membrane: Membrane = eqx.field(static=True)

    @staticmethod
    def of(synapses: Synapses, membrane: Membrane) -> "Spiking":
        """Put a network on the accelerator, in the precision that JAX is set to."""
        n = synapses.size
        real = jnp.zeros(0).dtype
        return Spiking(
            pre=jnp.asarray(synapses.pre),
            post=jnp.asarray(np.asarray(synapses.post)),
            count=jnp.asarray(np.asarray(synapses.count), real),
            weight_mV=jnp.asarray(membrane.weight_mV, real),
            refractory=jnp.full(n, membrane.refractory_steps, jnp.int32),
            present=jnp.ones(n, real),
            membrane=membrane,
        )

    def init(self) -> SpikingState:
        """Return the state in which every neuron is at rest."""
        n, rest = len(self.present), jnp.zeros_like(self.present)
        under_way = jnp.zeros((self.membrane.delay_steps, n), rest.dtype)
        return SpikingState(rest, rest, jnp.zeros(n, jnp.int32), under_way, jnp.zeros((), jnp.int32))

    def step(
        self,
        state: SpikingState,
        kicks: Float[Array, " neuron"],
        drive_mV: Float[Array, " neuron"],
        muted: Bool[Array, " neuron"],
    ) -> tuple[SpikingState, Float[Array, " neuron"]]:
        """Take one step of `membrane.step_ms`; returns the state and who fired (neuron,), 1 or 0.

        `kicks` counts kicks, `drive_mV` is where steady currents would take each potential, spikes of
        `muted` neurons reach nobody. Integrate, look for crossings, deliver, kick, reset, as `lif` says.
        """
        m = self.membrane
        slow, fast = np.exp(-m.step_ms / np.array([m.membrane_ms, m.synapse_ms]))
        free = (state.held == 0).astype(self.present.dtype) * self.present
        moved = state.u_mV * slow + state.g_mV * (m.mode * (fast - slow)) + drive_mV * (1.0 - slow)
        u = jnp.where(free > 0, moved, state.u_mV)
        g = jnp.where(free > 0, state.g_mV * fast, state.g_mV)
        fired = crossed(u - (m.threshold_mV - m.rest_mV)) * free
        row = state.step % m.delay_steps
        arriving = jnp.where(muted, 0.0, state.under_way[row])
        contacts = jax.ops.segment_sum(self.count * arriving[self.pre], self.post, len(self.present))
        # The reset is left out of the gradient, so that the gradient does not count it against a spike.
        stays = 1.0 - jax.lax.stop_gradient(fired)
        takes = free * stays
        g = (g + takes * self.weight_mV * contacts) * stays
        u = (u + takes * m.kick_mV * kicks) * stays
        held = jnp.where(fired > 0, jnp.maximum(self.refractory - 1, 0), jnp.maximum(state.held - 1, 0))
        after = SpikingState(u, g, held, state.under_way.at[row].set(fired), state.step + 1)
        return after, fired

    def run(
        self,
        state: SpikingState,
        kicks: Float[Array, "step neuron"],
        drive_mV: Float[Array, " neuron"],
        muted: Bool[Array, " neuron"],
    ) -> tuple[SpikingState, Float[Array, "step neuron"]]:
        """Take one step per row of `kicks`; returns the state and who fired in each."""
        return jax.lax.scan(lambda before, kick: self.step(before, kick, drive_mV, muted), state, kicks)


@partial(jax.jit, static_argnums=2)
def _run(
    network: Spiking,
    state: SpikingState,
    steps: int,
    kick_step: Array,
    kick_cell: Array,
    drive: Array,
    muted: Array,
) -> tuple[SpikingState, Array]:
    kicks = jnp.zeros((steps, len(network.present)), drive.dtype)
    kicks = kicks.at[kick_step, kick_cell].add(1.0, mode="drop")
    return network.run(state, kicks, drive, muted)


class DenseNetwork(Stateful):
    """A `Spiking` network behind the interface of `lif.SpikingNetwork`, in float64 unless told otherwise."""

    state_names = ("_drive", "_muted", "_steps", "_state")

    def __init__(self, synapses: Synapses, membrane: Membrane, double: bool = True) -> None:
        self.membrane, self._double = membrane, double
        with jax.enable_x64(double):
            self._network = Spiking.of(synapses, membrane)
        self._muted = np.zeros(synapses.size, bool)
        self.reset()

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self._muted)

    def reset(self) -> None:
        """Put every neuron at rest at step 0; who is dead, muted or never refractory stays so, drives end."""
        self._drive = np.zeros(self.size)
        self._steps = 0
        with jax.enable_x64(self._double):
            self._state = self._network.init()

    def restore_state(self, state: Any) -> None:
        """Go on from what `save_state` of a network like this one returned."""
        with jax.enable_x64(self._double):
            super().restore_state(state)

    def ablate(self, cells: np.ndarray) -> None:
        """From now on these neurons neither receive nor fire."""
        with jax.enable_x64(self._double):
            present = self._network.present.at[jnp.asarray(cells)].set(0.0)
        self._network = eqx.tree_at(lambda network: network.present, self._network, present)

    def mute(self, muted: np.ndarray) -> None:
        """Set whose spikes reach nobody (neuron,) when they arrive, the published model's silencing."""
        self._muted = np.array(muted, bool)

    def unrefract(self, cells: np.ndarray) -> None:
        """From now on these neurons, and no others, are not refractory beyond the step in which they fire."""
        usual = jnp.full_like(self._network.refractory, self.membrane.refractory_steps)
        refractory = usual.at[jnp.asarray(cells)].set(0)
        self._network = eqx.tree_at(lambda network: network.refractory, self._network, refractory)

    def drive(self, drive_mV: np.ndarray) -> None:
        """Set the steady potential (neuron,) that currents would take each neuron to, mV above rest."""
        self._drive = np.array(drive_mV, float)

    def advance(self, steps: int, kick_step: np.ndarray, kick_cell: np.ndarray) -> Spikes:
        """Take `steps` steps; each kick adds `kick_mV` to a neuron's potential in its step."""
        # As many slots at each call as steps' power of two, or every number of kicks would be compiled anew.
        slots = 1 << max(int(len(kick_step) - 1).bit_length(), 4)
        when, who = np.full(slots, steps, np.int32), np.zeros(slots, np.int32)
        when[: len(kick_step)], who[: len(kick_cell)] = kick_step, kick_cell
        with jax.enable_x64(self._double):
            drive = jnp.asarray(self._drive, self._network.present.dtype)
            self._state, fired = _run(
                self._network,
                self._state,
                steps,
                jnp.asarray(when),
                jnp.asarray(who),
                drive,
                jnp.asarray(self._muted),
            )
        step, cell = np.nonzero(np.asarray(fired))
        step = step.astype(np.int64) + self._steps
        self._steps += steps
        return Spikes(step, cell.astype(np.int32))
