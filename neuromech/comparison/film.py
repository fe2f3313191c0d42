"""The film of a comparison: the recorded animal on the left, the simulated one on the right."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import affine_transform

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech._lib.types import Image
from neuromech.comparison.clip_frames import Pictures
from neuromech.specs.run import Run
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import legs
from neuromech.visuals import video
from neuromech.visuals.camera_pose import View
from neuromech.visuals.canvas import disc
from neuromech.visuals.filmed_animal import FilmedAnimal, draw
from neuromech.visuals.side_by_side import Beside, Neurons, Plan, Side, polyline
from neuromech.world.world import World

FPS, GIF_FPS = 25.0, 8.0
GIF_SIZE, GIF_S = (512, 288), 6.0
"""The size of the preview, pixels, and its longest duration, s."""
ACROSS = 2.6
"""The width of a picture, body lengths."""
WELL_SEEN = 0.95
"""The share of the frames of a stretch in which the animal has to be seen for the film to begin there."""
WINDOW_S = 8.0
"""The time that the width of a strip shows, s of film."""
EMPTY = (52, 56, 64)
LINE = (255, 176, 64)
LEG, OFF = (236, 238, 242), (95, 179, 230)
"""Colours of legs on the ground, and off it."""


@dataclasses.dataclass(frozen=True)
class Stretch:
    """The parts of both recordings that are shown, s: where each starts, and their duration."""

    start_s: float = 0.0
    animal_start_s: float = 0.0
    duration_s: float = 20.0


def write(
    run: Run, episode: Path, animal: Path, given: ReaderOptions, folder: Path, name: str | None = None,
    pictures: Path | None = None, size: tuple[int, int] = (1280, 720), gif: bool = False,
    progress: bool = True, **stretch: float,
) -> list[Path]:  # fmt: skip
    """Write `comparison.mp4` (and `comparison.gif`) into `folder` and return their paths.

    `pictures` are the frames of the animal's recording; without them its midline is drawn. `stretch` as in
    `Stretch`; without `animal_start_s` the film begins where the animal is well seen.

    Raises
    ------
    InputError
        As the readers'; too few pictures, or a stretch in which one of the two was not recorded.
    """
    simulated = recording.load(episode)
    held = recorded.read(animal, given, name, str(simulated.attrs.get("tracker", "")))
    for note in recorded.notes(held) if progress else ():
        print(f"note: {note}", file=sys.stderr)
    with Pictures(pictures) if pictures is not None else nullcontext() as frames:
        shown = int(_frame_numbers(held).max()) + 1
        if frames is not None and len(frames) < shown:
            raise InputError(f"pictures: {len(frames)} for {shown} frames of {animal}")
        scene = _Scene(run, simulated, held, frames, Stretch(**stretch))
        if "animal_start_s" not in stretch:
            scene = scene.well_seen()
        written = [video.write_frames(scene.film(size, FPS), folder / "comparison.mp4", FPS, progress)]
        if gif:
            short = dataclasses.replace(
                scene.stretch, duration_s=min(GIF_S * scene.speed, scene.stretch.duration_s)
            )
            film = dataclasses.replace(scene, stretch=short).film(GIF_SIZE, GIF_FPS)
            written.append(video.write_frames(film, folder / "comparison.gif", GIF_FPS, progress))
    return written


def well_seen(times: np.ndarray, seen: np.ndarray, duration_s: float) -> float:
    """Return the beginning, s after the first of `times`, of a stretch of which `WELL_SEEN` was seen.

    It is the first such stretch; if there is none, the one of which most was seen.
    """
    after = times - times[0]
    starts = after[after <= max(after[-1] - duration_s, 0.0) + 1e-9]
    total = np.concatenate([[0], np.cumsum(seen)])
    counts = total[np.searchsorted(after, starts + duration_s, side="right")] - total[: len(starts)]
    enough = np.flatnonzero(counts >= WELL_SEEN * (duration_s / float(np.median(np.diff(times)))))
    return float(starts[enough[0] if len(enough) else np.argmax(counts)])


def _frame_numbers(animal: xr.Dataset) -> np.ndarray:
    """Return the number of the picture of every sample, -1 where there is none."""
    count = animal.sizes["time"]
    return animal["frame_number"].values if "frame_number" in animal.coords else np.arange(count)


@dataclasses.dataclass(frozen=True)
class _Scene:
    """Both recordings and the stretch of them that is shown."""

    run: Run
    simulated: xr.Dataset
    animal: xr.Dataset
    pictures: Pictures | None
    stretch: Stretch

    @property
    def speed(self) -> float:
        return draw(self.animal, self._length_mm).speed

    @property
    def _length_mm(self) -> float:
        return float(self.simulated.attrs["body_length_mm"])

    def well_seen(self) -> _Scene:
        """Return the scene with the animal's stretch where it is well seen."""
        drawn, times = draw(self.animal, self._length_mm), self.simulated["time"].values
        left = float(times[-1] - times[0]) - self.stretch.start_s
        lasts = min(self.stretch.duration_s, max(left, 0.0), float(drawn.times[-1] - drawn.times[0]))
        seen = np.asarray(np.isfinite(drawn.midline).all(axis=(1, 2)))
        begins = well_seen(drawn.times, seen, lasts)
        return dataclasses.replace(self, stretch=dataclasses.replace(self.stretch, animal_start_s=begins))

    def film(self, size: tuple[int, int], fps: float) -> Beside:
        """Return the frames at a size."""
        # The simulation is drawn in the animal's frame where the recording is egocentric.
        alone = self.animal.attrs.get("frame") == "egocentric" and "limbs" in self.animal.attrs
        seen = legs.from_the_animal(self.simulated) if alone else self.simulated
        left, right = draw(self.animal, self._length_mm), draw(seen, self._length_mm)
        speed = left.speed
        starts = (self.stretch.animal_start_s, self.stretch.start_s)
        lasts = [
            float(each.times[-1] - each.times[0]) - start
            for each, start in zip((left, right), starts, strict=True)
        ]
        duration = min(self.stretch.duration_s, *lasts)
        if duration * fps / speed < 2:
            raise InputError(
                "the film would be empty: the animal's recording lasts "
                f"{lasts[0] + starts[0]:.3g} s, the simulation {lasts[1] + starts[1]:.3g} s"
            )
        scaled = self.animal.attrs.get("units", "").startswith("mm")
        times = np.arange(int(duration / speed * fps + 1e-9) + 1) * speed / fps
        plan = Plan(
            size,
            times,
            left.strip_name,
            list(left.lines),
            min(WINDOW_S * speed, duration),
            1.0,
            "mm" if scaled else "L",
            speed,
        )
        width, height = plan.picture_size
        # Both pictures show the same number of body lengths; the bar is in mm only if both are.
        plan = dataclasses.replace(plan, scale=ACROSS / width * (right.length if scaled else 1.0))
        per_unit = width / ACROSS / (right.length if scaled else left.length)
        return Beside(
            plan,
            self._recorded(left, plan, per_unit, starts[0]),
            self._simulated(right, plan, starts[1], (width, height), fps),
        )

    def _recorded(self, drawn: FilmedAnimal, plan: Plan, per_unit: float, start: float) -> Side:
        begins = float(drawn.times[0]) + start
        wanted = plan.times + begins
        after = np.clip(np.searchsorted(drawn.times, wanted - 1e-9), 1, len(drawn.times) - 1)
        before = wanted - drawn.times[after - 1] < drawn.times[after] - wanted
        sample = np.where(before, after - 1, after)
        step = float(self.animal.attrs["record_s"])
        sample = np.where(np.abs(drawn.times[sample] - wanted) <= max(1.5 * step, 1e-6), sample, -1)
        whole = np.asarray(np.isfinite(drawn.midline).all(axis=(1, 2)))
        seen = float((whole[sample] & (sample >= 0)).mean())
        caption = [
            f"recorded: {Path(str(self.animal.attrs.get('source', ''))).name}",
            f"midline seen in {100 * seen:.0f} % of these frames; gaps are left grey",
        ]
        if plan.unit == "L":
            caption.append("no scale in the file: both are drawn equally long")
        return Side(
            "recorded animal",
            drawn.times - begins,
            drawn.strip,
            list(drawn.lines.values()),
            _painter(drawn, sample, self.pictures, plan.picture_size, per_unit, _frame_numbers(self.animal)),
            caption,
        )

    def _simulated(
        self, drawn: FilmedAnimal, plan: Plan, start: float, size: tuple[int, int], fps: float
    ) -> Side:
        begins = float(drawn.times[0]) + start
        width, height = size
        last = begins + float(plan.times[-1])
        part = self.simulated.sel(
            time=slice(begins - 1e-6, last + 2 * float(self.simulated.attrs["record_s"]))
        )
        straight_down = View(elevation=-90.0)
        across = straight_down.mm_per_pixel(height) * width / straight_down.distance
        view = dataclasses.replace(straight_down, distance=ACROSS * drawn.length / across)
        film = video.make_film(
            part.drop_vars("activity", errors="ignore"),
            World(self.run.body, self.run.environment, self.run.clock).model,
            fps=fps, speed=plan.speed, size=size, skin=self.run.body.skin, view=view, title="",
        )  # fmt: skip
        neurons = None
        if "activity" in part and part.sizes.get("neuron", 0):
            neurons = Neurons(
                part["time"].values.astype(float) - begins,
                part["activity"].values.astype(float),
                [str(name) for name in part["neuron"].values],
                json.loads(part.attrs.get("neuron_groups", "{}")),
            )
        return Side(
            "simulated animal",
            drawn.times - begins,
            drawn.strip,
            list(drawn.lines.values()),
            lambda k: film.picture(min(k, len(film) - 1)),
            [f"simulated: {self.run.experiment}, controller {self.run.controller.name}, no neurons"],
            neurons,
        )


