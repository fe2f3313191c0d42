"""The published fly-brain model in Brian2, in an interpreter of its own: arrays in, spikes and seconds out.

    PYTHON benchmarks/brian.py IN.npz OUT.npz [--standalone]

Brian2 2.9, the last for Python 3.11, does not import beside numpy 2.4, and its licence (CeCILL) keeps it out
of the program, so the variable NEUROMECH_BRIAN2 names a Python that has it: ``python -m venv DIR`` and
``DIR/bin/pip install brian2 'numpy<2.4'``. Imports nothing of neuromech. ``--standalone`` compiles to C++.

IN.npz: pre, post, count (edge,); kick_step, kick_cell (kick,); free (cells that are never refractory); muted,
drive_mV (neuron,); steps; and the constants of `neuromech.brain.neurons.lif.Membrane` by name. OUT.npz: step,
cell (spike,); build_s, run_s.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

VARIABLE = "NEUROMECH_BRIAN2"


def python() -> str | None:
    """Return a Python that has Brian2, None if there is none."""
    for candidate in (os.environ.get(VARIABLE), sys.executable):
        if (
            candidate
            and not subprocess.run([candidate, "-c", "import brian2"], capture_output=True).returncode
        ):
            return candidate
    return None


def run(
    interpreter: str, synapses: Any, membrane: Any, steps: int, standalone: bool = False, **inputs: np.ndarray
) -> Mapping[str, np.ndarray]:
    """Run ``Synapses`` of `Membrane` neurons for some steps elsewhere; ``inputs`` as in IN.npz."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "in.npz", Path(folder) / "out.npz"
        edges = {"pre": synapses.pre, "post": synapses.post, "count": synapses.count}
        np.savez(given, **edges, **inputs, **asdict(membrane), steps=steps)
        command = [interpreter, __file__, str(given), str(found), *["--standalone"] * standalone]
        finished = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        if finished.returncode:
            raise RuntimeError(finished.stderr.strip().splitlines()[-1])
        with np.load(found) as arrays:
            return dict(arrays)


def main() -> None:
    """Simulate what IN.npz describes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("given")
    parser.add_argument("found")
    parser.add_argument("--standalone", action="store_true")
    options = parser.parse_args()
    import brian2 as b  # pyright: ignore[reportMissingImports]  (elsewhere)

    p = np.load(options.given)
    dt = float(p["step_ms"]) * b.ms
    if options.standalone:
        b.set_device("cpp_standalone", directory=str(Path(options.found).with_suffix("")), build_on_run=False)
    else:
        b.prefs.codegen.target = "numpy"
    b.defaultclock.dt = dt
    began = time.perf_counter()
    names = {name: float(p[name]) for name in p.files if not p[name].ndim}
    space = {
        "v0": names["rest_mV"] * b.mV,
        "vth": names["threshold_mV"] * b.mV,
        "tm": names["membrane_ms"] * b.ms,
        "tg": names["synapse_ms"] * b.ms,
        "kick": names["kick_mV"] * b.mV,
    }
    equations = """dv/dt = (v0 - v + g + drive) / tm : volt (unless refractory)
                   dg/dt = -g / tg : volt (unless refractory)
                   drive : volt
                   rest : second"""
    cells = b.NeuronGroup(
        len(p["muted"]), equations, threshold="v > vth", reset="v = v0; g = 0 * mV", refractory="rest",
        method="exact", namespace=space,
    )  # fmt: skip
    held = np.full(len(p["muted"]), names["refractory_ms"])
    held[p["free"]] = 0.0
    cells.v, cells.rest, cells.drive = names["rest_mV"] * b.mV, held * b.ms, p["drive_mV"] * b.mV
    wires = b.Synapses(cells, cells, "w : volt", on_pre="g += w", delay=names["delay_ms"] * b.ms)
    wires.connect(i=p["pre"], j=p["post"])
    wires.w = p["count"] * ~p["muted"][p["pre"]] * names["weight_mV"] * b.mV
    kicker = b.SpikeGeneratorGroup(len(p["muted"]), p["kick_cell"], p["kick_step"] * dt)
    kicks = b.Synapses(kicker, cells, on_pre="v += kick", namespace=space)
    kicks.connect(j="i")
    monitor = b.SpikeMonitor(cells)
    network = b.Network(cells, wires, kicker, kicks, monitor)
    network.run(int(p["steps"]) * dt)
    if options.standalone:
        b.device.build(directory=str(Path(options.found).with_suffix("")), compile=True, run=False)
    build_s, began = time.perf_counter() - began, time.perf_counter()
    if options.standalone:
        b.device.run(str(Path(options.found).with_suffix("")), with_output=False)
        run_s = float(b.device._last_run_time)
    else:
        build_s, run_s = 0.0, build_s + time.perf_counter() - began
    step = np.rint(np.asarray(monitor.t / dt)).astype(int)
    np.savez(options.found, step=step, cell=np.array(monitor.i), build_s=build_s, run_s=run_s)


if __name__ == "__main__":
    main()
