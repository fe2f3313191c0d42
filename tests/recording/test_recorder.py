"""A recording comes back as it went in, and opens whatever ended the run."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.recording import Layout, Recorder, load
from neuromech.recording import recorder as recorder_module

LAYOUT = Layout(
    landmarks=tuple(f"spine_{index:02d}" for index in range(49)),
    qpos=("root_x", "root_y", "bend_1"),
    muscles=tuple(f"MDL{index:02d}" for index in range(1, 25)),
    neurons=("ASEL", "ASER", "AVAL"),
    senses={"salt": ("nose",), "touch": ("head", "tail")},
    stimulus=("concentration_mM", "peak_x_mm", "peak_y_mm"),
    sense_units={"salt": "mM"},
)
STEP = 0.1


def row(index: int) -> tuple:
    """What the recorder is given at sample `index`: every array says which row it belongs to."""
    full = [np.full(shape, index, np.float64) for shape in ((49, 3), (3,), (24,), (3,))]
    return index * STEP, *full, {"salt": np.full(1, index), "touch": np.full(2, index)}, np.full(3, index)


def write(path: Path, rows: int, **attrs: object) -> Path:
    """Record `rows` samples."""
    with Recorder(path, LAYOUT, STEP, {"animal": "worm", **attrs}) as recorder:
        for index in range(rows):
            recorder.append(*row(index))
    return path


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 37])
def test_round_trip(tmp_path: Path, rows: int) -> None:
    found = load(write(tmp_path / "new" / "a.nc", rows))
    assert found.sizes["time"] == rows
    np.testing.assert_allclose(found["time"], STEP * np.arange(rows))
    for name in ("landmarks", "qpos", "muscle", "activity", "sense_salt", "sense_touch", "stimulus"):
        assert found[name].dims[0] == "time" and found[name].dtype == np.float32
        assert (found[name].transpose(..., "time").values == np.arange(rows)).all(), name
    assert found["muscle"].dims == ("time", "muscle") and "muscle" in found.data_vars
    assert found["muscle_name"].values[-1] == "MDL24"
    assert found["activity"].sel(neuron="AVAL").shape == (rows,)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.nc"]


def test_attributes_and_units(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.nc", 3, seed=np.int64(7), groups={"sensory": ["ASEL"]}, content_hash=None, still=True
    )
    found = load(path)
    assert found.attrs["animal"] == "worm" and found.attrs["seed"] == 7 and found.attrs["still"] == 1
    assert json.loads(found.attrs["groups"]) == {"sensory": ["ASEL"]} and "content_hash" not in found.attrs
    assert (
        found.attrs["complete"] == 1
        and found.attrs["ended"] == "time limit"
        and found.attrs["record_s"] == STEP
    )
    units = {name: found[name].attrs["units"] for name in ("time", "landmarks", "activity", "sense_salt")}
    assert units == {"time": "s", "landmarks": "mm", "activity": "mV", "sense_salt": "mM"}
    # Anyone's xarray opens it, and times stay seconds.
    assert xr.load_dataset(path)["time"].dtype == np.float64


def test_axes_without_names_are_left_out(tmp_path: Path) -> None:
    layout = Layout(landmarks=LAYOUT.landmarks)
    empty = np.empty(0)
    with Recorder(tmp_path / "a.nc", layout, STEP, {}) as recorder:
        recorder.append(0.0, np.zeros((49, 3)), empty, empty, empty, {}, empty)
    assert set(load(tmp_path / "a.nc").data_vars) == {"landmarks"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("physics blew up")])
def test_an_exception_keeps_what_was_recorded(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), Recorder(tmp_path / "a.nc", LAYOUT, STEP, {}) as recorder:
        for index in range(13):
            recorder.append(*row(index))
        raise error
    found = load(tmp_path / "a.nc")
    assert found.sizes["time"] == 13 and found.attrs["complete"] == 0
    assert found.attrs["ended"] in ("interrupted", "RuntimeError: physics blew up")


def test_the_episode_says_why_it_ended(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.nc", LAYOUT, STEP, {}) as recorder:
        recorder.append(*row(0))
        recorder.ended = "peak reached"
    assert load(tmp_path / "a.nc").attrs["ended"] == "peak reached"


def test_a_wrong_shape_is_refused(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.nc", LAYOUT, STEP, {})
    t, landmarks, *rest = row(0)
    with pytest.raises(ValueError, match="landmarks"):
        recorder.append(t, landmarks[:1], *rest)
    recorder.close()


def test_an_unwritable_place_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write"):
        Recorder(tmp_path / "file" / "a.nc", LAYOUT, STEP, {})


KILLED = """
import json, mmap, os, random, signal, sys, time
from pathlib import Path
from tests.recording.test_recorder import LAYOUT, STEP, Recorder, row