def _painter(
    drawn: FilmedAnimal, sample: np.ndarray, pictures: Pictures | None, size: tuple[int, int],
    per_unit: float, source: np.ndarray,
) -> Callable[[int], Image]:  # fmt: skip
    """Return what paints the recorded animal at a frame: its picture if there is one, and its midline.

    `sample` is the recording's sample of every frame, -1 where there is none.

    The middle of the midline is kept in the middle of the picture; in a gap the last place holds.
    """
    width, height = size
    middle = 0.5 * (drawn.midline.min(axis=1) + drawn.midline.max(axis=1))
    held: list[np.ndarray] = []

    def paint(k: int) -> Image:
        index = int(sample[k])
        image = np.full((height, width, 3), EMPTY, np.uint8)
        if index < 0 or source[index] < 0:  # between two stretches of the recording
            return image
        points = drawn.midline[index]
        whole = bool(np.isfinite(points).all())
        if whole:
            held[:] = [middle[index]]
        picture = pictures[int(source[index])] if pictures is not None else None
        if picture is not None:
            # A picture's own middle, because a crop has an origin of its own in every frame.
            centre = np.array([picture.shape[1] / 2, -picture.shape[0] / 2])
            _lay(image, picture, centre, per_unit)
        else:
            centre = held[0] if held else np.zeros(2)
            _dots(image, centre, per_unit, drawn.length)
        if whole:
            turn, shift = [per_unit, -per_unit], [width / 2, height / 2]
            pixels = (points - centre) * turn + shift
            for leg, off in _legs(drawn, index):
                polyline(image, (leg - centre) * turn + shift, 2.0, OFF if off else LEG)
            thick = max(1.2, (0.006 if picture is not None else 0.015) * drawn.length * per_unit)
            polyline(image, pixels, thick, LINE)
            disc(image, float(pixels[0, 0]), float(pixels[0, 1]), 1.8 * thick, (255, 255, 255))
        return image

    return paint


