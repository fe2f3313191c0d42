"""Contrast gain control: what a column passes on, against the same in numpy."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.encoders import optic_lobe
from neuromech.brain.encoders.contrast_gain import ContrastGain, build
from neuromech.senses.eye import lattice
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.encoder_keys import ContrastGainSpec

COLUMNS = lattice.hexagon(8)
PLACES = lattice.places(COLUMNS)
SPEC = ContrastGainSpec(background_s=0.5, semisaturation=0.1, surround_columns=6.0)


@pytest.fixture(scope="module")
def gain() -> ContrastGain:
    return build(SPEC, COLUMNS)


def stripes(contrast: float, luminance: float = 0.5) -> np.ndarray:
    """Vertical stripes six columns wide from one bright middle to the next."""
    wave = np.sin(2 * np.pi * PLACES[:, 0] / 6)
    return (luminance * (1 + contrast * wave))[:, None].astype(np.float32)


def passed_on(gain: ContrastGain, light: np.ndarray) -> np.ndarray:
    """What a lobe that has long seen `light` gets of it, as its share of contrast, -1 to 1."""
    seen = jnp.asarray(light)
    return 2 * np.asarray(gain.step(gain.init(seen), seen, 0.01)[1]) - 1


def test_a_surround_is_as_wide_as_it_says(gain: ContrastGain) -> None:
    weights = np.asarray(gain.pool)[np.argmin(np.linalg.norm(PLACES, axis=1))]
    far = np.linalg.norm(PLACES, axis=1)
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    at_half = weights[np.isclose(far, 3.0)] / weights.max()  # half the width of 6
    assert at_half == pytest.approx(0.5, abs=1e-4) and len(at_half)


def test_the_gain_is_that_of_the_formula(gain: ContrastGain) -> None:
    light = stripes(0.3)[:, 0].astype(float)
    far = np.linalg.norm(PLACES[:, None] - PLACES[None], axis=2)
    pool = 0.5 ** ((2 * far / 6.0) ** 2)
    pool /= pool.sum(axis=1, keepdims=True)
    background = pool @ light
    contrast = light / background - 1
    wanted = np.tanh(contrast / (0.1 + pool @ np.abs(contrast)))
    assert passed_on(gain, stripes(0.3))[:, 0] == pytest.approx(wanted, abs=1e-4)


def test_faint_stripes_are_raised_and_bright_ones_bounded(gain: ContrastGain) -> None:
    inside = np.linalg.norm(PLACES, axis=1) < 4
    full, fifth, faint = (np.abs(passed_on(gain, stripes(c))[inside]).max() for c in (1.0, 0.2, 0.02))
    assert 0.5 * full < fifth < full < 1
    assert 3 * 0.02 < faint < 0.5 * full  # raised, and not to everything there is
    # The same stripes in a tenth of the light.
    assert passed_on(gain, stripes(0.2, 0.05)) == pytest.approx(passed_on(gain, stripes(0.2)), abs=1e-4)


def test_an_even_field_and_the_dark_have_no_contrast(gain: ContrastGain) -> None:
    for luminance in (0.0, 0.3, 1.0):
        assert passed_on(gain, stripes(0.0, luminance)) == pytest.approx(0.0, abs=1e-4)


def test_the_background_follows_within_its_time(gain: ContrastGain) -> None:
    grey, bright = jnp.asarray(stripes(0.0, 0.4)), jnp.asarray(stripes(0.0, 0.8))
    background = gain.init(grey)
    for _ in range(50):
        background, _ = gain.step(background, bright, 0.01)
    assert np.asarray(background) == pytest.approx(0.8 - 0.4 * np.exp(-1), abs=1e-4)
    film = jnp.concatenate([grey[None], jnp.repeat(bright[None], 50, axis=0)])
    watched = np.asarray(gain.watch(film, 0.01))
    assert watched[0] == pytest.approx(0.5, abs=1e-5) and (np.diff(watched[1:, 0, 0]) < 0).all()


@pytest.mark.thorough
def test_a_lobe_sees_through_its_gain(gain: ContrastGain) -> None:
    lobe = optic_lobe.load([content.find("controllers", "fly_optomotor")], COLUMNS)
    kept = lobe.table.numbers(["T4a", "T5a"])
    behind = optic_lobe.OpticLobe.of(lobe, len(COLUMNS), kept, [], gain)
    bare = optic_lobe.OpticLobe.of(lobe, len(COLUMNS), kept, [])
    step, light, step_s = eqx.filter_jit(behind.step), jnp.asarray(stripes(0.2)), jnp.float32(0.01)
    memory, first = step(behind.init(), light[:, 0], step_s)
    for _ in range(11):
        memory, last = step(memory, light[:, 0], step_s)
    assert np.asarray(last) == pytest.approx(np.asarray(first), abs=1e-4)  # it began adapted
    seen = gain.watch(light[None], 0.01)[0, :, 0]
    without = eqx.filter_jit(bare.step)(bare.init(), seen, step_s)[1]
    assert np.asarray(first) == pytest.approx(np.asarray(without), abs=1e-4)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("contrast_gain.background_s=null", "background_s must be"),
        ("contrast_gain.semisaturation=0", "semisaturation must be"),
        ("+contrast_gain.surround=2", "contrast_gain.surround"),
        ("contrast_gain=3", "contrast_gain"),
    ],
)
def test_wrong_keys_are_named(override: str, message: str) -> None:
    plus, name = ("+", override[1:]) if override.startswith("+") else ("", override)
    with pytest.raises(InputError, match=message):
        load_run(["experiment=fly_optomotor", f"{plus}controller.encoding.left_eye.{name}"])
