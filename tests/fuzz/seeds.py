"""Small valid files of every format, and what a user says about them: what the fuzz begins from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from neuromech.recording import Layout, Recorder
from neuromech.tracking.io.base import ReaderOptions
from tests import nwb_pose, poses

FRAMES = 14
SAID: dict[str, Any] = {"fps": 20.0, "mm_per_px": 0.01, "spine": poses.NAMES}


def _stac(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["tracks"] = np.pad(poses.keypoints(FRAMES), ((0, 0), (0, 0), (0, 1)))[:, None]
    return path


def _wormpose(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["skeletons"], file.attrs["framerate"] = 90 * poses.crawl_mm(FRAMES)[:, ::6], 15.0
    return path


def _sleap_h5(path: Path) -> Path:
    poses.sleap_h5(path, poses.keypoints(FRAMES))
    with h5py.File(path, "a") as file:
        file["point_scores"] = np.full((1, len(poses.NAMES), FRAMES), 0.9)
        file["track_occupancy"] = np.ones((FRAMES, 1), np.uint8)
        file["tracks"].attrs["dims"] = json.dumps(["track", "xy", "node", "frame"])
    return path


def _nwb(path: Path) -> Path:
    times, xy = np.arange(FRAMES) / 20.0, poses.keypoints(FRAMES)
    series = {name: (times, xy[:, k], np.full(FRAMES, 0.9)) for k, name in enumerate(poses.NAMES)}
    series["tail"] = ((0.0, 20.0), xy[:, 4], np.full(FRAMES, 0.9))
    return nwb_pose.write(path, series)


def _tail_csv(path: Path) -> Path:
    rng = np.random.default_rng(0)
    return poses.tail_csv(path, 0.1 * rng.normal(size=(FRAMES, 4)), rng.normal(size=(FRAMES, 3)))


def _tail_bouts(path: Path) -> Path:
    rng = np.random.default_rng(0)
    arrays = {f"{kind}_{k:02d}": rng.normal(size=(FRAMES, n)) for k in (0, 1)
              for kind, n in (("tail_angle", 4), ("head", 3))}  # fmt: skip
    np.savez_compressed(path, fps=np.asarray(700.0), **arrays)
    return path


def _bouts(path: Path) -> Path:
    head = "start_s,duration_ms,tail_beat_hz,max_tail_angle_deg,displacement_mm,turn_deg"
    path.write_text("\n".join([head, *(f"{0.7 * k},200,25,90,3,{10 * k}" for k in range(FRAMES))]))
    return path


def _flygym(path: Path) -> Path:
    rng = np.random.default_rng(0)
    legs = ["lf", "lm", "rf"]
    points = [(leg, "thorax", "coxa") for leg in legs] + [(leg, "tarsus5", "None") for leg in legs]
    np.savez(
        path, fwdkin_egoxyz=rng.normal(size=(FRAMES, 6, 3)), keypoints=np.array(points), legs=np.array(legs),
        dofs_per_leg=np.array([("thorax", "coxa", "yaw")]), data_fps=np.asarray(330.0),
        joint_angles=rng.normal(size=(FRAMES, 3, 1)),
    )  # fmt: skip
    return path


def _markers(path: Path) -> Path:
    rng = np.random.default_rng(0)
    np.savez(
        path, xyz_mm=rng.normal(size=(FRAMES, 5, 3)).astype(np.float32), labels=np.array(list("abcde")),
        fps=np.asarray(300), belt_speed_mm_s=np.float32(80.0),
    )  # fmt: skip
    return path


def _flygym_joints(path: Path) -> Path:
    rng = np.random.default_rng(0)
    joints = {f"joint_{name}": rng.normal(size=FRAMES) for name in "ab"}
    np.savez(path, timestep_s=np.asarray(0.01), **joints)
    return path


def _neuromech(path: Path) -> Path:
    layout = Layout(
        tuple(f"spine_{k:02d}" for k in range(5)), neurons=("A", "B"), muscles=("M",),
        stimulus=("peak_x_mm", "peak_y_mm"), senses={"salt": ("nose",)},
    )  # fmt: skip
    about = {"animal": "worm", "tracker": "undulation", "body_length_mm": 1.0, "traces": ["A"], "seed": 1,
             "environment": {"name": "agar"}, "neuron_groups": {"motor": ["A", "B"]}}  # fmt: skip
    with Recorder(path, layout, 0.05, about) as recorder:
        for k, points in enumerate(poses.crawl_mm(FRAMES)[:, ::12]):
            recorder.append(
                k / 20, np.pad(points, ((0, 0), (0, 1))), np.empty(0), np.ones(1), np.ones(2),
                {"salt": np.ones(1)}, np.ones(2),
            )  # fmt: skip
    return path


Writer = Callable[[Path], Path]
SEEDS: dict[str, tuple[str, Writer, dict[str, Any]]] = {
    "deeplabcut": ("a.csv", lambda path: poses.dlc_csv(path, poses.keypoints(FRAMES)), SAID),
    "deeplabcut_h5": ("a.h5", lambda path: poses.dlc_h5(path, poses.keypoints(FRAMES)), SAID),
    "sleap": ("a.csv", lambda path: poses.sleap_csv(path, poses.keypoints(FRAMES)), SAID),
    "sleap_h5": ("a.h5", _sleap_h5, SAID),
    "markers": ("a.npz", _markers, {"spine": tuple("abcd"), "limbs": {"hl": "e"}}),
    "stac": ("a.h5", _stac, {**SAID, "unit": "mm", "mm_per_px": None, "keypoints": poses.NAMES, "up": "-y"}),
    "nwb": ("a.nwb", _nwb, {"mm_per_px": 0.01, "spine": poses.NAMES}),
    "wcon": ("a.wcon", lambda path: poses.wcon(path, poses.crawl_mm(FRAMES)[:, ::10]), {}),
    "wormpose": ("a.h5", _wormpose, {}),
    "tierpsy": ("a.hdf5", lambda path: poses.tierpsy(path, {1: poses.crawl_mm(FRAMES)[:, ::6]}), {}),
    "tail_csv": ("a.csv", _tail_csv, {"fps": 500.0, "unit": "mm"}),
    "tail_bouts": ("a.npz", _tail_bouts, {}),
    "bouts": ("a.csv", _bouts, {}),
    "flygym": ("a.npz", _flygym, {}),
    "flygym_joints": ("a.npz", _flygym_joints, {}),
    "neuromech": ("a.nc", _neuromech, {}),
}
"""Name of the file, what writes it, and what is said about it, for every format."""
MORE: dict[str, list[Any]] = {
    "fps": [1e-9, 1e9], "mm_per_px": [1e-9, 1e9], "unit": ["px", "m"], "spine": [(), poses.NAMES[::-1]],
    "limbs": [{"hl": "tail"}, {"xx": "nose"}], "individual": ["1", "0", "nobody"], "likelihood": [0.5, 1.0],
    "max_gap_s": [0.2, 1e6], "frames": [(0, 11), (2, 10**9), (10**12, 10**12 + 20)], "up": ["+z", "-x"],
    "y_down": [True, False], "body_length_mm": [1.0],
}  # fmt: skip
"""What else a user may say."""


def said(name: str, rng: np.random.Generator) -> ReaderOptions:
    """Return what is said about a file: mostly what fits, at times one thing more or less."""
    about = dict(SEEDS[name][2])
    if rng.random() < 0.2:
        key = str(rng.choice(list(MORE)))
        about[key] = MORE[key][int(rng.integers(len(MORE[key])))]
    if about and rng.random() < 0.05:
        del about[str(rng.choice(list(about)))]
    return ReaderOptions(**about)
