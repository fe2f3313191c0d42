"""The film of both animals: same time base, same scale, and what is not known is not drawn."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import h5py
import imageio.v2 as imageio
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.comparison import film
from neuromech.comparison.clip_frames import Pictures
from neuromech.specs import compose
from neuromech.tracking.io.base import ReaderOptions
from neuromech.visuals import side_by_side
from tests import poses


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for k in range(600):
        imageio.imwrite(folder / f"{k:04d}.png", np.full((40, 60), k % 256, np.uint8))
    return folder


def test_a_film_and_its_preview(simulation: Path, worm: Path, tmp_path: Path) -> None:
    run, episode = compose.load_run([], [simulation]), simulation / "episode_000.nc"
    written = film.write(
        run, episode, worm, ReaderOptions(), tmp_path, size=(640, 360), gif=True, progress=False,
        start_s=1.0, animal_start_s=3.0, duration_s=1.2,
    )  # fmt: skip
    assert [path.name for path in written] == ["comparison.mp4", "comparison.gif"]
    reader: Any = imageio.get_reader(written[0])
    assert reader.count_frames() == 31 and reader.get_meta_data()["size"] == (640, 360)
    frame = reader.get_data(30)
    assert frame[:170, :318].std() > 5 and frame[:170, 322:].std() > 5
    assert written[1].stat().st_size < 2_000_000


def test_pictures_come_from_a_folder_or_a_tar_file(pictures: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for file in sorted(pictures.iterdir())[:20]:
            archive.add(file, file.name)
    for source, count in ((pictures, 600), (tmp_path / "a.tar", 20)):
        found = Pictures(source)
        assert len(found) == count and found[7].shape == (40, 60) and found[7][0, 0] == 7
    with pytest.raises(InputError, match="there are none in"):
        Pictures(tmp_path)
    (tmp_path / "b.tar").write_text("no archive")
    with pytest.raises(InputError, match="no folder and no tar file"):
        Pictures(tmp_path / "b.tar")


def test_what_a_mac_stores_beside_pictures_is_none(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for each in pictures.iterdir():
        (folder / each.name).write_bytes(each.read_bytes())
        (folder / f"._{each.name}").write_bytes(b"\0\5\x16\7")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(folder, "frames")
    for source in (folder, tmp_path / "a.tar"):
        with Pictures(source) as found:
            assert len(found) == len(list(pictures.iterdir()))
            np.testing.assert_array_equal(found[0], Pictures(pictures)[0])


def test_too_few_pictures_and_empty_films(simulation: Path, worm: Path, tmp_path: Path) -> None:
    run, episode = compose.load_run([], [simulation]), simulation / "episode_000.nc"
    folder = tmp_path / "few"
    folder.mkdir()
    imageio.imwrite(folder / "0.png", np.zeros((20, 20), np.uint8))
    with pytest.raises(InputError, match="1 for 600 frames of"):
        film.write(run, episode, worm, ReaderOptions(), tmp_path, pictures=folder, progress=False)
    with pytest.raises(InputError, match="the film would be empty: .* lasts 29.9.* s, the simulation"):
        film.write(run, episode, worm, ReaderOptions(), tmp_path, animal_start_s=40.0, progress=False)


def small_film(run: Any, episode: Path, animal: Path, tmp_path: Path, **options: Any) -> Any:
    given = options.pop("given", ReaderOptions())
    (path,) = film.write(
        run, episode, animal, given, tmp_path, size=(640, 360), progress=False, duration_s=0.2, **options
    )
    return imageio.get_reader(path)


def test_pictures_go_by_the_number_of_the_frame(
    simulation: Path, pictures: Path, data: Path, tmp_path: Path
) -> None:
    run, episode = compose.load_run([], [simulation]), simulation / "episode_000.nc"
    clip, some = data / "worm" / "wormpose_sample_features.h5", ReaderOptions(frames=(500, 529))
    few = tmp_path / "few"
    few.mkdir()
    for file in sorted(pictures.iterdir())[:30]:
        (few / file.name).write_bytes(file.read_bytes())
    with pytest.raises(InputError, match="pictures: 30 for 530 frames of"):
        small_film(run, episode, clip, tmp_path, given=some, pictures=few)
    reader = small_film(run, episode, clip, tmp_path, given=some, pictures=pictures, animal_start_s=0.0)
    # Frame 500 of the clip is the picture whose grey is 500 % 256.
    assert abs(np.median(reader.get_data(0)[60:110, 100:220]) - 500 % 256) < 8
    late = poses.wcon(
        tmp_path / "late.wcon", poses.crawl_mm(30), entry={"t": (100 + np.arange(30) / 20).tolist()}
    )
    reader = small_film(run, episode, late, tmp_path, pictures=few, animal_start_s=1.0)
    assert abs(np.median(reader.get_data(0)[60:110, 100:220]) - 20) < 8


def test_a_film_begins_where_the_animal_is_seen() -> None:
    times = 5.0 + 0.1 * np.arange(400)
    seen = np.ones(400, bool)
    seen[:100] = seen[150:160] = False
    assert film.well_seen(times, seen, 4.0) == pytest.approx(9.8, abs=0.11)
    assert film.well_seen(times, seen, 10.0) == pytest.approx(15.5, abs=0.2)
    assert film.well_seen(times, np.zeros(400, bool), 4.0) == 0.0
    assert film.well_seen(times, seen, 35.0) == pytest.approx(4.9, abs=0.2)


def test_the_clock_of_a_slow_film_has_more_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    times, shown = np.arange(0, 2, 0.05), []
    monkeypatch.setattr(side_by_side, "put_text", lambda image, x, y, text, *rest: shown.append(text))
    for speed in (1.0, 0.1):
        plan = side_by_side.Plan(
            (640, 360), np.array([0.0, 0.123]), "curvature", [("bend", "rad")], 1.9, 0.01, "mm", speed
        )
        side_by_side.Beside(plan, side(times, times, 90), side(times, times, 120)).frame(1)
    assert [text.strip() for text in shown] == ["0.1 s", "0.12 s"]


def side(values: np.ndarray, times: np.ndarray, colour: int) -> side_by_side.Side:
    return side_by_side.Side(
        "animal", times, np.stack([values, values], axis=1), [values],
        lambda k: np.full((168, 318, 3), colour, np.uint8), ["a caption"],
    )  # fmt: skip


def test_gaps_are_grey_in_strips_and_lines() -> None:
    times = np.arange(0, 2, 0.05)
    seen = np.sin(times)
    holed = np.where((times > 0.5) & (times < 1.0), np.nan, seen)
    plan = side_by_side.Plan(
        (640, 360), np.arange(0, 1.9, 0.1), "curvature", [("bend", "rad")], 1.9, 0.01, "mm"
    )
    film_of_both = side_by_side.Beside(plan, side(holed, times, 90), side(seen, times, 120))
    frame = film_of_both.frame(len(film_of_both) - 1)
    grey = (frame == side_by_side.GAP).all(axis=-1)
    assert grey[:, 320:].sum() == 0
    # The gap lasts a quarter of what the strips and lines show, at their full height.
    columns = np.flatnonzero(grey[:, :320].sum(axis=0) > 60)
    assert len(columns) == pytest.approx(0.5 / 1.9 * 308, rel=0.15) and np.diff(columns).max() == 1
    assert (frame[:160, 100:200] == 90).all() and (frame[:160, 500:600] == 120).all()


def test_both_scale_bars_are_equally_long() -> None:
    times = np.arange(0, 2, 0.05)
    plan = side_by_side.Plan(
        (640, 360), np.arange(0, 1.9, 0.1), "curvature", [("bend", "rad")], 1.9, 0.01, "mm"
    )
    frame = side_by_side.Beside(plan, side(times, times, 90), side(times, times, 120)).frame(0)
    white = (frame[150:168] == 255).all(axis=-1).sum(axis=0)
    left, right = (np.flatnonzero(white[half] >= 4) for half in (slice(0, 320), slice(320, 640)))
    # 0.22 of a picture is 0.70 mm, the next round number below it 0.5 mm: 50 pixels.
    assert len(left) == len(right) == 50


def test_a_line_is_as_thick_as_asked() -> None:
    image = np.zeros((60, 100, 3), np.uint8)
    side_by_side.polyline(image, np.array([[10.0, 30.0], [90.0, 30.0]]), 4.0, (255, 255, 255))
    assert (image[:, 50, 0] > 127).sum() in (8, 9) and image[30, 5].sum() == 0
    side_by_side.polyline(image, np.full((3, 2), np.nan), 4.0, (255, 255, 255))


def test_a_film_that_is_too_small() -> None:
    with pytest.raises(InputError, match="at least 320 x 180"):
        _ = side_by_side.Plan((200, 100), np.arange(3.0), "", [], 1.0, 1.0, "mm").picture_size


def test_the_skeleton_lies_on_the_worm_of_the_sample_clip(
    simulation: Path, data: Path, tmp_path: Path
) -> None:
    """Along the midline the pictures must be darker than elsewhere, or something is shifted or mirrored."""
    clip, tar = data / "worm" / "wormpose_sample_features.h5", data / "worm" / "wormpose_sample_frames.tar"
    pictures = Pictures(tar)
    with h5py.File(clip) as file:
        spine = np.asarray(file["skeletons"])[700]
    picture = pictures[700]
    inside = spine.round().astype(int)
    assert picture[inside[:, 1], inside[:, 0]].mean() < picture.mean() - 20
    run = compose.load_run([], [simulation])
    (path,) = film.write(
        run, simulation / "episode_000.nc", clip, ReaderOptions(), tmp_path, pictures=tar, size=(640, 360),
        progress=False, animal_start_s=46.0, duration_s=0.4,
    )  # fmt: skip
    reader: Any = imageio.get_reader(path)
    frame = reader.get_data(8).astype(int)
    orange = (frame[..., 0] > 200) & (frame[..., 1] > 130) & (frame[..., 2] < 130)
    rows, columns = np.nonzero(orange[:168, :318])
    around = frame[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert len(rows) > 60 and around[..., 0].min() < 110
