"""What is compared of six legs, on a walk that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuromech.tracking.io import recorded
from neuromech.tracking.kinematics import legs
from neuromech.tracking.similarity import features
from neuromech.tracking.similarity.features import hexapod
from neuromech.visuals.filmed_animal import draw
from tests.walker import walker

PLACES = {
    f"{side}{row}": (ahead, sign * 1.2)
    for side, sign in (("l", 1), ("r", -1))
    for row, ahead in (("f", 1.0), ("m", 0.0), ("h", -1.0))
}
TRIPOD = {"lf": 0.0, "rm": 0.0, "lh": 0.0, "rf": 0.5, "lm": 0.5, "rh": 0.5}
WAVE = {"lh": 0.0, "lm": 0.25, "lf": 0.5, "rh": 0.5, "rm": 0.75, "rf": 0.0}


def fly(phases: dict[str, float]) -> xr.Dataset:
    walked = walker(
        phases, stride_hz=10.0, duty=0.6, speed_mm_s=12.0, seconds=2.0, step_s=0.002, places=PLACES,
        lift_mm=0.3, length_mm=2.8,
    )  # fmt: skip
    swing = np.radians(20.0) * np.sin(2 * np.pi * 10.0 * walked["time"].values)
    names = [f"{leg}_{dof}" for leg in PLACES for dof in hexapod.DOFS]
    angles = np.repeat(swing[:, None], len(names), axis=1)
    return walked.assign(joint_angle=(("time", "joint"), angles)).assign_coords(joint=names)


def test_a_tripod_and_a_wave() -> None:
    tripod, wave = fly(TRIPOD), fly(WAVE)
    feature_set = features.feature_set_of(tripod)
    assert feature_set is hexapod.FEATURE_SET
    found, other = (
        {k: float(np.median(v)) for k, v in feature_set.extract(each).samples.items()}
        for each in (tripod, wave)
    )
    assert set(found) == set(feature_set.features)
    assert found["stride_hz"] == pytest.approx(10.0, rel=0.03) and found["duty_factor"] == pytest.approx(
        0.6, abs=0.05
    )
    assert found["swing_ms"] + found["stance_ms"] == pytest.approx(100.0, rel=0.03)
    assert found["tripod"] > 0.9 and other["tripod"] < 0.5
    assert found["hind_middle"] < 0.03 and other["hind_middle"] == pytest.approx(0.25, abs=0.03)
    assert found["range_trochanterfemur_tibia_pitch"] == pytest.approx(40.0, abs=1.0)


def test_seen_from_the_animal_a_walk_is_the_same_wherever_it_leads() -> None:
    straight = fly(TRIPOD)
    turned = straight.copy(deep=True)
    xy = straight["landmarks"].sel(xyz="x").values + 1j * straight["landmarks"].sel(xyz="y").values
    xy = xy * np.exp(0.8j) + 30.0
    turned["landmarks"].loc[{"xyz": "x"}], turned["landmarks"].loc[{"xyz": "y"}] = xy.real, xy.imag
    one, other = (legs.from_the_animal(each) for each in (straight, turned))
    np.testing.assert_allclose(one["landmarks"], other["landmarks"], atol=1e-9)
    assert one.attrs["frame"] == "egocentric" and straight.attrs.get("frame") != "egocentric"
    found = features.feature_set_of(one).extract(one).samples
    assert np.median(found["stride_hz"]) == pytest.approx(10.0, rel=0.03)
    assert np.median(found["duty_factor"]) == pytest.approx(
        0.6, abs=0.1
    )  # a foot leaves the floor slower than the trunk moves


def test_the_recorded_fly_is_compared_and_drawn(data: Path) -> None:
    clip = recorded.read(data / "fly" / "spotlight_walking_first_half.npz", tracker="gait")
    found = features.feature_set_of(clip).extract(clip)
    assert set(found.samples) == set(hexapod.FEATURES) and found.postures.shape[1] == 42 == len(found.courses)
    # Its steady strides are about ten a second, and a foot sweeps about a millimetre.
    assert (
        8 < np.median(found.samples["stride_hz"]) < 12
        and 0.8 < np.median(found.samples["excursion_mm"]) < 1.2
    )
    drawn = draw(clip, 2.8)
    assert drawn.limbs is not None and drawn.off is not None
    assert drawn.limbs.shape == (330, 6, 5, 2) and drawn.off.shape == (330, 6)
    # Front on top: the strip begins with the fore legs, the last of the tracker's.
    np.testing.assert_allclose(drawn.strip[:, 0] > 0.5, drawn.off[:, -1])
    assert ("speed", "mm/s") not in drawn.lines


def test_a_simulation_says_which_of_its_joints_are_the_recorded_ones() -> None:
    times = np.arange(5) * 0.01
    seen = xr.Dataset(
        {"sense_joints": (("time", "joints_channel"), np.radians([[k, -k] for k in range(5)]))},
        {"time": times, "joints_channel": ["lf_coxa_yaw", "lf_tibia"]},
        {"joints": '{"lf_trochanterfemur_tibia_pitch": "lf_tibia", "lf_thorax_coxa_roll": "lf_coxa_roll"}'},
    )
    found = hexapod.joints(seen)
    assert list(found) == ["lf_trochanterfemur_tibia_pitch"]
    np.testing.assert_allclose(found["lf_trochanterfemur_tibia_pitch"], -np.arange(5.0))
