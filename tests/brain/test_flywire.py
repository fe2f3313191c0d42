"""Wirings of the fly's brain, from files of the published columns, a local server, and real ones."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain import flywire, wirings
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.cli.data import main as data_command
from neuromech.specs import datasets as registry
from neuromech.specs.datasets import Entry

IDS = 720575940600000000 + np.arange(50)
NAMES = {"flywire_783_connectivity": "Connectivity.parquet", "flywire_783_completeness": "Completeness.csv"}
COLUMNS = ("Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)


def edges() -> np.ndarray:
    """Return (edge, 3): from, to, signed contacts; every pair once, as in the published files."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(50 * 50)[:300]
    return np.stack([pairs // 50, pairs % 50, rng.integers(1, 40, 300) * rng.choice([-1, 1], 300)], axis=1)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with files of the published columns."""
    pyarrow = pytest.importorskip("pyarrow", reason="the extra flywire is not installed")
    from pyarrow import parquet

    folder = tmp_path / "shelf"
    folder.mkdir()
    table = edges()
    columns = dict(zip(COLUMNS, table.T, strict=True))
    columns |= {"Presynaptic_ID": IDS[table[:, 0]], "Connectivity": abs(table[:, 2])}
    parquet.write_table(pyarrow.table(columns), folder / "Connectivity.parquet")
    rows = "".join(f"{each},True\n" for each in IDS)
    (folder / "Completeness.csv").write_text(",Completed\n" + rows)
    return folder


@pytest.fixture
def served(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Entry]]:
    """A registry of the published release's files, served from here."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shelf))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        entries = {
            name: Entry(
                name=name,
                file=f"fly/{file}",
                about="",
                sha256=hashlib.sha256((shelf / file).read_bytes()).hexdigest(),
                size=(shelf / file).stat().st_size,
                licence="the terms",
                citation="the paper",
                url=f"http://127.0.0.1:{server.server_port}/{file}",
            )
            for name, file in NAMES.items()
        }
        monkeypatch.setattr(registry, "entries", lambda *_: entries)
        yield entries
        server.shutdown()
        thread.join()


def dense(brain: SparseConnectome) -> np.ndarray:
    found = np.zeros((brain.synapses.size,) * 2, int)
    found[brain.synapses.pre, brain.synapses.post] = brain.synapses.count
    return found


def test_fetch_converts_once_and_says_the_terms(
    served: Mapping[str, Entry], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not wirings.here("flywire_783")
    assert data_command(["fetch", "flywire", "--quiet"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("flywire_783_wiring") and said[1:] == ["licence the terms; cite the paper"]
    assert data_command(["path", "flywire"]) == 0 and capsys.readouterr().out.strip() == said[0]
    brain = SparseConnectome.load("flywire_783")
    wanted = np.zeros((50, 50), int)
    wanted[tuple(edges().T[:2])] = edges()[:, 2]
    assert (dense(brain) == wanted).all() and (brain.ids == IDS).all() and brain.note == ""
    assert isinstance(brain.synapses.post, np.memmap)
    assert brain.find([str(IDS[7]), "720575940699999999", "MN9"]).tolist() == [7, -1, -1]
    # From now on the converted folder is enough.
    for name in served:
        registry.path(name).unlink()
    assert (dense(SparseConnectome.load("flywire_783")) == wanted).all()


def test_another_file_than_expected_is_thrown_away(served: Mapping[str, Entry], shelf: Path) -> None:
    with (shelf / "Connectivity.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="not the file of the registry"):
        wirings.fetch("flywire_783", progress=False)
    assert not wirings.here("flywire_783")


def test_without_a_network_or_the_files_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="'neuromech data fetch flywire_783' gets it"):
        SparseConnectome.load("flywire_783")
    with pytest.raises(InputError, match="by hand|set NEUROMECH_DATA"):
        SparseConnectome.load("flywire783_ge5_within_side")
    with pytest.raises(InputError, match="unknown wiring 'flywire_7830'; nearest: flywire_783"):
        SparseConnectome.load("flywire_7830")


def test_a_wrong_table_and_a_missing_reader_are_one_line(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow
    from pyarrow import parquet

    paths = [shelf / "Connectivity.parquet", shelf / "Completeness.csv"]
    parquet.write_table(pyarrow.table({"pre": [1]}), paths[0])
    with pytest.raises(InputError, match="has no column 'Presynaptic_Index'; it has pre"):
        flywire.read_published(paths)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'neuromech\[flywire\]'"):
        flywire.read_published(paths)


def test_a_torn_folder_is_made_anew(served: Mapping[str, Entry]) -> None:
    folder = wirings.fetch("flywire_783", progress=False)
    (folder / "post.npy").unlink()
    assert len(SparseConnectome.load("flywire_783").synapses.post) == 300
    (folder / "about.json").write_text("{")
    assert len(SparseConnectome.load("flywire_783").synapses.post) == 300
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_the_brain_within_its_sides(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROMECH_DATA", str(data))
    brain = SparseConnectome.load("flywire783_ge5_within_side")
    assert (brain.synapses.size, len(brain.synapses.post)) == (133_436, 2_309_630)
    assert brain.ids.dtype == np.int64 and brain.ids.min() > 720575940 * 10**9
    with np.load(data / "fly/flywire783_ge5_within_side.npz") as source:
        pre, post, count = source["pre"][:50], source["post"][:50], source["syn"][:50]
    start, end = brain.find(list(map(str, pre))), brain.find(list(map(str, post)))
    for i, j, contacts in zip(start, end, count, strict=True):
        edge = brain.synapses.start[i] + np.searchsorted(
            brain.synapses.post[brain.synapses.start[i] : brain.synapses.start[i + 1]], j
        )
        assert brain.synapses.post[edge] == j and abs(brain.synapses.count[edge]) == contacts
    assert (abs(brain.synapses.count) >= 5).all() and 0.2 < (brain.synapses.count < 0).mean() < 0.5
