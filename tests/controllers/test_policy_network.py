"""A trained network in numpy, and what of a file is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers.policy_network import CLIP, Network


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


def test_another_number_of_features_is_refused() -> None:
    with pytest.raises(InputError, match="takes 2 features, and there are 3"):
        two_layers().act(np.zeros(3, np.float32))
