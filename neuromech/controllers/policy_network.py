"""A trained network in numpy: the layers of a policy and the normalisation of what it sees."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import arrays_of

CLIP = 10.0
"""Standard deviations at which normalised observations are cut, as they were in training."""
SQUASH: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "clip": lambda x: np.clip(x, -1.0, 1.0),
    "tanh": np.tanh,
}
"""What brings the last layer's output into [-1, 1], by name."""


class Network:
    """A trained network with its normalisation: features in, actions in [-1, 1] out.

    `layers` are pairs of weight (out, in) and bias (out,); between them stands tanh, after the last
    `squash` (clip or tanh).
    """

    def __init__(
        self,
        mean: np.ndarray,
        scale: np.ndarray,
        layers: Sequence[tuple[np.ndarray, np.ndarray]],
        squash: str,
    ) -> None:
        if squash not in SQUASH:
            raise unknown("squash of a policy", squash, SQUASH)
        self.mean, self.scale, self.layers, self.squash = mean, scale, tuple(layers), squash

    @staticmethod
    def load(path: Path, squash: str) -> "Network":
        """Read policy.npz; nothing in it is executed.

        Raises
        ------
        InputError
            It is not there, is no such file, or holds numbers that are not finite.
        """
        try:
            arrays = arrays_of(path)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no policy"
            raise InputError(f"{path}: {why}") from None
        count = sum(name.startswith("weight_") for name in arrays)
        wanted = {"mean", "scale", *(f"{kind}_{k}" for kind in ("weight", "bias") for k in range(count))}
        if count == 0 or set(arrays) != wanted:
            raise InputError(f"{path} holds {', '.join(sorted(arrays)) or 'nothing'}, which is no policy")
        for name, values in arrays.items():
            if values.dtype.kind not in "fiu" or values.ndim != (2 if name.startswith("weight_") else 1):
                raise InputError(f"{path}: {name} is no {'table' if 'weight' in name else 'list'} of numbers")
            if not np.isfinite(values).all():
                raise InputError(f"{path} holds numbers that are not finite")
        layers = [(arrays[f"weight_{k}"], arrays[f"bias_{k}"]) for k in range(count)]
        network = Network(arrays["mean"], arrays["scale"], layers, squash)
        sizes = [len(network.mean), *(len(bias) for _, bias in layers)]
        shapes = [weight.shape for weight, _ in layers]
        if shapes != list(zip(sizes[1:], sizes[:-1], strict=True)) or network.scale.shape != (sizes[0],):
            raise InputError(f"{path}: the shapes of its layers do not fit each other")
        return network

    def save(self, path: Path) -> None:
        """Write policy.npz."""
        arrays = {"mean": self.mean, "scale": self.scale}
        for k, (weight, bias) in enumerate(self.layers):
            arrays |= {f"weight_{k}": weight, f"bias_{k}": bias}
        kept: dict[str, Any] = {name: np.asarray(each, np.float32) for name, each in arrays.items()}
        np.savez_compressed(path, **kept)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of features and of actions."""
        return len(self.mean), len(self.layers[-1][1])

    def act(self, features: np.ndarray) -> np.ndarray:
        """Return the actions, float32 (action,), without exploration.

        Raises
        ------
        InputError
            The network was trained on another number of features.
        """
        if features.shape != self.mean.shape:
            raise InputError(f"the policy takes {self.mean.size} features, and there are {features.size}")
        x = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)
        for weight, bias in self.layers[:-1]:
            x = np.tanh(weight @ x + bias)
        weight, bias = self.layers[-1]
        return SQUASH[self.squash](weight @ x + bias).astype(np.float32)
