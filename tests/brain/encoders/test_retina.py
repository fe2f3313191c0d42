"""Ganglion cells: what motion, darkness and stillness make of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.brain.encoders import encoding
from neuromech.brain.encoders.direction_selective import DirectionSelective
from neuromech.brain.encoders.together import Together, alike
from neuromech.senses.eye.lattice import Lattice
from neuromech.specs import content
from neuromech.specs.checking import Origin
from neuromech.specs.controller import EncodingSpec
from neuromech.world import body as bodies
from neuromech.world.stimuli.gratings import Grating, GratingScene
from neuromech.world.stimuli.looming import Looming

DIRECTIONS = {"nasal": 0.0, "temporal": 180.0, "up": 90.0, "down": -90.0}
NUMBERS = (0.5, 0.1, 0.02, 0.05)
WHOLE = (1.0, 0.1)
STEP_S = 0.01
# Motion of the floor -> cell that prefers it, on either side; and its opposite.
PREFERRED = {
    "left": {"forward": "nasal", "backward": "temporal", "left": "up", "right": "down"},
    "right": {"forward": "nasal", "backward": "temporal", "right": "up", "left": "down"},
}
NULL = {"nasal": "temporal", "temporal": "nasal", "up": "down", "down": "up"}


@lru_cache
def eye(side: str) -> tuple[Lattice, Any, np.ndarray]:
    lattice = bodies.load(content.load("bodies", "larval_fish")).senses[f"{side}_eye"].lattice
    cells = DirectionSelective.of(lattice, DIRECTIONS, NUMBERS)

    @jax.jit
    def play(film: jax.Array) -> jax.Array:
        def step(memory: jax.Array, seen: jax.Array) -> tuple[jax.Array, jax.Array]:
            return cells.step(memory, seen, jnp.float32(STEP_S))

        return jax.lax.scan(step, cells.init(), film)[1]

    return lattice, play, np.asarray(cells.init())


def film(side: str, scene: GratingScene | Looming, seconds: float = 3.0) -> np.ndarray:
    lattice, sign = eye(side)[0], 1 if side == "left" else -1
    angle = sign * np.radians(75)
    axes = np.array([np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0, 0, 0, 1.0])
    frames = np.zeros((round(seconds / STEP_S), len(lattice.retinal)), np.float32)
    for k, seen in enumerate(frames):
        t = k * STEP_S
        scene.look(lattice.rays, np.array([0.18, 0.27 * sign, 3.0]), axes, t, lattice.acceptance_rad, seen)
    return frames


def drives(side: str, frames: np.ndarray) -> dict[str, float]:
    """Return the mean drive of each cell after the first second."""
    out = np.asarray(eye(side)[1](jnp.asarray(frames)))[round(1 / STEP_S) :]
    assert np.isfinite(out).all() and (out >= 0).all() and (out < 1).all()
    return dict(zip(("on", "off", *DIRECTIONS), out.mean(axis=0).tolist(), strict=True))


def seen(side: str = "left", **keys: Any) -> dict[str, float]:
    return drives(side, film(side, GratingScene(Grating(**keys), Grating(**keys))))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("direction", ["forward", "backward", "left", "right"])
def test_the_cell_that_prefers_a_direction_answers_and_its_opposite_not(side: str, direction: str) -> None:
    answer = seen(side, direction=direction)
    cell = PREFERRED[side][direction]
    moving = {name: answer[name] for name in DIRECTIONS}
    assert max(moving, key=moving.__getitem__) == cell
    assert answer[cell] > 0.04 and answer[NULL[cell]] < 0.02 * answer[cell]


@pytest.mark.parametrize("speed", [2.0, 5.0, 10.0, 20.0])
@pytest.mark.parametrize("wavelength", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("contrast", [0.1, 1.0])
def test_preferred_beats_null_at_every_speed_wavelength_and_contrast(
    speed: float, wavelength: float, contrast: float
) -> None:
    answer = seen(speed_mm_s=speed, wavelength_mm=wavelength, contrast=contrast)
    assert answer["nasal"] > 5e-4 and answer["nasal"] > 5 * answer["temporal"]


def test_the_response_rises_with_speed_and_then_levels() -> None:
    answers = [seen(speed_mm_s=speed)["nasal"] for speed in (1.0, 2.5, 5.0, 10.0)]
    assert np.all(np.diff(answers) > 0)
    assert seen(speed_mm_s=20.0)["nasal"] < 1.3 * answers[-1]


def test_still_dark_and_plain_scenes_move_nothing() -> None:
    scenes: list[dict[str, Any]] = [{"speed_mm_s": 0.0}, {"luminance": 0.0}, {"contrast": 0.0}]
    for keys in scenes:
        assert max(seen(**keys).values()) < 1e-6
    dark = GratingScene(Grating(), Grating(), dark=True)
    assert max(drives("left", film("left", dark)).values()) == 0


def test_the_whole_field_going_bright_and_dark_is_seen_but_is_no_motion() -> None:
    levels = 0.5 + 0.4 * np.sign(np.sin(2 * np.pi * 1.5 * np.arange(300) * STEP_S + 0.1))
    answer = drives("left", np.repeat(levels[:, None], 320, axis=1).astype(np.float32))
    assert answer["on"] > 0.4 and answer["off"] > 0.4
    assert max(answer[name] for name in DIRECTIONS) < 1e-6


def test_on_answers_brightening_and_off_darkening() -> None:
    step = np.repeat([0.3, 0.6], [50, 20])
    for levels, cell, other in ((step, 0, 1), (0.9 - step, 1, 0)):
        frames = jnp.asarray(np.repeat(levels[:, None], 320, axis=1), jnp.float32)
        out = np.asarray(eye("left")[1](frames))
        assert out[:50].max() < 1e-6 and out[50, cell] > 0.9 and out[50:, other].max() < 1e-6
        assert out[-1, cell] < out[50, cell]


def test_a_dimmer_tank_looks_alike() -> None:
    bright, dim = seen(luminance=0.5), seen(luminance=0.1)
    assert dim["nasal"] == pytest.approx(bright["nasal"], rel=0.15)


def test_motion_is_divided_by_the_contrast_of_its_surround() -> None:
    """A patch that flickers hides faint motion elsewhere only where the whole field is pooled."""
    faint = film("left", GratingScene(*[Grating("forward", contrast=0.1)] * 2))
    patch = eye("left")[0].retinal[:, 1] > 0.6
    flicker = 0.5 + 0.45 * np.sin(2 * np.pi * np.arange(len(faint)) * STEP_S)[:, None]
    nasal = {}
    for surround_deg in (None, 10.0):
        lattice = eye("left")[0]
        cells = DirectionSelective.of(lattice, DIRECTIONS, NUMBERS, surround_deg=surround_deg)
        for name, frames in (("plain", faint), ("patch", np.where(patch, flicker, faint).astype(np.float32))):
            memory, found = cells.init(), []
            step = jax.jit(lambda *given, cells=cells: cells.step(*given))
            for frame in frames:
                memory, features = step(memory, jnp.asarray(frame), jnp.float32(STEP_S))
                found.append(float(features[2]))
            nasal[name, surround_deg] = np.mean(found[100:])
    assert nasal["patch", None] < 0.5 * nasal["plain", None]
    assert 0.6 * nasal["plain", 10.0] < nasal["patch", 10.0] < 1.1 * nasal["plain", 10.0]


def test_the_two_eyes_are_mirror_images() -> None:
    for direction, mirrored in (("left", "right"), (30.0, -30.0), ("forward", "forward")):
        one, other = seen("left", direction=direction), seen("right", direction=mirrored)
        assert one == pytest.approx(other, abs=2e-4)


def test_each_eye_sees_the_grating_on_its_side() -> None:
    scene = GratingScene(Grating("forward"), Grating("backward"))
    left, right = (drives(side, film(side, scene)) for side in ("left", "right"))
    assert left["nasal"] > 5 * left["temporal"] and right["temporal"] > 5 * right["nasal"]


def test_a_window_takes_part_of_the_field() -> None:
    lattice = eye("left")[0]
    below = DirectionSelective.of(lattice, DIRECTIONS, NUMBERS, (-40, 40), (-90, -20))
    azimuth, elevation = lattice.angles_deg
    used = np.asarray(below.used)[np.asarray(below.pool) > 0]
    assert (elevation[used] <= -20).all() and (np.abs(azimuth[used]) <= 40).all() and len(used) > 20
    assert float(below.pool.sum()) == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(InputError, match="no rays"):
        DirectionSelective.of(lattice, DIRECTIONS, NUMBERS, (-1, 1), (88, 90))
    with pytest.raises(InputError, match="nasal"):
        DirectionSelective.of(lattice, {"nasal": float("nan")}, NUMBERS)


@pytest.mark.thorough
def test_cells_can_be_differentiated_and_batched() -> None:
    lattice = eye("left")[0]
    cells = DirectionSelective.of(lattice, DIRECTIONS, NUMBERS)
    frames = jnp.asarray(film("left", GratingScene(Grating(), Grating()), 0.05))

    def answer(luminance: jax.Array) -> jax.Array:
        memory = cells.init()
        for _ in range(2):
            memory, out = cells.step(memory, luminance, jnp.float32(STEP_S))
        return out.sum()

    assert np.isfinite(np.asarray(jax.grad(answer)(frames[0]))).all()
    assert jax.vmap(answer)(frames).shape == (5,)


def spec(entry: dict[str, Any]) -> EncodingSpec:
    return EncodingSpec.read(entry, Origin("controller"))


def test_an_entry_of_encoding_gives_each_cell_its_neurons() -> None:
    body = bodies.load(content.load("bodies", "larval_fish"))
    numbers = dict(zip(("adapt_s", "delay_s", "dark", "half_contrast"), NUMBERS, strict=True))
    entry: dict[str, Any] = {
        "kind": "direction_selective",
        "sense": "left_eye",
        "directions_deg": DIRECTIONS,
        "neurons": {"on": ["ASEL"], "up": ["AVAL", "AVAR"]},
        "elevation_deg": [-90, 0],
    }
    found = encoding.read({"left": spec(entry), "right": spec({**entry, "sense": "right_eye"})}, body)
    assert set(encoding.sections(found)["direction_selective"] or ()) >= set(numbers)
    parameters = {"direction_selective": {**numbers, "level_pA": 3.0, "motion_pA": 7.0}}
    circuit = Circuit(Connectome.load("worm_connectome"), parameters)
    encoders, currents = encoding.build(found, circuit)
    names = circuit.connectome.neurons
    assert [each.channels for each in encoders] == [640] and currents.shape == (len(names), 12)
    assert currents[names.index("ASEL"), 0] == 3.0 and currents[names.index("AVAR"), 4] == 7.0
    assert (currents != 0).sum() == 6
    for change, message in (
        ({"sense": "tail_bend"}, "must read an eye"),
        ({"neurons": {"upp": ["ASEL"]}}, "nearest: up"),
        ({"elevation_deg": [5, -5]}, "elevation_deg"),
        (
            {"directions_deg": {"up": float("inf")}, "neurons": {}},
            "directions_deg.up must be a finite number",
        ),
    ):
        with pytest.raises(InputError, match=message):
            encoding.build(encoding.read({"left": spec({**entry, **change})}, body), circuit)


def test_two_eyes_that_are_alike_step_as_one_and_see_what_each_sees_alone() -> None:
    eyes = [DirectionSelective.of(eye(side)[0], DIRECTIONS, NUMBERS) for side in ("left", "right")]
    other = DirectionSelective.of(eye("left")[0], DIRECTIONS, NUMBERS, elevation_deg=(-90.0, 0.0))
    both, last = alike([*eyes, other])
    assert isinstance(both, Together) and last is other and both.channels == 640
    films = [film(side, GratingScene(*[Grating("left", 10.0)] * 2), 0.2) for side in ("left", "right")]
    memory, alone = both.init(), [each.init() for each in eyes]
    for frames in zip(*films, strict=True):
        memory, features = both.step(memory, jnp.concatenate(frames), jnp.float32(STEP_S))
        seen = [
            each.step(kept, jnp.asarray(frame), jnp.float32(STEP_S))
            for each, kept, frame in zip(eyes, alone, frames, strict=True)
        ]
        alone = [kept for kept, _ in seen]
        assert features == pytest.approx(np.concatenate([found for _, found in seen]), abs=1e-5)
    assert np.asarray(features).max() > 0.01


def whole_field(
    scene: Looming | GratingScene, seconds: float, dark_s: float = 0.0, numbers: Any = NUMBERS, **keys: Any
) -> np.ndarray:
    """Return light, dimming and growth (time, 3) of the left eye; at the end nothing is seen for `dark_s`."""
    lattice = eye("left")[0]
    cells = DirectionSelective.of(lattice, DIRECTIONS, numbers, whole_field=WHOLE, **keys)
    memory, found = cells.init(), []
    step = jax.jit(lambda *given: cells.step(*given))
    frames = film("left", scene, seconds)
    for frame in [*frames, *np.zeros((round(dark_s / STEP_S), frames.shape[1]), np.float32)]:
        memory, features = step(memory, jnp.asarray(frame), jnp.float32(STEP_S))
        found.append(np.asarray(features)[2:5])
    return np.array(found)


def test_growth_answers_a_dark_disc_that_grows_and_nothing_else() -> None:
    numbers = np.array([np.pi / 2, -np.pi / 6, 0.2, 0.0, 0.2 / np.tan(np.radians(5)), np.pi / 3, 0.5, 0.0])
    disc = whole_field(Looming(numbers), 2.3)
    assert disc[:, 2].max() > 0.5
    assert disc[50, 2] < 0.1 * disc[:, 2].max()  # while it is small
    light = numbers.copy()
    light[7] = 1.0
    assert whole_field(Looming(light), 2.3)[:, 2].max() < 0.3 * disc[:, 2].max()
    moving = whole_field(GratingScene(*[Grating("left", 10.0)] * 2), 3.0)
    assert np.mean(moving[50:, 2]) < 0.3 * disc[:, 2].max()


@pytest.mark.thorough
def test_light_that_goes_off_over_something_that_moved_looks_less_like_growth_than_a_disc() -> None:
    larva = {"numbers": (1.0, 0.12, 0.05, 0.1), "elevation_deg": (-90.0, 0.0), "surround_deg": 10.0}
    size = np.array([np.pi / 2, -np.pi / 6, 0.2, 0.0, 0.2 / np.tan(np.radians(5)), np.pi / 3, 0.5, 0.0])
    disc = whole_field(Looming(size), 2.3, **larva)
    moved = whole_field(GratingScene(*[Grating("right", 20.0)] * 2), 1.0, dark_s=0.5, **larva)
    assert moved[100:, 1].max() > 0.8  # it is dimming
    assert moved[100:, 2].max() < 0.65 * disc[:, 2].max()


def test_light_is_the_mean_luminance_and_dimming_its_fall() -> None:
    lattice = eye("left")[0]
    cells = DirectionSelective.of(lattice, DIRECTIONS, NUMBERS, whole_field=WHOLE)
    memory, seen = cells.init(), []
    step = jax.jit(lambda *given: cells.step(*given))
    for level in [0.6] * 50 + [0.2] * 200:
        frame = jnp.full(len(lattice.retinal), level, jnp.float32)
        memory, features = step(memory, frame, jnp.float32(STEP_S))
        seen.append(np.asarray(features)[2:5])
    light, dimming, growth = np.array(seen).T
    assert light[10] == pytest.approx(0.6) and light[-1] == pytest.approx(0.2)
    assert dimming[:50].max() == pytest.approx(0.0, abs=1e-6)
    assert dimming[50] == pytest.approx(0.4 / 0.62, rel=0.01) and dimming[-1] < 0.1
    assert growth.max() < 1e-3  # the whole field at once is no motion
