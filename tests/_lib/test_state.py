"""The state of parts, and states on disk."""

from __future__ import annotations

import json
import zipfile
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from neuromech._lib import state as states
from neuromech._lib.errors import InputError
from neuromech._lib.state import State, Stateful


class Pair(NamedTuple):
    one: np.ndarray
    two: int


class Part(Stateful):
    """Something of every kind that can be remembered."""

    state_names = (
        "number", "count", "flag", "text", "array", "traced", "rng", "past", "rows", "pair", "tree", "inner",
        "unset",
    )  # fmt: skip

    def __init__(self, seed: int = 0, inner: Part | None = None) -> None:
        self.number, self.count, self.flag, self.text = 0.5, 0, False, "a"
        self.array, self.traced = np.zeros(3, np.float32), jnp.zeros(2)
        self.rng = np.random.default_rng(seed)
        self.past: deque[np.ndarray] = deque(maxlen=4)
        self.rows = iter(np.arange(6.0).reshape(3, 2))
        self.pair, self.tree, self.inner = Pair(np.zeros(2), 0), {"a": [jnp.zeros(1)]}, inner
        self.unset: np.ndarray | None = None

    def advance(self) -> list[float]:
        self.number, self.count, self.flag = self.rng.random(), self.count + 1, not self.flag
        self.text += "b"
        self.array = self.array + np.float32(self.number)
        self.traced = self.traced + self.number
        self.past.append(self.array.copy())
        self.pair = Pair(self.pair.one + 1, self.count)
        self.tree = {"a": [self.tree["a"][0] + 1.0]}
        self.unset = self.array * 2
        row = next(self.rows, np.zeros(2))
        told = [self.number, *self.array, *row, len(self.past), self.pair.two, float(self.tree["a"][0][0])]
        told += [float(self.traced[0]), *self.unset, *np.concatenate([*self.past])]
        return told + (self.inner.advance() if self.inner else [])


def test_a_restored_part_goes_on_as_it_would_have() -> None:
    part = Part(1, Part(2))
    part.advance()
    state = part.save_state()
    expected = [part.advance() for _ in range(5)]
    for _ in range(2):  # a state can be used again: restoring copied it
        other = Part(7, Part(8))
        other.restore_state(state)
        assert [other.advance() for _ in range(5)] == expected
    part.restore_state(state)
    assert [part.advance() for _ in range(5)] == expected


def test_a_state_is_on_disk_what_it_was(tmp_path: Path) -> None:
    part = Part(1, Part(2))
    part.advance()
    path = State({"of": "a part"}, part.save_state()).save(tmp_path / "part.npz")
    expected = [part.advance() for _ in range(3)]
    read = State.load(path)
    other = Part()
    other.inner = Part()
    other.restore_state(read.parts)
    assert [other.advance() for _ in range(3)] == expected and read.about == {"of": "a part"}
    assert list(tmp_path.iterdir()) == [path]  # nothing half written is left
    with zipfile.ZipFile(path) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())


def test_numbers_of_any_size_survive(tmp_path: Path) -> None:
    values = {"a": 2**127 + 1, "b": 0.1 + 0.2, "c": float("nan"), "d": -0.0, "e": [None, True, "é"], "f": {}}
    read = State.load(State({}, values).save(tmp_path / "x.npz")).parts
    assert repr(dict(read)) == repr(values)


class Net:
    pass


@pytest.mark.parametrize("value", [Net(), np.array([Net()]), {1: 2}, (each for each in [1]), {1, 2}])
def test_what_is_not_plain_is_refused_by_name(value: Any) -> None:
    part = Part()
    part.text = value
    with pytest.raises(InputError, match=r"Part\.text"):
        part.save_state()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("array", np.zeros(4, np.float32), "shape"),
        ("array", np.zeros(3), "float32"),
        ("array", [0.0, 0.0, 0.0], "float32"),
        ("traced", np.zeros(3, np.float32), "shape"),
        ("count", True, "bool"),
        ("count", 1.5, "float"),
        ("flag", 1, "int"),
        ("text", 3, "int"),
        ("number", "a", "str"),
        ("rng", {"bit_generator": "MT19937"}, "PCG64"),
        ("rng", 3, "PCG64"),
        ("past", 3, "int"),
        ("pair", [np.zeros(2)], "2 parts"),
        ("tree", {"b": []}, "tree"),
        ("tree", {"a": []}, "1 arrays"),
    ],
)
def test_the_state_of_something_else_is_refused(name: str, value: Any, told: str) -> None:
    state = {**Part().save_state(), name: value}
    with pytest.raises(InputError, match=told):
        Part().restore_state(state)


@pytest.mark.parametrize("state", [{}, {"number": 1}, 3, [1], "text"])
def test_another_set_of_names_is_refused(state: Any) -> None:
    with pytest.raises(InputError, match="something else"):
        Part().restore_state(state)


def test_parts_without_a_state_are_left_out() -> None:
    parts = {"a": Part(), "b": None, "c": 3}
    saved = states.save_parts(parts)
    assert list(saved) == ["a"]
    states.restore_parts({"a": Part()}, saved, "a test")
    with pytest.raises(InputError, match="a test has"):
        states.restore_parts({"b": Part()}, saved, "a test")


def write(path: Path, tree: Any, **arrays: np.ndarray) -> Path:
    np.savez(path, state=np.frombuffer(json.dumps(tree).encode(), np.uint8), **arrays)  # pyright: ignore[reportArgumentType]
    return path


def test_files_that_are_no_state_are_refused_in_one_line(tmp_path: Path) -> None:
    good = {"format": 1, "about": {}, "parts": {}}
    whole = State({}, {"a": np.zeros(9)}).save(tmp_path / "whole.npz").read_bytes()
    files = {"empty": b"", "text": b"hello", "cut": whole[:-40]}
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / f"{name}.npz")
        paths[-1].write_bytes(content)
    for k, tree in enumerate(
        (
            [], 3, {}, {**good, "format": 2}, {**good, "parts": []}, {**good, "about": None},
            {**good, "parts": {"a": {"__array__": 0}}}, {**good, "parts": {"a": {"__array__": "x"}}},
        )
    ):  # fmt: skip
        paths.append(write(tmp_path / f"tree{k}.npz", tree))
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    np.savez(tmp_path / "objects.npz", state=np.array([Net()], object), allow_pickle=True)
    paths += [tmp_path / "other.npz", tmp_path / "objects.npz", tmp_path / "absent.npz", tmp_path]
    for path in paths:
        with pytest.raises(InputError) as caught:
            State.load(path)
        assert "\n" not in str(caught.value) and str(path) in str(caught.value), path


def test_a_spoilt_byte_is_no_traceback(tmp_path: Path) -> None:
    path = State({"of": "a test"}, {"a": np.zeros(9), "b": [1.5, "x"]}).save(tmp_path / "x.npz")
    whole, refused = path.read_bytes(), 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            State.load(path)
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > len(whole) / 3


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = State({}, {"a": np.zeros(100_000)}).save(tmp_path / "big.npz")
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(states, "LARGEST_BYTES", 100_000)
    with pytest.raises(InputError, match="unpacks"):
        State.load(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        State({}, {}).save(tmp_path / "nowhere" / "x.npz")
