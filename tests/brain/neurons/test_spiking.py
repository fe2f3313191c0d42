"""Spiking neurons in JAX: the same spikes as event by event, batches, gradients, and float32."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane
from neuromech.brain.neurons.spiking import DenseNetwork, Spiking, crossed
from neuromech.brain.neurons.synapses import Synapses
from tests.brain.neurons.spiking_graphs import case, pairs

M = Membrane()


@pytest.mark.parametrize(
    ("neurons", "degree", "steps", "electrodes"),
    [(200, 10, 2000, True), (1000, 20, 2000, False), (5000, 30, 1000, True)],
)
def test_the_same_spikes_as_event_by_event(neurons: int, degree: int, steps: int, electrodes: bool) -> None:
    given = case(neurons, degree, steps, neurons, electrodes)
    wanted = given.play(EventNetwork(given.synapses, M))
    found = given.play(DenseNetwork(given.synapses, M), at_once=steps // 2)
    assert len(wanted) > 200
    np.testing.assert_array_equal(found, wanted)


def test_ablation_and_reset_are_those_of_the_events() -> None:
    given = case(200, 12, 600, 3)
    networks = [EventNetwork(given.synapses, M), DenseNetwork(given.synapses, M)]
    results = []
    for network in networks:
        network.ablate(np.arange(0, 200, 3))
        first = given.play(network)
        network.reset()
        np.testing.assert_array_equal(given.play(network), first)
        results.append(first)
    np.testing.assert_array_equal(*results)
    assert not (results[0][:, 1] % 3 == 0).any()


def test_single_precision_keeps_the_rates_and_moves_few_spikes() -> None:
    given = case(5000, 30, 2000, 2)
    double = given.play(DenseNetwork(given.synapses, M))
    single = given.play(DenseNetwork(given.synapses, M, double=False))
    key = [set(map(tuple, spikes.tolist())) for spikes in (double, single)]
    share = len(key[0] ^ key[1]) / len(double)
    assert share < 0.02 and abs(len(single) / len(double) - 1) < 0.002
    # Until the first difference nothing differs, and it is one that rounding makes: later than some ms.
    first = min((step for step, _ in key[0] ^ key[1]), default=2000)
    assert first > 200


def test_a_batch_is_its_members() -> None:
    given = case(100, 12, 300, 5)
    with jax.enable_x64(True):
        network = Spiking.of(given.synapses, M)
        kicks = np.zeros((3, 300, 100))
        rng = np.random.default_rng(0)
        kicks[:, :, :10] = rng.random((3, 300, 10)) < 0.05
        drive, muted = jnp.zeros(100), jnp.zeros(100, bool)
        run = eqx.filter_jit(lambda kick: network.run(network.init(), kick, drive, muted)[1])
        together = np.asarray(jax.vmap(run)(jnp.asarray(kicks)))
        for one, kick in zip(together, kicks, strict=True):
            np.testing.assert_array_equal(one, run(jnp.asarray(kick)))
    assert together.sum(axis=(1, 2)).min() > 10


def test_the_surrogate_gradient_leads_to_more_spikes() -> None:
    np.testing.assert_allclose(jax.vmap(jax.grad(crossed))(jnp.array([-3.0, 0.0, 1.0])), [1 / 16, 1.0, 1 / 4])
    one = np.array([0])
    network = Spiking.of(Synapses.of(2, one, one + 1, one + 40), M)
    kicks = jnp.zeros((300, 2)).at[0, 0].set(1.0)

    def spikes(count: jax.Array) -> jax.Array:
        changed = eqx.tree_at(lambda each: each.count, network, count)
        fired = changed.run(changed.init(), kicks, jnp.zeros(2), jnp.zeros(2, bool))[1]
        return fired[:, 1].sum()

    gradient = jax.jit(jax.value_and_grad(spikes))
    count = network.count
    assert gradient(count)[0] == 0
    for _ in range(300):
        value, slope = gradient(count)
        assert np.isfinite(slope).all() and (slope > 0).all()
        if value > 0:
            break
        count = count + slope / jnp.abs(slope).max()
    # What one volley needs to fire a neuron, as in test_events.
    needed = 7.0 / (0.25 * 0.25 ** (1 / 3)) / M.weight_mV
    assert value > 0 and needed < count[0] < needed + 2


def test_pairs_are_sorted() -> None:
    given = case(100, 5, 50, 0)
    spikes = EventNetwork(given.synapses, M).advance(50, given.kick_step, given.kick_cell)
    rows = pairs(spikes)
    assert (np.diff(rows[:, 0]) >= 0).all()
