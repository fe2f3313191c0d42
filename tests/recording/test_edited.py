"""Recordings that somebody edited: every attribute is checked when it is read back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.recording import Layout, Recorder, attributes
from neuromech.tracking import track
from neuromech.tracking.io import recorded
from neuromech.tracking.similarity import features
from neuromech.visuals.report import write_report
from neuromech.visuals.video import make_film
from tests.crawler import midlines

NAMES = tuple(f"spine_{index:02d}" for index in range(49))
GOOD: dict[str, Any] = {
    "animal": "worm", "experiment": "worm_crawl", "tracker": "undulation", "seed": 3, "body_length_mm": 1.0,
    "environment": {"name": "agar", "medium": {"law": "resistive"}, "plate": {"radius_mm": 30.0}},
    "neuron_groups": {"motor": ["A", "B"]}, "traces": ["A"], "notes": ["a note"], "units": "mm mg s",
    "content_hash": "0123456789abcdef",
    "limbs": {"fl": "spine_00"}, "gait": {"head": ["spine_00", "spine_02"], "trunk": "spine_10"},
    "joints": {"a": "b"},
}  # fmt: skip
HOSTILE: list[Any] = [
    "{broken", "abc", "", "[]", "{}", "null", "3", "[1, 2]", '{"a": 1}', '{"medium": 3}', '{"head": ["x"]}',
    '{"plate": {"radius_mm": "wide"}}', '{"medium": {"current_mm_s": ["fast"]}}', '{"stimulus": [1]}',
    '[["A"]]', '{"motor": "A"}', '{"motor": [1]}', "NaN", '{"a": NaN}', "[" * 5000, "\x1b[2J\n",
    "\u00b5" * 99,
    -1, 0, 1, 2.5, float("nan"), float("inf"), 10**18, np.zeros(3), np.zeros((0,)), np.bytes_(b"\xff\xfe"),
    h5py.Empty("f8"), h5py.Empty("S1"), np.array(["A", "B"], dtype=object),
]  # fmt: skip
ATTRIBUTES = [*GOOD, "complete", "ended", "record_s", "posture_given", "frame", "source", "format"]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a worm that crawls for three seconds, with two neurons."""
    path = tmp_path_factory.mktemp("good") / "episode_000.nc"
    times = np.arange(60) / 20
    body = np.pad(midlines(0.3 * times), ((0, 0), (0, 0), (0, 1)))
    empty = np.empty(0)
    layout = Layout(
        NAMES, neurons=("A", "B"), stimulus=("peak_x_mm", "peak_y_mm"), senses={"salt": ("nose",)}
    )
    with Recorder(path, layout, 0.05, GOOD) as recorder:
        for t, points in zip(times, body, strict=True):
            wave = np.sin(6 * t)
            recorder.append(
                t, points, empty, empty, np.array([wave, -wave]), {"salt": np.ones(1)}, np.array([3.0, 1.0])
            )
    return path


def use(path: Path, folder: Path) -> None:
    """Do all that reads a recording back: its metrics, its features, its report and its film."""
    for read in (recording.load, recorded.read):
        found = read(path)
    measured = track(found)
    features.feature_set_of(found).extract(found)
    write_report(found, measured, {}, folder / "report.png")
    traces = json.loads(found.attrs.get("traces") or "[]") or None
    film = make_film(found, None, size=(160, 120), traces=traces)
    assert film.picture(0).ndim == 3