def _legs(drawn: FilmedAnimal, index: int) -> list[tuple[np.ndarray, bool]]:
    """Return the points of every leg that is seen, and whether its foot is off the ground."""
    if drawn.limbs is None or drawn.off is None:
        return []
    pairs = zip(drawn.limbs[index], drawn.off[index], strict=True)
    return [(leg, bool(off)) for leg, off in pairs if np.isfinite(leg).all()]


def _lay(image: Image, picture: np.ndarray, centre: np.ndarray, per_unit: float) -> None:
    """Draw a picture, magnified, in the middle; positions are pixels of it with y upwards."""
    height, width = image.shape[:2]
    grey = picture if picture.ndim == 2 else picture.mean(axis=-1)
    offset: Any = [
        -centre[1] - height / 2 / per_unit - 0.5,
        centre[0] - width / 2 / per_unit - 0.5,
    ]
    big = affine_transform(
        grey.astype(np.float32), [1 / per_unit, 1 / per_unit], offset, (height, width), order=1, cval=np.nan
    )
    inside = np.isfinite(big)
    image[inside] = np.clip(big[inside], 0, 255).astype(np.uint8)[:, None]


def _dots(image: Image, centre: np.ndarray, per_unit: float, length: float) -> None:
    """Draw a grid of points, half a body length apart, against which travel can be seen."""
    height, width = image.shape[:2]
    step = 0.5 * length
    reach = np.array([width, height]) / 2 / per_unit
    low, high = np.ceil((centre - reach) / step), np.floor((centre + reach) / step)
    x, y = np.meshgrid(np.arange(low[0], high[0] + 1) * step, np.arange(low[1], high[1] + 1) * step)
    columns = ((x.ravel() - centre[0]) * per_unit + width / 2).astype(int).clip(0, width - 2)
    rows = (height / 2 - (y.ravel() - centre[1]) * per_unit).astype(int).clip(0, height - 2)
    for down in (0, 1):
        for right in (0, 1):
            image[rows + down, columns + right] = (82, 88, 98)
