"""Play the first seconds of every experiment in two checkouts and compare what was recorded, to the last bit.

    python benchmarks/same_bits.py OLD_CHECKOUT NEW_CHECKOUT [--seconds 2] [--experiments a,b]

Each checkout plays in a process of its own with its own modules and content, so that a move of modules can be
held against the state before it. The exit code is 1 if any array differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import xarray as xr


def play(checkout: Path, experiment: str, seconds: float, output: Path) -> Path | str:
    """Return the recording of an experiment that a checkout played, or the line that says why it did not."""
    command = [
        sys.executable, "-m", "neuromech", "run", f"experiment={experiment}", f"duration_s={seconds}",
        "seed=0", "video=false", f"output={output}", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no message"])[-1]
    return output / "episode_000.nc"


def differences(old: Path, new: Path) -> list[str]:
    """Return the names of the arrays of two recordings that are not the same bits, or are in one only."""
    with xr.open_dataset(old) as before, xr.open_dataset(new) as after:
        names = sorted({str(name) for name in (*before.variables, *after.variables)})
        return [
            name
            for name in names
            if name not in before.variables
            or name not in after.variables
            or before[name].dtype != after[name].dtype
            or before[name].shape != after[name].shape
            or np.ascontiguousarray(before[name].values).tobytes()
            != np.ascontiguousarray(after[name].values).tobytes()
        ]


def main() -> int:
    """Compare all experiments of the older checkout, one line each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--experiments", help="names with commas, all if left out")
    options = parser.parse_args()
    old, new = options.old.resolve(), options.new.resolve()
    files = sorted((old / "configs" / "experiment").glob("*.yaml"))
    names = options.experiments.split(",") if options.experiments else [file.stem for file in files]
    same, differ, unplayed = 0, 0, 0
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            first = play(old, name, options.seconds, Path(scratch) / "old")
            second = play(new, name, options.seconds, Path(scratch) / "new")
            if isinstance(first, str):
                unplayed += 1
                print(f"{name}: not played in {old.name} ({first})", flush=True)
                continue
            if isinstance(second, str):
                differ += 1
                print(f"{name}: not played in {new.name} ({second})", flush=True)
                continue
            found = differences(first, second)
            with xr.open_dataset(first) as dataset:
                arrays, numbers = len(dataset.variables), sum(v.size for v in dataset.variables.values())
        differ += bool(found)
        same += not found
        verdict = f"differs in {', '.join(found)}" if found else "the same bits"
        print(f"{name}: {verdict} ({arrays} arrays, {numbers:,} numbers)", flush=True)
    print(f"{same} the same to the last bit, {differ} different, {unplayed} not played before")
    return 1 if differ else 0


if __name__ == "__main__":
    raise SystemExit(main())
