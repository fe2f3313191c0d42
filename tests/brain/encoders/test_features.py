"""From senses to currents: the salt cells and the stretch of the body wall."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from neuromech.brain.encoders.afferent import Afferent
from neuromech.brain.encoders.on_off import OnOff
from neuromech.brain.encoders.stretch import Stretch, stretch_matrix
from neuromech.brain.encoders.touch import Touch

FAST, SLOW, FLOOR, GAIN = 0.2, 1.5, 2.0, 8.0


def cells(gain: float = GAIN) -> OnOff:
    return OnOff(*(jnp.asarray(value, jnp.float32) for value in (FAST, SLOW, FLOOR, gain)))


def drives(levels: np.ndarray, step_s: float, gain: float = GAIN) -> np.ndarray:
    """Return the ON and OFF drives (time, 2) for concentrations held for one step each."""
    pair = cells(gain)
    step = eqx.filter_jit(pair.step)  # operation by operation it takes ten seconds
    memory, out = pair.init(), []
    for level in levels:
        memory, drive = step(memory, jnp.float32([level]), jnp.float32(step_s))
        out.append(np.asarray(drive))
    return np.array(out)


def test_an_animal_starts_adapted_whatever_the_concentration() -> None:
    for level in (0.0, 3.0, 500.0):
        assert np.abs(drives(np.full(20, level), 0.05)).max() < 1e-5


def test_on_answers_rises_and_off_falls_and_both_adapt() -> None:
    step_s = 0.05
    up = drives(np.repeat([5.0, 10.0], [20, 300]), step_s)
    down = drives(np.repeat([10.0, 5.0], [20, 300]), step_s)
    assert up[20:40, 0].max() > 0.9 and (up[:, 1] < 1e-5).all()
    assert down[20:40, 1].max() > 0.9 and (down[:, 0] < 1e-5).all()
    assert up[-1, 0] < 1e-2 and down[-1, 1] < 1e-2
    # A fall by the same factor is as strong.
    factor = drives(np.array([8.0, 18.0]), step_s)[1, 0], drives(np.array([18.0, 8.0]), step_s)[1, 1]
    assert factor[0] == pytest.approx(factor[1], rel=1e-4)
    assert (up >= 0).all() and (up <= 1).all()


@settings(max_examples=5)
@given(phase=st.floats(0, 6))
def test_the_memory_is_that_of_two_low_pass_filters(phase: float) -> None:
    step_s, count = 0.02, 40
    levels = 10 + 8 * np.sin(np.arange(count) * 0.4 + phase)
    logs = np.log(levels + FLOOR)

    def slopes(t: float, memory: np.ndarray) -> list[float]:
        level = logs[min(int(t / step_s), count - 1)]
        return [(level - memory[0]) / FAST, (level - memory[1]) / SLOW]

    state = np.array([logs[0], logs[0]])
    expected = []
    for k in range(count):
        middle = (k + 0.5) * step_s
        state = solve_ivp(lambda _, m, t=middle: slopes(t, m), (0, step_s), state, rtol=1e-9, atol=1e-10).y[
            :, -1
        ]
        drive = np.tanh(GAIN * (state[0] - state[1]))
        expected.append([max(drive, 0.0), max(-drive, 0.0)])
    assert drives(levels, step_s) == pytest.approx(np.array(expected), abs=2e-4)


def test_a_steady_climb_is_felt_in_proportion_to_its_relative_slope() -> None:
    # Both means lag a ramp of ln(C + floor) by their time constants, so they differ by slope (slow - fast).
    step_s, slope = 0.01, 0.05
    levels = 20 * np.exp(slope * np.arange(1500) * step_s) - FLOOR
    assert drives(levels, step_s)[-1, 0] == pytest.approx(np.tanh(GAIN * slope * (SLOW - FAST)), rel=1e-2)


def test_the_step_does_not_matter_for_a_held_level() -> None:
    coarse = drives(np.repeat([5.0, 9.0], 10), 0.1)
    fine = drives(np.repeat([5.0, 9.0], 40), 0.025)
    assert fine[3::4] == pytest.approx(coarse, abs=1e-4)


def test_touch_saturates_channel_by_channel_and_bends_pass_as_they_are() -> None:
    sensed = jnp.float32([0.0, 500.0, 1500.0])
    touch, bend = Touch(half=jnp.float32(500.0), channels=3), Stretch(channels=3)
    for encoder, expected in ((touch, [0, 0.5, 0.75]), (bend, sensed)):
        memory, features = encoder.step(encoder.init(), sensed, jnp.float32(0.01))
        assert memory.shape == (0,) and np.asarray(features) == pytest.approx(np.asarray(expected))


def windows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    joints = (np.arange(24) + 1) / 25
    return joints, stretch_matrix(
        np.array([0.5, 0.5, np.nan, 0.0]),
        np.array([1.0, -1.0, 1.0, 1.0]),
        joints,
        {"ahead": (-0.25, -0.05), "behind": (-0.05, 0.25)},
        {"ahead": values, "behind": -2 * values},
    )


def test_each_neuron_feels_the_mean_bend_of_its_windows() -> None:
    joints, matrix = windows(np.full(4, 3.0))
    bends = np.sin(7 * joints) + 1
    offset = joints - 0.5
    ahead = bends[(offset >= -0.25) & (offset <= -0.05)].mean()
    behind = bends[(offset >= -0.05) & (offset <= 0.25)].mean()
    seen = matrix @ bends
    assert seen[0] == pytest.approx(3 * ahead - 6 * behind)
    assert seen[1] == pytest.approx(-seen[0])  # the other side feels the opposite
    assert seen[2] == 0  # a neuron without a place feels nothing


def test_a_window_beyond_the_nose_is_empty_not_wrong() -> None:
    joints, matrix = windows(np.full(4, 3.0))
    # Nothing lies ahead of the nose; behind it the mean is over the joints that there are.
    near = joints <= 0.25 + 1e-9
    assert matrix[3] == pytest.approx(np.where(near, -6.0 / near.sum(), 0.0))
    assert matrix[0].sum() == pytest.approx(3 - 6)  # a uniform bend gives the sum of the gains


def test_afferents_that_follow_each_other_are_one() -> None:
    rng = np.random.default_rng(2)
    numbers = [(rng.normal(size=n), rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n)) for n in (1, 4, 2)]
    apart = [
        Afferent(threshold=jnp.asarray(low), scale=jnp.asarray(scale), channels=len(low))
        for low, scale in numbers
    ]
    (joined,) = Afferent.joined(apart)
    assert joined.channels == 7
    sensed = jnp.asarray(rng.normal(size=7))
    places = np.cumsum([0, *(each.channels for each in apart)])
    expected = [each.features(sensed[a:b]) for each, a, b in zip(apart, places[:-1], places[1:], strict=True)]
    np.testing.assert_array_equal(
        joined.step(joined.init(), sensed, jnp.float32(0.01))[1], np.concatenate(expected)
    )
