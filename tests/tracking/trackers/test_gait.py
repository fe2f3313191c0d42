"""The tracker of gaits on animals whose steps are known, and on recorded ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking import track, units
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import legs
from neuromech.tracking.similarity import features
from neuromech.tracking.similarity.features.gait import carriage
from neuromech.tracking.trackers import gait
from neuromech.visuals.filmed_animal import draw
from tests.walker import GAITS, walker

KEYPOINTS = """
Nose Ear_R Ear_L TTI TailTip Head Trunk Tail_0 Tail_1 Tail_2 Shoulder_L Shoulder_R Knee_L Knee_R Neck Elbow_L
Elbow_R Wrist_L Wrist_R Forepaw_L Forepaw_R Heel_L Heel_R Spine Eye_L Eye_R Tail_3 Tail_4 Hip_L Hip_R
Lisfranc_R MTP_L Lisfranc_L MTP_R
"""
MOUSE = ReaderOptions(
    fps=60.0,
    unit="mm",
    up="-y",
    keypoints=tuple(KEYPOINTS.split()),
    spine=("Nose", "Head", "Neck", "Spine", "Trunk", "TTI"),
    limbs={"fl": "Forepaw_L", "fr": "Forepaw_R", "hl": "MTP_L", "hr": "MTP_R"},
)


def near(found: Any, phase: float) -> bool:
    return abs((found - phase + 0.5) % 1.0 - 0.5) < 0.02


@pytest.mark.parametrize("name", GAITS)
@pytest.mark.parametrize(
    "how",
    [
        {}, {"noise_mm": 0.2}, {"tilt": (0.1, -0.05)}, {"step_s": 0.01},
        {"stride_hz": 2.5, "duty": 0.7, "speed_mm_s": 80.0}, {"stride_hz": 9.0, "speed_mm_s": 800.0},
    ],
)  # fmt: skip
def test_it_finds_the_steps_that_were_made(name: str, how: dict[str, Any]) -> None:
    found: dict[str, Any] = gait.metrics(walker(GAITS[name], **how))
    assert found.keys() == set(gait.UNITS) - {"tripod_index"}
    speed, hz = how.get("speed_mm_s", 300.0), how.get("stride_hz", 5.0)
    assert found["speed_mm_s"] == pytest.approx(speed, rel=0.01)
    assert found["stride_hz"] == pytest.approx(hz, rel=0.01)
    assert found["stride_length_mm"] == pytest.approx(speed / hz, rel=0.02)
    # A foot counts as down while it has not yet gained speed, so a bit more than the time at rest.
    assert found["duty_factor"] == pytest.approx(how.get("duty", 0.55), abs=0.11)
    phases = GAITS[name]
    for key, leg in (("left_right", "hr"), ("homolateral", "fl"), ("diagonal", "fr")):
        assert near(found[f"phase_{key}"], phases[leg]), key
    assert near(found["phase_left_right_fore"], (phases["fr"] - phases["fl"]) % 1.0)
    # Noise makes a bound look like a gallop now and then.
    assert found["gait"] == name and found[f"{name}_fraction"] > (0.5 if how.get("noise_mm") else 0.9)
    assert found["fell"] == 0.0


def test_an_animal_that_stands_makes_no_strides() -> None:
    still = walker(GAITS["trot"], speed_mm_s=0.0, lift_mm=0.0, noise_mm=0.05)
    found = gait.metrics(still)
    assert found["stride_hz"] is None and found["gait"] is None and found["phase_diagonal"] is None
    assert found["speed_mm_s"] == pytest.approx(0.0, abs=1.0)


def test_steps_on_the_spot_are_no_strides() -> None:
    found = gait.metrics(walker(GAITS["trot"], speed_mm_s=0.0, lift_mm=15.0))
    assert found["stride_hz"] is None


def test_a_stride_with_a_gap_is_left_out() -> None:
    whole = walker(GAITS["trot"])
    holed = whole.copy(deep=True)
    holed["landmarks"].values[200:210, -1] = np.nan
    counts = [len(gait.analyse(each).each["hl"].start_s) for each in (whole, holed)]
    assert 1 <= counts[0] - counts[1] <= 3
    assert gait.metrics(holed)["gait"] == "trot"


def test_an_egocentric_recording_has_phases_but_no_speed() -> None:
    seen = walker(GAITS["trot"])
    own = seen["landmarks"].copy()
    own[..., 0] -= seen["landmarks"].sel(landmark="spine_02", xyz="x")
    found = gait.metrics(seen.assign(landmarks=own).assign_attrs(frame="egocentric"))
    assert found["gait"] == "trot" and found["stride_hz"] == pytest.approx(5.0, rel=0.01)
    assert found["speed_mm_s"] is None and found["stride_length_mm"] is None


SIX = {"lf": (10.0, 8.0), "lm": (0.0, 9.0), "lh": (-10.0, 8.0), "rf": (10.0, -8.0), "rm": (0.0, -9.0),
       "rh": (-10.0, -8.0)}  # fmt: skip


def test_six_legs_have_a_tripod_index_and_no_gait_of_four() -> None:
    tripod = {"lf": 0.0, "rm": 0.0, "lh": 0.0, "rf": 0.5, "lm": 0.5, "rh": 0.5}
    found = gait.metrics(walker(tripod, places=SIX))
    assert found["tripod_index"] == pytest.approx(1.0, abs=0.05)
    assert "gait" not in found and "phase_diagonal" not in found
    wave = {"lh": 0.0, "lm": 1 / 6, "lf": 2 / 6, "rh": 3 / 6, "rm": 4 / 6, "rf": 5 / 6}
    index = gait.metrics(walker(wave, places=SIX, duty=0.75))["tripod_index"]
    assert isinstance(index, float) and index < 0.6


@pytest.mark.parametrize("rate", [-12.0, 0.0, 12.0])
def test_the_head_turns_left_where_that_is_positive(rate: float) -> None:
    assert gait.metrics(walker(GAITS["trot"], turning_deg_s=rate))["head_turning_deg_s"] == pytest.approx(
        rate
    )


def test_a_trunk_that_sinks_has_fallen() -> None:
    down = walker(GAITS["trot"])
    down["landmarks"].loc[{"landmark": "spine_02", "xyz": "z"}][400:] = 8.0
    assert gait.metrics(down)["fell"] == 1.0
    briefly = walker(GAITS["trot"])
    briefly["landmarks"].values[400:405, 2, 2] = 8.0
    assert gait.metrics(briefly)["fell"] == 0.0
    unknown = walker(GAITS["trot"]).assign_attrs(gait_tracker="{}")
    assert gait.metrics(unknown)["fell"] is None


def test_a_recording_goes_to_its_tracker_and_every_metric_has_a_unit() -> None:
    found = track(walker(GAITS["walk"]))
    assert found["gait"] == "walk" and set(found) <= set(units())


@pytest.mark.parametrize(
    ("attrs", "message"),
    [
        ({"limbs": "{}"}, "which landmarks are feet"),
        ({"limbs": json.dumps({"hl": "toe"})}, "no landmark toe"),
        ({"limbs": json.dumps({"leg1": "paw_hl"})}, "'leg1'"),
    ],
)
def test_feet_that_are_not_there_are_one_clear_line(attrs: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        gait.metrics(walker(GAITS["walk"]).assign_attrs(attrs))


def test_features_of_the_same_gait_are_alike_and_of_another_are_not() -> None:
    trot, again, bound = (
        features.feature_set_of(each).extract(each)
        for each in (
            walker(GAITS["trot"]), walker(GAITS["trot"], noise_mm=0.2), walker(GAITS["bound"], stride_hz=9.0),
        )
    )  # fmt: skip
    assert set(trot.samples) == set(features.feature_set_of(walker(GAITS["trot"])).features)
    for name in ("stride_hz", "left_right", "excursion"):
        own, same, other = (np.median(each.samples[name]) for each in (trot, again, bound))
        assert own == pytest.approx(same, abs=0.05) and abs(own - other) > 0.1
    assert trot.postures.shape[1] == 8 and trot.states["gait"].names[:4] == (
        "walk",
        "trot",
        "gallop",
        "bound",
    )
    assert (trot.states["gait"].codes[50:300] == 1).mean() > 0.95


@pytest.mark.parametrize("tilt", [(0.0, 0.0), (0.1, -0.05)])
def test_a_back_is_carried_as_it_was_made_whatever_the_floors_slope(tilt: tuple[float, float]) -> None:
    made = walker(GAITS["trot"], tilt=tilt)
    found = {name: np.median(values) for name, values in carriage(made, legs.read(made)).items()}
    expected = {"trunk_height": 0.24, "trunk_slope_deg": 0.0, "trunk_bend_deg": 0.0, "feet_apart": 0.08}
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=0.02), name
    assert found["fore_reach"] - found["hind_reach"] == pytest.approx(0.4, abs=0.02)


def test_a_back_bent_in_the_middle_is_seen_bent() -> None:
    made = walker(GAITS["trot"])
    joint = made["landmarks"].sel(landmark="spine_02").values
    for k, far in (("spine_03", 25.0), ("spine_04", 50.0)):
        bent = far * np.array([-np.cos(np.radians(30)), np.sin(np.radians(30)), 0.0])
        made["landmarks"].loc[{"landmark": k}] = joint + bent
    # Seen from points as far before the bend as behind it, half of it.
    found = carriage(made, legs.read(made))["trunk_bend_deg"]
    assert np.median(found) == pytest.approx(15.0, abs=0.2)


def mocap(data: Path) -> xr.Dataset:
    return recorded.read(data / "mouse" / "test_mouse_mocap_3600_frames.h5", MOUSE, tracker="gait")


def test_a_recorded_mouse_is_measured_by_the_same_code(data: Path) -> None:
    seen = mocap(data)
    found = gait.metrics(seen)
    assert isinstance(found["speed_mm_s"], float) and found["fell"] is None
    # Its floor is askew by 40 mm from end to end; feet at rest lie on the plane that is found.
    high = legs.heights(legs.read(seen))
    assert np.nanpercentile(abs(high[:, :2]), 90) < 3.0
    assert np.ptp(np.nanpercentile(seen["landmarks"].sel(landmark="MTP_L", xyz="z"), [2, 98])) > 15
    # It seldom walks: few strides, and what there is has a frequency that follows from the rate given.
    count = len(gait.analyse(seen).each["hl"].start_s)
    assert count < 40
    traits = features.feature_set_of(seen).extract(seen)
    assert len(traits.samples["speed_mm_s"]) > 3000


def test_the_feet_of_a_file_are_asked_for(data: Path) -> None:
    path = data / "mouse" / "test_mouse_mocap_3600_frames.h5"
    with pytest.raises(InputError, match="say which are feet: add 'limbs="):
        recorded.read(path, replace(MOUSE, limbs={}), tracker="gait")
    with pytest.raises(InputError, match="nearest: MTP_L"):
        recorded.read(path, replace(MOUSE, limbs={"hl": "MPT_L"}), tracker="gait")
    with pytest.raises(InputError, match="frame rate; add fps="):
        recorded.read(path, replace(MOUSE, fps=None), tracker="gait")


@pytest.mark.parametrize(("own", "gain"), [(30.0, 0.5), (-60.0, -1.0), (0.0, 0.0)])
def test_the_gain_on_a_drum_is_the_heads_rate_over_the_drums(own: float, gain: float) -> None:
    times = np.arange(0, 8, 0.02)
    turned = np.radians(60.0) * np.clip(times - 1.0, 0, None)
    # A startle right after the start is not counted, nor what came before.
    head = np.radians(own) * times + 0.5 * ((times > 1.0) & (times < 2.0))
    points = np.zeros((len(times), 2, 3))
    points[:, 0, :2] = np.column_stack([np.cos(head), np.sin(head)])
    dataset = xr.Dataset(
        {
            "landmarks": (("time", "landmark", "xyz"), points),
            "stimulus": (("time", "stimulus_channel"), turned[:, None]),
        },
        {
            "time": times,
            "landmark": ["spine_00", "spine_02"],
            "xyz": list("xyz"),
            "stimulus_channel": ["pattern_heading_rad"],
        },
    )
    assert gait.drum_gain(dataset) == pytest.approx(gain, abs=1e-6)
    assert gait.drum_gain(dataset.assign(stimulus=0.0 * dataset["stimulus"])) is None


def test_what_a_film_shows_of_a_walk_is_drawn() -> None:
    shown = draw(walker(GAITS["trot"], seconds=2.0), 100.0)
    assert shown.strip.shape == (400, 4) and 0.2 < shown.strip.mean() < 0.7
    assert shown.midline.shape == (400, 5, 2) and set(shown.lines) >= {("speed", "mm/s")}
