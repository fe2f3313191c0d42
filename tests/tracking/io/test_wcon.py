"""WCON: round trip, units, several worms, and every way in which such a file is wrong."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded, wcon
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from neuromech.tracking.similarity import features
from neuromech.tracking.trackers import undulation
from tests import crawler, poses

IN_PLACE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_a_simulation_comes_back_with_the_same_features(tmp_path: Path) -> None:
    simulated = crawler.crawl(20.0)
    found = recorded.read(wcon.write(simulated, tmp_path / "a.wcon"))
    kin = features.feature_set_of(simulated)
    before, after = kin.extract(simulated), kin.extract(found)
    assert set(before.samples) == set(after.samples) and len(before.samples) == 11
    for name, values in before.samples.items():
        np.testing.assert_allclose(after.samples[name], values, rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    ("unit", "per_mm"),
    [("mm", 1.0), ("microns", 1e3), ("um", 1e3), ("\u00b5m", 1e3), ("millimetres", 1.0), ("m", 1e-3),
     ("cm", 0.1), ("0.5*mm", 2.0), ("in", 1 / 25.4), ("centimeter", 0.1), ("mm/10", 10.0),
     ("12*in", 1 / 304.8), ("in/72", 72 / 25.4), ("micrometre", 1e3), ("km", 1e-6), ("2*mm/4", 2.0),
     ("inches", 1 / 25.4), ("nanometers", 1e6)],
)  # fmt: skip
def test_units_of_length(tmp_path: Path, unit: str, per_mm: float) -> None:
    path = poses.wcon(tmp_path / "a.wcon", per_mm * poses.crawl_mm(), units={"x": unit, "y": unit})
    np.testing.assert_allclose(posture.midline(recorded.read(path)), poses.crawl_mm(), atol=1e-9)


@pytest.mark.parametrize(
    ("unit", "step"),
    [("ms", 5e-5), ("0.04*s", 2e-3), ("min", 3.0), ("seconds", 0.05), ("hours", 180.0), ("d", 4320.0),
     ("s/25", 2e-3), ("msec", 5e-5), ("microseconds", 5e-8), ("7*day", 30240.0)],
)  # fmt: skip
def test_units_of_time(tmp_path: Path, unit: str, step: float) -> None:
    path = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm(), units={"t": unit})
    assert float(np.diff(recorded.read(path)["time"].values)[0]) == pytest.approx(step)


def test_the_head_may_be_the_last_point_and_the_origin_may_move(tmp_path: Path) -> None:
    mm = poses.crawl_mm()
    middle = mm.mean(axis=1)
    local = (mm - middle[:, None])[:, ::-1]
    entry = {"head": "R", "ox": middle[:, 0].tolist(), "oy": middle[:, 1].tolist()}
    found = recorded.read(poses.wcon(tmp_path / "a.wcon", local, entry=entry))
    np.testing.assert_allclose(posture.midline(found), mm, atol=1e-9)
    unsure = recorded.read(poses.wcon(tmp_path / "b.wcon", mm, entry={"head": "?"}))
    assert "does not say which end is the head" in unsure.attrs["notes"]


def test_null_is_a_gap_and_entries_are_put_in_order(tmp_path: Path) -> None:
    mm = poses.crawl_mm()
    path = poses.wcon(tmp_path / "a.wcon", mm)
    tree = json.loads(path.read_text())
    (whole,) = tree["data"]
    whole["x"][7][3] = None
    whole["x"][9] = whole["y"][9] = None
    late = {key: value[30:] for key, value in whole.items() if key in "txy"} | {"id": "1", "head": "L"}
    early = {key: value[:30] for key, value in whole.items() if key in "txy"} | {"id": "1", "head": "L"}
    path.write_text(json.dumps(tree | {"data": [late, early]}))
    found = posture.midline(recorded.read(path))
    assert np.flatnonzero(np.isnan(found).any(axis=(1, 2))).tolist() == [7, 9]
    np.testing.assert_allclose(found[30:], mm[30:])


def test_frames_left_out_are_the_same_gap_as_frames_of_null(tmp_path: Path) -> None:
    """A hole of 4.3 s: drawn straight across, it makes the rhythm faster and one cycle very slow."""
    whole = crawler.crawl(30.0)
    points, times = posture.midline(whole), whole["time"].values
    seen = (times < 12.0) | (times > 16.3)
    holed = whole.copy(deep=True)
    holed["landmarks"][~seen] = np.nan
    nulls = recorded.read(wcon.write(holed, tmp_path / "nulls.wcon"))
    entry = {"t": times[seen].tolist()}
    left_out = recorded.read(poses.wcon(tmp_path / "out.wcon", points[seen], entry=entry))
    assert nulls.sizes["time"] == len(times) and left_out.sizes["time"] == seen.sum() + 1
    assert left_out["frame_number"].values[left_out["time"].values > 16.3][0] == 240
    kin = features.feature_set_of(whole)
    (one, other) = (kin.extract(each).samples for each in (nulls, left_out))
    for name, values in one.items():
        np.testing.assert_allclose(np.sort(other[name]), np.sort(values), rtol=0.02, atol=1e-3, err_msg=name)
    slow = [undulation.metrics(each)["undulation_hz"] for each in (nulls, left_out)]
    assert slow[1] == pytest.approx(slow[0], rel=1e-3) and min(one["cycle_hz"]) > 0.4
    filled = recorded.read(tmp_path / "out.wcon", ReaderOptions(max_gap_s=5.0))
    assert filled.sizes["time"] == len(times) and np.isfinite(filled["landmarks"].values).all()


@pytest.mark.parametrize("count", [49, 100, 101, 120])
def test_a_midline_of_any_number_of_points_is_in_order(tmp_path: Path, count: int) -> None:
    fine = posture.resample(poses.crawl_mm(), count)
    found = recorded.read(poses.wcon(tmp_path / "a.wcon", fine))
    np.testing.assert_allclose(posture.midline(found), fine)
    assert posture.body_length(posture.midline(found)) == pytest.approx(0.999, abs=0.002)


def test_several_worms_are_asked_about(tmp_path: Path) -> None:
    mm = poses.crawl_mm()
    path = poses.wcon(tmp_path / "a.wcon", mm)
    tree = json.loads(path.read_text())
    tree["data"].append(tree["data"][0] | {"id": 2, "x": (mm[..., 0] + 5).tolist()})
    path.write_text(json.dumps(tree))
    with pytest.raises(InputError, match="holds 2 worms; add individual=ID, one of 1, 2"):
        recorded.read(path)
    other = recorded.read(path, ReaderOptions(individual="2"))
    assert posture.midline(other)[0, 0, 0] == pytest.approx(mm[0, 0, 0] + 5)
    with pytest.raises(InputError, match="unknown individual"):
        recorded.read(path, ReaderOptions(individual="3"))


def test_a_zip_of_one_file(tmp_path: Path) -> None:
    inner = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm())
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "w") as archive:
        archive.write(inner, "a.wcon")
    assert recorded.read(tmp_path / "a.wcon.zip").sizes["time"] == 60
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "a") as archive:
        archive.write(inner, "b.wcon")
    with pytest.raises(InputError, match="holds 2 files that are no parts of one recording.*a.wcon, b.wcon"):
        recorded.read(tmp_path / "a.wcon.zip")


@pytest.mark.parametrize(
    "added", ["__MACOSX/._a.wcon", "._a.wcon", ".DS_Store", "worms/Thumbs.db", "desktop.ini", "README.txt"]
)
def test_what_an_operating_system_adds_to_a_zip_is_passed_over(tmp_path: Path, added: str) -> None:
    inner = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm())
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "w") as archive:
        archive.writestr(added, b"\0\5\x16\7\0\2\0\0Mac OS X")
        archive.write(inner, "worms/a.wcon")
    np.testing.assert_allclose(posture.midline(recorded.read(tmp_path / "a.wcon.zip")), poses.crawl_mm())
    with zipfile.ZipFile(tmp_path / "b.wcon.zip", "w") as archive:
        archive.writestr("__MACOSX/._a.wcon", b"\0")
    with pytest.raises(InputError, match="holds no file that ends in .wcon or .json"):
        recorded.read(tmp_path / "b.wcon.zip")


def test_an_archive_of_all_parts_of_one_recording(tmp_path: Path) -> None:
    """The format lets a recording be split; each part has units of its own."""
    mm = poses.crawl_mm()
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "w") as archive:
        for part, frames in enumerate((slice(40, 60), slice(0, 20), slice(20, 40))):
            size = 1e3 if part else 1.0
            times = {"t": (np.arange(60) / 20)[frames].tolist()}
            path = poses.wcon(
                tmp_path / f"a_{part}.wcon", size * mm[frames], entry=times,
                units={"x": "um", "y": "um"} if part else {}, files={"this": f"_{part}", "prev": ["_9"]},
            )  # fmt: skip
            archive.write(path, path.name)
    found = recorded.read(tmp_path / "a.wcon.zip")
    np.testing.assert_allclose(posture.midline(found), mm, atol=1e-9)
    assert found.attrs["notes"] == "[]"
    alone = recorded.read(tmp_path / "a_1.wcon")
    assert alone.sizes["time"] == 20 and "one part of a recording that was split" in alone.attrs["notes"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.wcon.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wcon", b"[" * 50_000_000)
    with pytest.raises(InputError, match="a zip bomb"):
        recorded.read(tmp_path / "a.wcon.zip")


def test_times_with_a_single_point_are_gaps(tmp_path: Path) -> None:
    """Where a tracker has no shape, the format takes the one point for x and y."""
    mm = poses.crawl_mm()
    path = poses.wcon(tmp_path / "a.wcon", mm)
    tree = json.loads(path.read_text())
    (worm,) = tree["data"]
    for k, axis in enumerate("xy"):
        worm[axis][5], worm[axis][6] = mm[5, 24, k], [mm[6, 24, k]]
        worm[axis][7] = mm[7, [0, 24, 48], k].tolist()
    path.write_text(json.dumps(tree))
    found = recorded.read(path)
    midline = posture.midline(found)
    assert np.flatnonzero(np.isnan(midline).any(axis=(1, 2))).tolist() == [5, 6, 7]
    assert "3 times have fewer than four points" in found.attrs["notes"]
    seen = np.isfinite(midline).all(axis=(1, 2))
    np.testing.assert_allclose(midline[seen], mm[seen])


def test_midlines_of_different_numbers_of_points(tmp_path: Path) -> None:
    mm = poses.crawl_mm()
    path = poses.wcon(tmp_path / "a.wcon", mm)
    tree = json.loads(path.read_text())
    for k, axis in enumerate("xy"):
        for frame in range(0, 60, 3):
            tree["data"][0][axis][frame] = mm[frame, ::2, k].tolist()
    path.write_text(json.dumps(tree))
    found = recorded.read(path)
    np.testing.assert_allclose(posture.midline(found), mm, atol=0.004)
    assert "midlines of 25 to 49 points were resampled to 49" in found.attrs["notes"]


def test_origin_and_centroid_are_each_in_their_own_unit(tmp_path: Path) -> None:
    mm = poses.crawl_mm() + [2.0, 1.0]
    middle = mm.mean(axis=1)
    local = mm - middle[:, None]
    centroid = {"cx": (1e3 * middle[:, 0]).tolist(), "cy": (1e3 * middle[:, 1]).tolist()}
    units = {"cx": "um", "cy": "um", "ox": "mm", "oy": "mm"}
    only_c = recorded.read(poses.wcon(tmp_path / "a.wcon", local, entry=centroid, units=units))
    np.testing.assert_allclose(posture.midline(only_c), mm, atol=1e-9)
    assert only_c.attrs["notes"] == "[]"
    both = recorded.read(
        poses.wcon(tmp_path / "b.wcon", mm, entry=centroid | {"ox": 0, "oy": 0}, units=units)
    )
    np.testing.assert_allclose(posture.midline(both), mm, atol=1e-9)
    twice = recorded.read(poses.wcon(tmp_path / "c.wcon", mm, entry=centroid, units=units))
    assert "x and y lie around cx and cy" in twice.attrs["notes"]
    unsaid = recorded.read(poses.wcon(tmp_path / "d.wcon", mm, entry={"ox": 0, "oy": 0}))
    assert "does not say the unit of ox" in unsaid.attrs["notes"]
    with pytest.raises(InputError, match="a worm has ox or oy without the other"):
        recorded.read(poses.wcon(tmp_path / "e.wcon", mm, entry={"ox": 0}))


def test_a_stretch_of_frames(tmp_path: Path) -> None:
    path = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm())
    found = recorded.read(path, ReaderOptions(frames=(20, 39)))
    assert found["frame_number"].values.tolist() == list(range(20, 40))
    np.testing.assert_allclose(posture.midline(found), poses.crawl_mm()[20:40])


BAD = {
    "unit": ({"units": {"x": "furlong"}}, "lengths in 'furlong'"),
    "pixels": ({"units": {"x": "px", "y": "px"}}, "add mm_per_px=NUMBER"),
    "time unit": ({"units": {"t": "fortnight"}}, "times in 'fortnight'"),
    "no data": ({"data": []}, "'data' holds no worm"),
    "data of numbers": ({"data": [1, 2]}, "'data' holds no worm"),
    "no units": ({"units": {"x": 3}}, "lengths in 3"),
    "word as position": ({"entry": {"x": [["a"] * 49] * 60}}, "'a' where a number should be"),
    "huge number": ({"entry": {"t": [10**400] * 60}}, "too large"),
    "empty": ({"entry": {"t": [], "x": [], "y": []}}, "was never recorded"),
    "uneven": ({"entry": {"t": [0.0, 1.0]}}, "not equally long"),
    "uneven midline": ({"entry": {"x": [[1.0] * 48] * 60}}, "48 x and 49 y"),
    "times twice": ({"entry": {"t": [1.0] * 60}}, "times do not increase"),
    "origin": ({"entry": {"ox": [1.0, 2.0]}}, "an origin with 2 entries"),
    "head": ({"entry": {"head": ["L"]}}, "head has 1 entries"),
    "one point": ({"entry": {"x": [1.0] * 60, "y": [1.0] * 60}}, "midlines of 1 points"),
}


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_bad_files(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm(), **changes)
    with pytest.raises(InputError) as error:
        recorded.read(path)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_not_json(tmp_path: Path) -> None:
    (tmp_path / "a.wcon").write_text('{"units": {')
    with pytest.raises(InputError, match="cannot be read"):
        recorded.read(tmp_path / "a.wcon")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("txy"), inner, max_size=3),
    max_leaves=12,
)


@IN_PLACE
@vary(t=JSON, x=JSON, y=JSON, head=JSON, units=JSON)
def test_whatever_stands_in_it_it_is_read_or_refused(
    tmp_path: Path, t: Any, x: Any, y: Any, head: Any, units: Any
) -> None:
    path = tmp_path / "a.wcon"
    known = {"t": "s", "x": "mm", "y": "mm"} | (units if isinstance(units, dict) else {})
    path.write_text(json.dumps({"units": known, "data": [{"id": 1, "t": t, "x": x, "y": y, "head": head}]}))
    try:
        recorded.read(path)
    except InputError as error:
        assert "\n" not in str(error)


@IN_PLACE
@vary(
    st.integers(10, 14).flatmap(
        lambda n: st.lists(st.lists(st.floats(-1e3, 1e3), min_size=12, max_size=12), min_size=n, max_size=n)
    )
)
def test_any_midline_is_written_and_read_back_exactly(tmp_path: Path, rows: list[list[float]]) -> None:
    points = np.array(rows).reshape(len(rows), 6, 2)
    assume((np.ptp(points, axis=1) > 0).any(axis=1).all())  # all points at one place are not seen
    original = crawler.dataset(np.arange(len(points)) / 10, points.astype(np.float32).astype(float))
    found = recorded.read(wcon.write(original, tmp_path / "a.wcon"))
    np.testing.assert_array_equal(posture.midline(found), posture.midline(original))
