"""From a recording to a film: the animal in its world, its path and its neurons."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

import imageio.v2 as imageio
import mujoco
import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing
from neuromech._lib.progress import bar as progress_bar
from neuromech._lib.types import Image
from neuromech.senses.eye.eye import Eye
from neuromech.specs.body import Skin
from neuromech.specs.environment import EnvironmentSpec, recorded_environment
from neuromech.visuals import recorded_pattern
from neuromech.visuals.camera import RayCamera
from neuromech.visuals.camera_pose import View
from neuromech.visuals.ground import Field, Ground, Patch
from neuromech.visuals.overlay import Overlay, view_size
from neuromech.visuals.scale import nice_above
from neuromech.visuals.skin import TubeSkin
from neuromech.world import stimuli

DEFAULT_SECONDS = 30.0
Progress = bool | Callable[[int, int], None]


@dataclass
class Film:
    """The frames of a recording: `len(film)`, `film.fps`, and iteration over (height, width, 3) uint8."""

    recording: xr.Dataset
    times: np.ndarray
    fps: float
    speed: float
    _camera: RayCamera
    _overlay: Overlay
    _poses: _Poses

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Image]:
        for frame in range(len(self.times)):
            yield self._draw(frame)

    def picture(self, frame: int) -> Image:
        """Return what the camera sees at a frame, nothing written on it; frames are asked for in order."""
        poses, camera = self._poses, self._camera
        camera.view = camera.view.at(poses.centre[frame])
        if camera.skin is not None:
            first = poses.sample_of[frame - 1] + 1 if frame else 0
            for sample in range(first, poses.sample_of[frame] + 1):
                curve, radius = camera.skin.sweep(poses.midline[sample])
                flat = curve[:, :2]
                camera.footprints.stamp(flat[:-1], flat[1:], radius[:-1], 0.1, 1.1)
        line, flanks, data = poses.at(float(self.times[frame]))
        return camera.paint(line, flanks, data=data, time=float(self.times[frame]))

    def _draw(self, frame: int) -> Image:
        return self._overlay.compose(self.picture(frame), frame)


class _Poses:
    """The pose and the muscle activity of the body in a recording, at any time."""

    def __init__(
        self, recording: xr.Dataset, model: mujoco.MjModel | None, skin: TubeSkin | None, times: np.ndarray,
        smooth_s: float, stray_mm: float,
    ) -> None:  # fmt: skip
        self.time = np.asarray(recording["time"], float)
        landmarks = _whole(np.asarray(recording["landmarks"], float), self.time)
        names = [str(name) for name in recording["landmark"].values]
        self.midline = landmarks[:, skin.places(names)] if skin is not None else landmarks
        self.model, self.skin = model, skin
        bare = model is not None and (skin is None or skin.beside is not None)
        self.data = mujoco.MjData(model) if bare else None
        self.qpos = np.asarray(recording["qpos"], float) if "qpos" in recording else None
        if model is not None and self.qpos is not None and self.qpos.shape[1] != model.nq:
            raise InputError(f"the recording has {self.qpos.shape[1]} joint positions, the model {model.nq}")
        self._active, self._weights = _tint(recording, model, skin)
        middle = np.nanmean(landmarks, axis=1)
        self.path = np.stack([np.interp(times, self.time, middle[:, k]) for k in range(3)], axis=1)
        self.centre = _smooth(self.path, times, smooth_s)
        # The smoothed camera path may cut corners, but the animal stays in the picture.
        while np.linalg.norm(self.centre - self.path, axis=1).max() > stray_mm and smooth_s > 0.1:
            smooth_s /= 2
            self.centre = _smooth(self.path, times, smooth_s)
        self.sample_of = np.searchsorted(self.time, times, side="right") - 1

    def at(
        self, t: float
    ) -> tuple[np.ndarray | None, tuple[np.ndarray, np.ndarray] | None, mujoco.MjData | None]:
        """Return midline (n, 3) mm, the flanks' activity and the posed data at time t, s."""
        after = int(np.clip(np.searchsorted(self.time, t), 1, len(self.time) - 1))
        share = float(np.clip((t - self.time[after - 1]) / (self.time[after] - self.time[after - 1]), 0, 1))

        def between(values: np.ndarray) -> np.ndarray:
            return (1 - share) * values[after - 1] + share * values[after]

        if self.data is not None and self.model is not None and self.qpos is not None:
            self.data.qpos[:] = between(self.qpos)
            mujoco.mj_normalizeQuat(self.model, self.data.qpos)
            mujoco.mj_kinematics(self.model, self.data)
        flanks = None
        if self._active is not None and self._weights is not None:
            active = between(self._active)
            flanks = self._weights[0] @ active, self._weights[1] @ active
        return between(self.midline) if self.skin is not None else None, flanks, self.data


