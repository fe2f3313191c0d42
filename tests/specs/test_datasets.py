"""Recordings by name: the registry, downloads that break off, and machines without a network."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import datasets as registry

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT, part of it when asked for, and breaks off after `limit` bytes."""

    limit: int | None = None
    ranges: list[str | None] = []

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        body = CONTENT[start:]
        self.wfile.write(body if self.limit is None else body[: self.limit])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.limit, Handler.ranges = None, []
    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)


def write(path: Path, sha256: str | None = None, **how: str) -> Path:
    """Write a registry of one file, `it`."""
    sha256 = sha256 or hashlib.sha256(CONTENT).hexdigest()
    lines = [f"  {key}: {value}" for key, value in how.items()]
    lines += [f"  sha256: {sha256}", f"  size: {len(CONTENT)}", "  file: a/it.bin", "  about: a file"]
    path.write_text("\n".join(["it:", *lines, "  licence: MIT", "  citation: nobody"]) + "\n")
    return path


def test_fetch_checks_and_keeps(tmp_path: Path, server: str) -> None:
    file = write(tmp_path / "data.yaml", url=f"{server}/it")
    found = registry.fetch("it", False, file)
    assert found == tmp_path / "cache" / "a" / "it.bin" and found.read_bytes() == CONTENT
    assert registry.fetch("it", False, file) == registry.path("it", file) == found
    assert len(Handler.ranges) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(tmp_path: Path, server: str) -> None:
    file = write(tmp_path / "data.yaml", url=f"{server}/it")
    Handler.limit = 100_000
    with pytest.raises(InputError, match=r"cannot download it .*without a network, get http"):
        registry.fetch("it", False, file)
    assert not registry.here(registry.find("it", file))
    Handler.limit = None
    assert registry.fetch("it", False, file).read_bytes() == CONTENT
    part = Handler.ranges[-1]
    assert part is not None and 0 < int(part.removeprefix("bytes=").rstrip("-")) <= 100_000


def test_another_file_than_the_registrys_is_thrown_away(tmp_path: Path, server: str) -> None:
    file = write(tmp_path / "data.yaml", sha256="ab" * 32, url=f"{server}/it")
    with pytest.raises(InputError, match="is not the file of the registry .*thrown away"):
        registry.fetch("it", False, file)
    assert not list((tmp_path / "cache").rglob("*.bin")) and not list((tmp_path / "cache").rglob("*.part"))
    spoilt = tmp_path / "cache" / "a" / "it.bin"
    spoilt.write_bytes(b"spoilt")
    with pytest.raises(InputError, match="other checksum.; move it away"):
        registry.fetch("it", False, file)


def test_nobody_answers(tmp_path: Path, server: str) -> None:
    with pytest.raises(InputError, match="HTTPError.*save it as .*it.bin"):
        registry.fetch("it", False, write(tmp_path / "data.yaml", url=f"{server}/missing"))
    with pytest.raises(InputError, match="ConnectionError.*without a network"):
        registry.fetch("it", False, write(tmp_path / "data.yaml", url="http://127.0.0.1:1/it"))


def test_what_is_not_fetched_says_where_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "data.yaml", where="the author, on request")
    for call in (lambda: registry.fetch("it", False, file), lambda: registry.path("it", file)):
        with pytest.raises(
            InputError, match="the author, on request .MIT.; save it as .*or set NEUROMECH_DATA"
        ):
            call()
    (tmp_path / "mine" / "a").mkdir(parents=True)
    (tmp_path / "mine" / "a" / "it.bin").write_bytes(CONTENT)
    monkeypatch.setenv("NEUROMECH_DATA", str(tmp_path / "mine"))
    assert registry.path("it", file) == tmp_path / "mine" / "a" / "it.bin"
    with pytest.raises(InputError, match="unknown data 'its'; nearest: it"):
        registry.path("its", file)


def test_a_file_inside_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    info = "thing-1.0.dist-info"
    with zipfile.ZipFile(shelf / "thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("thing/it.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    wheel_of = "{{package: thing, version: '{}', path: {}}}"
    file = write(tmp_path / "data.yaml", wheel=wheel_of.format("1.0", "thing/it.bin"))
    assert registry.fetch("it", False, file).read_bytes() == CONTENT
    registry.path("it", file).unlink()
    with pytest.raises(InputError, match="thing 1.0 has no thing/that.bin"):
        registry.fetch("it", False, write(file, wheel=wheel_of.format("1.0", "thing/that.bin")))
    with pytest.raises(
        InputError, match="pip cannot download thing 2.0 .*take thing/it.bin out of that package"
    ):
        registry.fetch("it", False, write(file, wheel=wheel_of.format("2.0", "thing/it.bin")))


def test_the_registry_is_whole() -> None:
    found = registry.entries()
    assert {"wormpose_sample_features", "larva_replay_bouts", "stac_mouse_mocap"} <= set(found)
    for entry in found.values():
        assert len(entry.sha256) == 64 and entry.size > 0 and entry.licence and entry.citation and entry.about
        assert sum(way is not None for way in (entry.url, entry.wheel, entry.where)) == 1
        if entry.url:
            # A revision that cannot move: a commit and no branch; of a bucket the checksum must do.
            bucket = entry.url.startswith("https://storage.googleapis.com/")
            assert bucket or any(len(part) == 40 for part in entry.url.split("/")), entry.name
    never = [entry for entry in found.values() if "never redistribute" in entry.licence]
    assert len(never) == 2 and all(entry.where and not entry.url for entry in never)


def test_the_registry_fits_the_files_that_are_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROMECH_DATA", str(data))
    here = [entry for entry in registry.entries().values() if registry.here(entry)]
    assert len(here) >= 10
    for entry in here:
        content = (data / entry.file).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry.size, entry.sha256), entry.name