flushed, chance, shared = [], random.Random(1), mmap.mmap(-1, 8)
for attempt in range(20):
    shared[:] = bytes(8)
    child = os.fork()
    if child == 0:
        recorder = Recorder(Path(sys.argv[1]) / f"{attempt}.nc", LAYOUT, STEP, {})
        index = 0
        while True:
            recorder.append(*row(index))
            index += 1
            if index % 10 == 0:
                shared[:] = index.to_bytes(8, "little")
    while shared[:] == bytes(8):
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.04))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    flushed.append(int.from_bytes(shared[:], "little"))
print(json.dumps(flushed))
"""


@pytest.mark.thorough
def test_every_file_opens_after_sigkill(tmp_path: Path, repository: Path) -> None:
    # One interpreter forks all the victims: starting twenty would take a minute.
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], cwd=repository, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    flushed = json.loads(done.stdout)
    assert len(flushed) == 20
    for attempt, rows in enumerate(flushed):
        found = load(tmp_path / f".{attempt}.nc.part")
        assert found.sizes["time"] >= rows, "more than the last second was lost"
        assert found.attrs["complete"] == 0 and found.attrs["ended"] == recording.KILLED


class Disk(io.BytesIO):
    """A file that remembers every write HDF5 makes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.writes: list[tuple[int, bytes]] = []

    def write(self, data) -> int:
        """Note where and what, then write."""
        self.writes.append((self.tell(), bytes(data)))
        return super().write(data)


@pytest.mark.parametrize("spikes", [0, 3000])
def test_a_kill_between_any_two_writes_leaves_a_file_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spikes: int
) -> None:
    disks = []

    def on_disk(path: Path, mode: str, **options: bool) -> h5py.File:
        if mode == "w":
            return h5py.File(path, mode, **options)
        disks.append(Disk(Path(path).read_bytes()))
        return h5py.File(disks[-1], mode)

    monkeypatch.setattr(
        recorder_module, "h5py", SimpleNamespace(File=on_disk, string_dtype=h5py.string_dtype)
    )
    layout = Layout(landmarks=LAYOUT.landmarks, neurons=LAYOUT.neurons, spikes="row" if spikes else "")
    recorder = Recorder(tmp_path / "a.nc", layout, STEP, {})
    monkeypatch.undo()
    content, second = bytearray(disks[0].getvalue()), 10
    killed = tmp_path / "killed.nc"
    torn = 0
    for flushed in range(11):
        disks[0].writes.clear()
        for index in range(flushed * second, (flushed + 1) * second):
            recorder.add_spikes(np.full(spikes, index * STEP), index * spikes + np.arange(spikes))
            recorder.append(*row(index))
        for place, data in disks[0].writes:
            content[len(content) : place] = bytes(max(0, place - len(content)))
            content[place : place + len(data)] = data
            # Index entries are made in the first second and, for new chunks, in the eleventh.
            if flushed in (0, 1, 10):
                killed.write_bytes(content)
                found = load(killed)
                assert found.sizes["time"] in (flushed * second, (flushed + 1) * second)
                assert (found["activity"].values == np.arange(found.sizes["time"])[:, None]).all()
                if spikes:  # in these seconds the list, too, grows into a new chunk or not
                    known = found["spike_neuron"].values
                    assert (known == np.arange(len(known))).all()
                    assert flushed * second <= len(known) / spikes <= (flushed + 1) * second
                torn += 1
    assert torn > 25
    recorder.close()