def make_film(
    recording: xr.Dataset, model: mujoco.MjModel | None = None, *, fps: float = 25.0,
    speed: float | None = None, size: tuple[int, int] = (1280, 720),
    skin: TubeSkin | Skin | None = None, field: Field | stimuli.Field | None = None,
    traces: Sequence[str] | None = None, title: str | None = None, view: View | None = None,
    eyes: Mapping[str, Eye] | None = None, elevation_deg: float = View.elevation,
) -> Film:  # fmt: skip
    """Return the film of a recording, drawn frame by frame as it is iterated.

    `speed` simulated seconds per second of film (None: a round number that keeps it within 30 s); `size`
    (width, height) of a frame. `skin` is a TubeSkin or the `skin` entry of a body.yaml; without one and
    without a `model` the animal is drawn as a plain spindle along its landmarks. The floor shows `field`, or
    the stimulus that the recording's `environment` attribute describes; `eyes` (by name) are
    drawn with what they saw. `elevation_deg` is that of the camera's line of sight; `view` sets all of the
    camera. InputError: too short a
    recording, a size, speed or fps that makes no film, a neuron in `traces` that was not recorded.
    """
    time = np.asarray(recording["time"], float)
    if len(time) < 2 or not np.all(np.diff(time) > 0):
        raise InputError("a film needs a recording of at least two samples in order of time")
    if not (np.isfinite(fps) and fps > 0) or (speed is not None and not (np.isfinite(speed) and speed > 0)):
        raise InputError(f"a film needs fps and speed above 0, not {fps} and {speed}")
    duration = float(time[-1] - time[0])
    speed = max(1.0, nice_above(duration / DEFAULT_SECONDS)) if speed is None else float(speed)
    times = time[0] + np.arange(int(duration / speed * fps + 1e-9) + 1) * speed / fps
    length = _body_length(recording)
    if isinstance(skin, Skin):
        skin = TubeSkin.of(skin)
    if skin is None and model is None:
        skin = TubeSkin.plain([str(name) for name in recording["landmark"].values], length)
    width, height = view_size(size, "activity" in recording)
    if view is None:
        view = View(distance=2.3 * length * max(1.0, 2.6 * height / width), elevation=float(elevation_deg))
    ground = _ground(recording, field, float(time[0]))
    poses = _Poses(recording, model, skin, times, max(1.2, 0.6 * speed), 0.3 * length)
    camera = RayCamera(model, width, height, view=view, ground=ground, skin=skin)
    if skin is not None and ground.tracks and np.ptp(poses.midline[..., 2]) < 0.2 * length:
        flat = poses.midline[..., :2].reshape(-1, 2)
        margin = 2.0 * float(skin.radius.max())
        low, high = np.nanmin(flat, axis=0) - margin, np.nanmax(flat, axis=0) + margin
        camera.footprints = Patch.over(low, high, 0.15 * float(skin.radius.max()))
    overlay = Overlay(
        recording, size, times, poses.path[:, :2], ground, view.mm_per_pixel(height), speed=speed,
        title=_title(recording) if title is None else title, traces=traces, eyes=eyes,
    )  # fmt: skip
    return Film(recording, times, fps, speed, camera, overlay, poses)


def write_video(
    recording: xr.Dataset, model: mujoco.MjModel | None, path: str | os.PathLike[str], fps: float = 25.0,
    speed: float | None = None, size: tuple[int, int] = (1280, 720), progress: Progress = True,
    **options: Any,
) -> Path:  # fmt: skip
    """Write a recording's film as H.264 (yuv420p, plays everywhere) and return its path.

    `progress` shows a bar, or is called with (frames done, frames in all); `options` are make_film's.
    An interrupted film leaves no file. InputError: as make_film; an odd size; a path not to be written to.
    """
    if size[0] % 2 or size[1] % 2:
        raise InputError(f"the width and height of a video must be even, not {size[0]} x {size[1]}")
    film = make_film(recording, model, fps=fps, speed=speed, size=size, **options)
    return _write(film, len(film), Path(path), progress, **_h264(fps))


def write_gif(
    recording: xr.Dataset, model: mujoco.MjModel | None, path: str | os.PathLike[str], fps: float = 10.0,
    speed: float | None = None, size: tuple[int, int] = (480, 270), progress: Progress = False,
    **options: Any,
) -> Path:  # fmt: skip
    """Write a small looping preview and return its path; by default it lasts at most 6 s."""
    if speed is None:
        time = np.asarray(recording["time"], float)
        speed = max(1.0, nice_above(float(time[-1] - time[0]) / 6.0)) if len(time) > 1 else 1.0
    film = make_film(recording, model, fps=fps, speed=speed, size=size, **options)
    return _write(film, len(film), Path(path), progress, **_gif(fps))


@runtime_checkable
class Frames(Protocol):
    """Something that has a number of frames and draws them in order."""

    def __len__(self) -> int: ...

    def frame(self, k: int) -> Image:
        """Return frame `k` (height, width, 3) uint8."""
        ...


def write_frames(frames: Frames, path: Path, fps: float, progress: Progress = True) -> Path:
    """Write frames as H.264, or as a looping GIF where `path` ends so, and return its path."""
    images = (frames.frame(k) for k in range(len(frames)))
    how = _gif(fps) if path.suffix == ".gif" else _h264(fps)
    return _write(images, len(frames), Path(path), progress, **how)


