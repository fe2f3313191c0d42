"""What is kept comes back, and what is no checkpoint is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.training import checkpoint


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    assert checkpoint.load(path) is None
    tree = {"a": {"b.c": {"0": np.arange(3.0)}, "d": np.float32(2.5)}, "steps": 7, "names": ["x", "y"]}
    checkpoint.save(path, tree)
    checkpoint.save(path, tree)  # over the first
    found = checkpoint.load(path)
    assert found is not None and list(tmp_path.iterdir()) == [path]
    assert found["a"]["b.c"]["0"].tolist() == [0.0, 1.0, 2.0] and found["a"]["d"] == np.float32(2.5)
    assert found["steps"] == 7 and list(found["names"]) == ["x", "y"]


def test_a_save_that_fails_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, {"steps": 1})

    def full(*arguments: object, **more: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(path, {"steps": 2})
    monkeypatch.undo()
    found = checkpoint.load(path)
    assert found is not None and found["steps"] == 1


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    path.write_text("hello")
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoint.load(path)
    np.savez(path, a=np.array([{}], dtype=object))  # a pickle
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoint.load(path)
