"""Clips of flies, keypoints of a mouse, and NWB."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import nwb, recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.similarity import features
from tests import crawler

MOUSE = ReaderOptions(fps=50.0, unit="mm", up="-y", keypoints=tuple(f"point_{k}" for k in range(34)))


def test_the_walking_fly(data: Path) -> None:
    found = recorded.read(data / "fly" / "spotlight_walking_first_half.npz")
    assert found.sizes["landmark"] == 34 and found.sizes["joint"] == 42 and found.sizes["time"] == 330
    assert found.attrs["frame"] == "egocentric" and float(found.attrs["record_s"]) == pytest.approx(1 / 330)
    names = [str(name) for name in found["landmark"].values]
    assert "lf_tip" in names and "rh_coxa" in names and "lf_thorax_coxa_pitch" in found["joint"].values
    # Legs of the left side are to the left, and front legs before hind legs.
    place = found["landmarks"].mean("time")
    assert place.sel(landmark="lf_tip", xyz="y") > place.sel(landmark="rf_tip", xyz="y")
    assert place.sel(landmark="lf_tip", xyz="x") > place.sel(landmark="lh_tip", xyz="x")
    # It has no keypoints on the midline: coxae stand for them, in the middle and from front to rear.
    spine = place.sel(landmark=[f"spine_{k:02d}" for k in range(4)])
    assert (spine.sel(xyz="x").diff("landmark") < 0).all() and float(spine.sel(xyz="y").std()) < 0.05
    assert json.loads(found.attrs["limbs"])["rm"] == "rm_tip"


def test_the_tethered_fly(data: Path) -> None:
    found = recorded.read(data / "fly" / "neuromechfly_210902_pr_fly1.npz")
    assert found["joint_angle"].shape == (2000, 42) and float(found["time"][1]) == pytest.approx(0.0005)


def test_bad_clips(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", timestep_s=0.0, joint_LF=np.zeros(50))
    with pytest.raises(InputError, match="timestep_s above 0"):
        recorded.read(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", timestep_s=0.01, joint_LF=np.zeros(50), joint_RF=np.zeros(49))
    with pytest.raises(InputError, match="not equally long"):
        recorded.read(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", joint_angles=np.zeros((50, 6, 7)), data_fps=330)
    with pytest.raises(InputError, match="no array fwdkin_egoxyz"):
        recorded.read(tmp_path / "c.npz")
    np.savez(tmp_path / "d.npz", timestep_s=0.01, joint_LF=np.array([object()] * 50))
    with pytest.raises(InputError, match="is no recording|cannot be read"):
        recorded.read(tmp_path / "d.npz")


def test_the_mouse_is_turned_upright(data: Path) -> None:
    path = data / "mouse" / "test_mouse_mocap_3600_frames.h5"
    found = recorded.read(path, MOUSE)
    assert found["landmarks"].shape == (3600, 34, 3)
    with h5py.File(path) as file:
        raw = np.asarray(file["tracks"])[:, 0]
    np.testing.assert_allclose(found["landmarks"].sel(xyz="z").values, -raw[..., 1])
    assert recorded.read(path, ReaderOptions(**(vars(MOUSE) | {"frames": (100, 199)}))).sizes["time"] == 100


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("keypoints", "34 keypoints; add 'keypoints="),
        ("fps", "add fps="),
        ("unit", "add unit="),
        ("up", "add up="),
    ],
)
def test_what_the_mouses_file_does_not_say(data: Path, left_out: str, message: str) -> None:
    said = {key: value for key, value in vars(MOUSE).items() if key != left_out}
    with pytest.raises(InputError) as error:
        recorded.read(data / "mouse" / "test_mouse_mocap_3600_frames.h5", ReaderOptions(**said))
    assert message in str(error.value)


def test_bad_mocap(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["tracks"] = np.zeros((50, 2, 4, 3))
    four = ReaderOptions(fps=50.0, unit="mm", up="+z", keypoints=tuple("abcd"))
    with pytest.raises(InputError, match="holds 2 animals; add individual=NUMBER, 0 to 1"):
        recorded.read(tmp_path / "a.h5", four)
    with pytest.raises(InputError, match="has no individual 2"):
        recorded.read(tmp_path / "a.h5", ReaderOptions(**(vars(four) | {"individual": "2"})))
    with pytest.raises(InputError, match="has 4 keypoints; keypoints= names 3"):
        recorded.read(tmp_path / "a.h5", ReaderOptions(**(vars(four) | {"keypoints": tuple("abc")})))


def test_nwb_without_the_extra_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pynwb", None)
    with pytest.raises(InputError, match=r"pip install 'neuromech\[nwb\]'"):
        nwb.write(crawler.crawl(2.0), tmp_path / "a.nwb")


def test_a_simulation_comes_back_from_nwb_with_the_same_features(tmp_path: Path) -> None:
    pytest.importorskip("pynwb", reason="the extra nwb is not installed")
    simulated = crawler.crawl(20.0)
    found = recorded.read(nwb.write(simulated, tmp_path / "a.nwb"), tracker="undulation")
    feature_set = features.feature_set_of(simulated)
    before, after = feature_set.extract(simulated), feature_set.extract(found)
    assert set(before.samples) == set(after.samples)
    for name, values in before.samples.items():
        np.testing.assert_allclose(after.samples[name], values, rtol=1e-6, atol=1e-9, err_msg=name)