def _foreign(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["something"] = np.arange(3)


def _backwards(path: Path) -> None:
    write(path, 12)
    with h5py.File(path, "r+") as file:
        times = file["time"]
        assert isinstance(times, h5py.Dataset)
        times[5] = 0.0


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: None, "no recording"),
        (lambda path: path.write_text("time,x\n0,1\n"), "not a neuromech recording"),
        (lambda path: path.write_bytes(b""), "not a neuromech recording"),
        (lambda path: path.write_bytes(write(path, 40).read_bytes()[:9000]), "truncated"),
        (lambda path: path.write_bytes(write(path, 40).read_bytes()[:60]), "truncated"),
        (_foreign, "recording"),
        (lambda path: xr.Dataset({"time": [0.0, 1.0]}).to_netcdf(path, engine="h5netcdf"), "not a neuromech"),
        (_backwards, "times do not increase"),
    ],
    ids=["missing", "text", "empty", "cut", "stump", "hdf5", "netcdf", "backwards"],
)
def test_a_file_that_is_no_recording_is_an_input_error(tmp_path: Path, spoil, message: str) -> None:
    path = tmp_path / "a.nc"
    spoil(path)
    with pytest.raises(InputError, match=message) as caught:
        load(path)
    assert "\n" not in str(caught.value)


def spiking(path: Path, rows: int, spikes: int) -> recording.Recorder:
    """A recorder with rows, and so many spikes of neurons with long identities before each."""
    layout = Layout(landmarks=LAYOUT.landmarks, neurons=LAYOUT.neurons, spikes="root id")
    recorder = Recorder(path, layout, STEP, {})
    for index in range(rows):
        recorder.add_spikes(index * STEP + 1e-4 * np.arange(spikes), 720575940627652358 + np.arange(spikes))
        recorder.append(
            index * STEP, np.zeros((49, 3)), np.zeros(0), np.zeros(0), np.zeros(3), {}, np.zeros(0)
        )
    return recorder


@pytest.mark.parametrize("spikes", [0, 1, 700])
def test_spikes_are_a_list_of_their_own(tmp_path: Path, spikes: int) -> None:
    recorder = spiking(tmp_path / "a.nc", 25, spikes)
    recorder.add_spikes(np.array([2.5]), np.array([7]))  # after the last row
    recorder.close()
    found = load(tmp_path / "a.nc")
    assert found.sizes["time"] == 25 and found.sizes["spike"] == 25 * spikes + 1
    assert found["spike_neuron"].dtype == np.int64 and found["spike_neuron"].attrs["units"] == "root id"
    assert found["spike_time"].attrs["units"] == "s" and found["spike_time"].values[-1] == 2.5
    wanted = np.tile(720575940627652358 + np.arange(spikes), 25)
    np.testing.assert_array_equal(found["spike_neuron"].values[:-1], wanted)
    assert "spike" not in load(write(tmp_path / "b.nc", 3)).sizes


def test_spikes_that_a_kill_left_without_a_time_are_dropped(tmp_path: Path) -> None:
    recorder = spiking(tmp_path / "a.nc", 10, 5)
    recorder.flush()
    assert recorder._file is not None
    # The flush writes neurons before times; this is how far it came.
    neurons = recorder._datasets["spike_neuron"]
    neurons.resize(len(neurons) + 3, axis=0)
    neurons[-3:] = 9
    recorder._file.flush()
    (tmp_path / "torn.nc").write_bytes(recorder.part.read_bytes())
    recorder.close()
    found = load(tmp_path / "torn.nc")
    assert found.sizes["spike"] == 50 and not (found["spike_neuron"] == 9).any()


@pytest.mark.thorough
def test_an_hour_of_recording_leaves_memory_as_it_is_after_ten_minutes(tmp_path: Path) -> None:
    # In the first minutes HDF5 fills its cache of chunks, 1 MB for each variable.
    resident = Path("/proc/self/statm")
    if not resident.is_file():
        pytest.skip("how much memory a process has is read from /proc")
    pages: list[int] = []
    with Recorder(tmp_path / "a.nc", LAYOUT, STEP, {"animal": "worm"}) as recorder:
        for index in range(36_000):
            recorder.append(*row(index))
            if index in (6_000, 35_999):
                pages.append(int(resident.read_text().split()[1]))
    grown_MB = (pages[1] - pages[0]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    assert grown_MB < 25, f"{grown_MB:.0f} MB"
