"""A trained network in numpy, and what of a file is believed."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers.policy_network import CLIP, Network
from neuromech.training import checkpoint


def two_layers(squash: str = "clip") -> Network:
    hidden = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]), np.array([0.0, 0.5, -0.5])
    last = np.array([[1.0, -1.0, 0.5], [4.0, 0.0, 0.0]]), np.array([0.1, 0.0])
    return Network(np.array([1.0, 2.0]), np.array([2.0, 0.5]), [hidden, last], squash)


def by_hand(features: list[float]) -> np.ndarray:
    x, y = np.clip([(features[0] - 1) / 2, (features[1] - 2) / 0.5], -CLIP, CLIP)
    a, b, c = np.tanh([x, 2 * y + 0.5, x + y - 0.5])
    return np.array([a - b + 0.5 * c + 0.1, 4 * a])


@pytest.mark.parametrize("features", [[1.2, 2.1], [0.0, 0.0], [5.0, 2.0], [1e6, -1e6]])
def test_a_network_is_the_sum_that_it_says(features: list[float]) -> None:
    raw = by_hand(features)
    seen = np.array(features, np.float32)
    assert two_layers().act(seen) == pytest.approx(np.clip(raw, -1, 1), abs=1e-6)
    assert two_layers("tanh").act(seen) == pytest.approx(np.tanh(raw), abs=1e-6)
    assert two_layers().act(seen).dtype == np.float32


def test_a_file_gives_the_same_network(tmp_path: Path) -> None:
    path = tmp_path / "policy.npz"
    two_layers().save(path)
    seen = np.array([1.3, 1.9], np.float32)
    assert Network.load(path, "clip").act(seen) == pytest.approx(two_layers().act(seen), abs=1e-6)
    assert Network.load(path, "clip").shape == (2, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight_0": None}, "no policy"),
        ({"more": np.zeros(1)}, "no policy"),
        ({"mean": np.array([np.nan, 0.0])}, "finite"),
        ({"bias_0": np.zeros(4)}, "do not fit"),
        ({"scale": np.ones(3)}, "do not fit"),
        ({"mean": np.array([{}], dtype=object)}, "policy"),
    ],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "policy.npz"
    two_layers().save(path)
    with np.load(path) as saved:
        arrays = {**saved, **change}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(InputError, match=message):
        Network.load(path, "clip")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.npz"
    with pytest.raises(InputError, match="No such file"):
        Network.load(path, "clip")
    path.write_text("hello")
    with pytest.raises(InputError, match="policy"):
        Network.load(path, "clip")
    two_layers().save(path)
    with pytest.raises(InputError, match="tanh"):
        Network.load(path, "tahn")
    path.write_bytes(path.read_bytes()[:300])  # a disk that was full
    with pytest.raises(InputError, match="policy"):
        Network.load(path, "clip")


class _Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.path, "executed")


def _broken(good: dict[str, np.ndarray], trap: _Trap) -> dict[str, Callable[[Path], object]]:
    """Return what writes each of twenty files that a stranger may send."""

    def saved(**change: Any) -> Callable[[Path], object]:
        arrays = {name: value for name, value in {**good, **change}.items() if value is not None}
        return lambda path: np.savez(path, **arrays)

    def raw(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
        def write(path: Path) -> None:
            np.savez(path, **good)
            path.write_bytes(change(path.read_bytes()))

        return write

    hidden = np.array([trap], dtype=object)
    weight = good["weight_0"]
    return {
        "nothing": lambda path: path.write_bytes(b""),
        "text": lambda path: path.write_text("hello"),
        "a folder": lambda path: path.mkdir(),
        "a pickle": lambda path: path.write_bytes(pickle.dumps(trap)),
        "a pickle in an array": saved(mean=hidden),
        "a pickle beside it": saved(more=hidden),
        "half of a file": raw(lambda data: data[: len(data) // 2]),
        "no end": raw(lambda data: data[:-30]),
        "a flipped byte in the data": raw(
            lambda data: data.replace(weight.tobytes(), weight.tobytes()[::-1])
        ),
        "zeros": raw(lambda data: bytes(len(data))),
        "an array, not an archive": lambda path: np.save(path.open("wb"), weight),
        "an empty archive": lambda path: np.savez(path),
        "no weights": saved(weight_0=None, weight_1=None),
        "no mean": saved(mean=None),
        "a layer left out": saved(weight_0=None),
        "texts for numbers": saved(bias_0=np.array(["a", "b", "c"])),
        "no numbers": saved(scale=np.array([np.nan, 1.0])),
        "infinity": saved(weight_0=np.full_like(weight, np.inf)),
        "one number for many": saved(bias_0=np.float32(1.0)),
        "other sizes": saved(weight_1=np.zeros((2, 7))),
        "an axis too many": saved(weight_0=weight[None]),
        "complex numbers": saved(bias_0=np.array([1j, 0, 0])),
    }


NAMES = tuple(_broken({"weight_0": np.zeros((3, 2))}, _Trap(Path())))


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_of_a_stranger_is_one_line_and_executes_nothing(tmp_path: Path, name: str) -> None:
    two_layers().save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as saved:
        good = dict(saved)
    path, trap = tmp_path / "policy.npz", _Trap(tmp_path / "executed")
    _broken(good, trap)[name](path)
    with pytest.raises(InputError) as refused:
        Network.load(path, "clip")
    assert "\n" not in str(refused.value) and str(path) in str(refused.value)
    if not path.is_dir():
        try:
            checkpoint.load(
                path
            )  # the arrays of a policy make a checkpoint, too; what they mean is not asked
        except InputError as error:
            assert "\n" not in str(error)
    assert not trap.path.exists()


def test_there_are_twenty_broken_files_at_least() -> None:
    assert len(NAMES) >= 20


def test_another_number_of_features_is_refused() -> None:
    with pytest.raises(InputError, match="takes 2 features, and there are 3"):
        two_layers().act(np.zeros(3, np.float32))