def edited(good: Path, folder: Path, change: Callable[[h5py.File], None]) -> Path:
    path = folder / "edited.nc"
    shutil.copy(good, path)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def set_attribute(name: str, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        if isinstance(value, np.ndarray) and value.dtype == object:
            file.attrs.create(name, value, dtype=h5py.string_dtype())
        else:
            file.attrs[name] = value

    return change


def test_the_recording_itself_is_good(good: Path, tmp_path: Path) -> None:
    use(good, tmp_path)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_edited_attribute_is_used_or_refused_in_one_line(good: Path, name: str) -> None:
    whole, refused = recording.load(good), 0
    for value in HOSTILE:
        try:
            track(whole.assign_attrs(attributes.checked({**whole.attrs, name: value}, good, NAMES)))
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 400
            refused += 1
    assert refused >= 8 or name == "format"  # at least what is no text and no number at all


@pytest.mark.parametrize("value", ["{broken", np.zeros(3), np.zeros(0), h5py.Empty("f8"), np.bytes_(b"\xff")])
def test_any_attribute_that_a_file_can_hold_is_no_traceback(good: Path, tmp_path: Path, value: Any) -> None:
    for name in ATTRIBUTES:
        try:
            recording.load(edited(good, tmp_path, set_attribute(name, value)))
        except InputError as error:
            assert "\n" not in str(error)


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTRIBUTES)
def test_what_is_not_refused_can_be_drawn(good: Path, tmp_path: Path, name: str) -> None:
    for value in HOSTILE:
        path = edited(good, tmp_path, set_attribute(name, value))
        try:
            use(path, tmp_path)
        except InputError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("traces", "{broken", "its attribute traces must be a JSON list of names, not '{broken'"),
        ("body_length_mm", "abc", "its attribute body_length_mm must be a number above 0, not 'abc'"),
        ("record_s", 0.0, "its attribute record_s must be a number above 0, not"),
        ("complete", "yes", "its attribute complete must be 0 or 1, not 'yes'"),
        (
            "environment",
            '{"medium": 3}',
            "its attribute environment must be a JSON object that describes an env",
        ),
        ("gait", '{"trunk": "tail"}', "its attribute gait_tracker says trunk: 'tail', which cannot be"),
        (
            "gait",
            '{"standing_mm": "high"}',
            "its attribute gait_tracker says standing_mm: 'high', which cannot be",
        ),
        ("limbs", '{"fl": 3}', "its attribute limbs must be a JSON object of names"),
    ],
)
def test_the_line_says_what_it_should_be(
    good: Path, tmp_path: Path, name: str, value: Any, message: str
) -> None:
    with pytest.raises(InputError) as error:
        recording.load(edited(good, tmp_path, set_attribute(name, value)))
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["complete", "record_s", "format"])
def test_an_attribute_that_was_deleted(good: Path, tmp_path: Path, name: str) -> None:
    def change(file: h5py.File) -> None:
        del file.attrs[name]

    with pytest.raises(InputError, match=f"has no attribute {name}|is not a neuromech recording"):
        recording.load(edited(good, tmp_path, change))


def replaced(name: str, values: Any) -> Callable[[h5py.File], None]:
    """Replace a variable by one without dimensions."""

    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = values

    return change


@pytest.mark.parametrize(
    "change",
    [
        replaced("landmarks", np.zeros((60, 49, 3))),
        replaced("landmarks", np.zeros(7)),
        replaced("activity", np.zeros((60, 2))),
        replaced("time", np.arange(60.0)),
        replaced("time", np.array(["a"] * 60, dtype="S")),
        replaced("neuron", np.zeros(2)),
        replaced("landmark", np.array(["spine_00"] * 49, dtype="S")),
        replaced("xyz", np.array(["a", "b", "c"], dtype="S")),
        replaced("stimulus", 3.0),
        lambda file: file.__delitem__("landmark"),
        lambda file: file.__delitem__("neuron"),
        lambda file: file.__delitem__("salt_channel"),
        lambda file: file["time"].__setitem__(5, 0.0),
        lambda file: file["landmarks"].__setitem__(5, np.inf),
    ],
)
def test_an_edited_variable_is_used_or_refused(
    good: Path, tmp_path: Path, change: Callable[[h5py.File], None]
) -> None:
    path = edited(good, tmp_path, change)
    try:
        use(path, tmp_path)
    except InputError as error:
        assert "\n" not in str(error)


def test_a_folder_named_like_a_recording(tmp_path: Path) -> None:
    (tmp_path / "episode_000.nc").mkdir()
    with pytest.raises(InputError, match="episode_000.nc is a folder, not a recording"):
        recording.load(tmp_path / "episode_000.nc")


def test_a_file_that_says_it_is_larger_than_the_memory(good: Path, tmp_path: Path) -> None:
    def change(file: h5py.File) -> None:
        file.create_dataset("more", (10**9, 50), "f8", chunks=(1000, 50))

    with pytest.raises(InputError, match="truncated, damaged or of another kind"):
        recording.load(edited(good, tmp_path, change))


def test_an_array_without_its_axes_is_refused_before_it_is_read(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten million numbers that nobody had written took more than a gigabyte to read."""
    path = shutil.copy(good, tmp_path / "a.nc")
    with h5py.File(path, "r+") as file:
        file.move("sense_salt", "aside")
        file.create_dataset("sense_salt", (5_000_000, 1), "f4", chunks=(64, 1))
    monkeypatch.setattr(xr.Dataset, "load", lambda self: pytest.fail("read before it was checked"))
    with pytest.raises(InputError, match=r"sense_salt must be \(time, salt_channel\)"):
        recording.load(path)
