"""Write brian2_spikes.npz: random networks, their input, and every spike that Brian2 makes of them.

    NEUROMECH_BRIAN2=PYTHON python -m tests.brain.neurons.keep_brian2

So that spiking neurons are held against an independent simulator where that is not installed, too.
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from neuromech.brain.neurons.lif import Membrane
from tests import scripts
from tests.brain.neurons.spiking_graphs import case

FILE = Path(__file__).with_name("brian2_spikes.npz")
CASES = {"small": (200, 10, 5000, True), "large": (1000, 20, 2000, False)}


def main() -> None:
    """Run Brian2 on every case and save what went in and what came out."""
    brian = scripts.load(Path(__file__).resolve().parents[3] / "benchmarks" / "brian.py")
    kept: dict[str, np.ndarray] = {}
    for name, (neurons, degree, steps, electrodes) in CASES.items():
        given = case(neurons, degree, steps, neurons + 1, electrodes)
        inputs = {key: getattr(given, key) for key in ("kick_step", "kick_cell", "free", "muted", "drive_mV")}
        found = brian.run(brian.python(), given.synapses, Membrane(), steps, **inputs)
        arrays = {
            **inputs,
            **{key: np.asarray(value) for key, value in vars(given.synapses).items()},
            "steps": np.array(steps),
            "spike_step": found["step"],
            "spike_cell": found["cell"],
        }
        kept |= {f"{name}_{key}": value for key, value in arrays.items()}
    kept |= {f"membrane_{key}": np.array(value) for key, value in asdict(Membrane()).items()}
    np.savez_compressed(FILE, **kept)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()
