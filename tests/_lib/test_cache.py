"""Folders for compiled code where there is no home directory, or none that can be written."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

import pytest

from neuromech._lib import cache
from neuromech._lib.files import user_path
from neuromech.specs import datasets


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without `HOME` and without an entry in the list of users; returns the temporary folder."""

    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_CACHE_HOME", "NEUROMECH_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_user_without_a_home(nobody: Path) -> None:
    assert cache.home() is None and user_path("~/x") == Path("~/x")
    assert cache.user_cache() == nobody / f"neuromech-{os.getuid()}"
    assert datasets.cache() == cache.user_cache() / "data"
    assert not Path("~").exists()


@pytest.mark.parametrize("name", ["HOME", "XDG_CACHE_HOME"])
def test_a_home_that_cannot_be_written(name: str, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "/dev/null/nothing")
    assert cache.user_cache() == nobody / f"neuromech-{os.getuid()}"


def test_a_home(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(nobody))
    assert cache.home() == nobody and cache.user_cache() == nobody / ".cache" / "neuromech"
    assert user_path("~/x") == nobody / "x"


def test_a_folder_of_somebody_else_is_not_taken(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = nobody / f"neuromech-{os.getuid()}"
    taken.mkdir()
    monkeypatch.setattr(cache.os, "getuid", lambda: os.stat(taken).st_uid + 1)
    found = cache.user_cache()
    assert found != taken and found.is_dir() and found.parent == nobody