def _h264(fps: float) -> dict[str, Any]:
    return {
        "format": "FFMPEG", "mode": "I", "fps": fps, "codec": "libx264", "pixelformat": "yuv420p",
        "macro_block_size": 2, "quality": None, "ffmpeg_log_level": "error",
        "output_params": ["-preset", "veryfast", "-crf", "21", "-movflags", "+faststart"],
    }  # fmt: skip


def _gif(fps: float) -> dict[str, Any]:
    return {"format": "GIF", "mode": "I", "duration": 1000.0 / fps, "loop": 0}


def _write(images: Iterable[Image], count: int, path: Path, progress: Progress, **writer: Any) -> Path:
    bar = progress_bar(progress is True, total=count, desc=path.name, unit="frame", leave=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # imageio's own context manager leaves ffmpeg running after an exception.
        with (
            replacing(path) as part,
            bar,
            closing(cast(Any, imageio.get_writer(part, **writer))) as out,
            warnings.catch_warnings(),
        ):
            # ffmpeg starts at the first image; its fork becomes ffmpeg before it touches any of JAX's locks.
            warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)
            for done, image in enumerate(images, start=1):
                out.append_data(image)
                bar.update()
                if callable(progress):
                    progress(done, count)
    except OSError as problem:
        raise InputError(f"cannot write {path}: {problem}") from problem
    return path


def _ground(recording: xr.Dataset, field: Field | stimuli.Field | None, start: float) -> Ground:
    environment = recorded_environment(recording.attrs)
    value = field.value if isinstance(field, stimuli.Field) else field
    if value is None:
        value = _pattern(recording, environment)
    reach = 2.0 * float(np.nanmax(np.abs(np.asarray(recording["landmarks"], float)[..., :2])))
    return Ground.of_environment(environment, value=value, extent_mm=reach, t=start)


def _pattern(recording: xr.Dataset, environment: EnvironmentSpec) -> Field | None:
    """Return the luminance of the floor, its pattern being where it was recorded; None without one."""
    scenes = stimuli.through(environment)
    poses = recorded_pattern.poses(recording)
    if poses is None or not isinstance(scenes[0][1], stimuli.Scene):
        return None
    time = np.asarray(recording["time"], float)

    def value(x: np.ndarray, y: np.ndarray, t: float) -> np.ndarray:
        # The nearest sample is taken: a heading and a distant origin must be of the same time.
        scene = stimuli.shown_at(scenes, t)
        assert isinstance(scene, stimuli.Scene)
        return scene.value_from(poses[np.abs(time - t).argmin()], x, y, t)

    return value


def _tint(
    recording: xr.Dataset, model: mujoco.MjModel | None, skin: TubeSkin | None
) -> tuple[np.ndarray | None, tuple[np.ndarray, np.ndarray] | None]:
    """Return muscle activity (time, nu) in the model's order and how it spreads over the flanks."""
    if model is None or skin is None or "muscle" not in recording or "muscle_name" not in recording.coords:
        return None, None
    names = {str(name): i for i, name in enumerate(recording["muscle_name"].values)}
    recorded = np.asarray(recording["muscle"], float)
    active = np.zeros((len(recorded), model.nu))
    for i in range(model.nu):
        if (name := model.actuator(i).name) in names:
            active[:, i] = recorded[:, names[name]]
    return active, skin.muscles(model)


def _whole(landmarks: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return landmarks (time, landmark, 3) with the gaps of recorded animals interpolated in time."""
    flat = landmarks.reshape(len(time), -1).copy()
    for column in np.flatnonzero(~np.isfinite(flat).all(axis=0)):
        good = np.isfinite(flat[:, column])
        if not good.any():
            raise InputError("the recording has a landmark that was never seen")
        flat[:, column] = np.interp(time, time[good], flat[good, column])
    return flat.reshape(landmarks.shape)


def _smooth(path: np.ndarray, times: np.ndarray, width_s: float) -> np.ndarray:
    """Return a path (frames, 3) without what is faster than `width_s`, smoothed forwards and backwards."""
    if len(times) < 3:
        return path
    step = times[1] - times[0]
    reach = int(min(3 * width_s / step + 1, len(path) - 1))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / width_s) ** 2)
    # Beyond the ends the path is continued point-symmetrically, so that the picture starts on the animal.
    ahead = 2 * path[-1] - path[-2 : -reach - 2 : -1]
    back = 2 * path[0] - path[reach:0:-1]
    padded = np.concatenate([back, path, ahead])
    return np.stack([np.convolve(padded[:, k], kernel / kernel.sum(), "valid") for k in range(3)], axis=1)


def _body_length(recording: xr.Dataset) -> float:
    length = float(recording.attrs.get("body_length_mm", 0.0))
    if length > 0:
        return length
    first = np.asarray(recording["landmarks"][0], float)
    return max(float(np.linalg.norm(np.nanmax(first, axis=0) - np.nanmin(first, axis=0))), 1e-3)


def _title(recording: xr.Dataset) -> str:
    words = [str(recording.attrs.get("animal", "")), recorded_environment(recording.attrs).name]
    return "  ·  ".join(word.replace("_", " ") for word in words if word)
