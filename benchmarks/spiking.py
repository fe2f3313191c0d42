"""How fast the fly's spiking brain is, on one core, and against Brian2 in C++: prints lines of markdown.

    python benchmarks/spiking.py [--quick]

`speed.py` runs it and puts what it prints into speed.md. Every neuron gets the same input spikes in both
programs, and the spikes that come out are compared step by step.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402

import brian  # noqa: E402
import numpy as np  # noqa: E402

from neuromech.brain import wirings  # noqa: E402
from neuromech.brain.neurons.event_driven import EventNetwork  # noqa: E402
from neuromech.brain.neurons.lif import Membrane, Spikes  # noqa: E402
from neuromech.brain.neurons.synapses import Synapses  # noqa: E402
from neuromech.brain.sparse_connectome import SparseConnectome  # noqa: E402
from neuromech.specs import datasets  # noqa: E402

REAL = "flywire783_ge5_within_side"
TARGET_S, AIM_S, LOADING_S, MEMORY_MB = 0.5, 0.2, 1.0, 1500.0
"""What was asked for before anything was measured: wall per simulated second, loading, memory."""
NEURONS, EDGES = 138_639, 15_100_000
"""Those of the whole brain, release 783."""
SPREAD, BOTH_WAYS, MEAN_COUNT, INHIBITORY = 1.05, 0.66, 3.6, 0.3
"""Of the synthetic graph: standard deviation of the logarithm of the degrees and correlation of in- and
out-degree,
as in the real within-side graph; contacts per edge and share of inhibitory neurons of release 783."""
RATE_HZ = 150.0
REPEATS = 5


@dataclass(frozen=True)
class Input:
    """Neurons that are kicked at random, and the kicks."""

    cells: np.ndarray
    step: np.ndarray
    cell: np.ndarray


@dataclass(frozen=True)
class Timed:
    """What a run of the events took and gave."""

    wall_s: float
    spikes: Spikes
    deliveries: int
    active: int

    def per_spike_us(self) -> float:
        return 1e6 * self.wall_s / max(len(self.spikes.step), 1)


def synthetic(neurons: int, edges: int, seed: int = 0) -> Synapses:
    """A random graph whose degrees are spread like those of the fly's brain."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(neurons)
    ends = []
    for _ in range(2):
        own = rng.standard_normal(neurons)
        share = np.exp(SPREAD * (np.sqrt(BOTH_WAYS) * common + np.sqrt(1 - BOTH_WAYS) * own))
        ends.append(np.repeat(np.arange(neurons), rng.multinomial(edges, share / share.sum())))
    pre, post = ends[0], rng.permutation(ends[1])
    sign = np.where(rng.random(neurons) < INHIBITORY, -1, 1)
    return Synapses.of(neurons, pre, post, rng.geometric(1 / MEAN_COUNT, edges) * sign[pre])


def kicks(synapses: Synapses, count: int, steps: int, seed: int = 1) -> Input:
    """Random input to ``count`` neurons, better connected than most."""
    rng = np.random.default_rng(seed)
    degree = np.diff(synapses.start)
    cells = rng.choice(np.flatnonzero(degree > degree.mean()), count, replace=False)
    step, which = np.nonzero(rng.random((steps, count)) < RATE_HZ * Membrane().step_ms / 1000)
    return Input(cells, step, cells[which])


def play(network: EventNetwork, given: Input, steps: int) -> Timed:
    """The fastest of a few runs of some steps, after one that warms up."""
    network.unrefract(given.cells)
    best = np.inf
    for _ in range(REPEATS + 1):
        network.reset()
        began = time.perf_counter()
        spikes = network.advance(steps, given.step, given.cell)
        best = min(best, time.perf_counter() - began)
    deliveries = int(np.diff(network.synapses.start)[spikes.cell].sum())
    return Timed(best, spikes, deliveries, len(np.unique(spikes.cell)))


def beside_brian(synapses: Synapses, given: Input, steps: int, own: Timed) -> tuple[str, str]:
    """Brian2's seconds in C++, and whether its spikes are the same."""
    interpreter = brian.python()
    if interpreter is None:
        return "not installed", "-"
    nobody = np.zeros(synapses.size, bool)
    found = brian.run(
        interpreter, synapses, Membrane(), steps, standalone=True, kick_step=given.step, kick_cell=given.cell,
        free=given.cells, muted=nobody, drive_mV=nobody.astype(float),
    )  # fmt: skip
    theirs = np.lexsort((found["cell"], found["step"]))
    ours = np.lexsort((own.spikes.cell, own.spikes.step))
    same = np.array_equal(found["step"][theirs], own.spikes.step[ours]) and np.array_equal(
        found["cell"][theirs], own.spikes.cell[ours]
    )
    return f"{float(found['run_s']):.2f}", f"all {len(theirs)} the same" if same else "different"


def row(name: str, synapses: Synapses, count: int, steps: int) -> str:
    """One line of the table: a graph with some neurons stimulated."""
    given = kicks(synapses, count, steps)
    network = EventNetwork(synapses, Membrane())
    own = play(network, given, steps)
    simulated_s = steps * Membrane().step_ms / 1000
    loaded_s, peak = alone(synapses, given, steps)
    theirs, same = beside_brian(synapses, given, steps, own)
    wall = own.wall_s / simulated_s
    verdict = "aim" if wall <= AIM_S else "target" if wall <= TARGET_S else "**missed**"
    return (
        f"| {name} | {synapses.size:,} | {len(synapses.post):,} | {len(own.spikes.step) / simulated_s:,.0f} "
        f"| {own.active} | {wall:.3f} | {verdict} | {own.per_spike_us():.2f} | "
        f"{1e9 * own.wall_s / max(own.deliveries, 1):.0f} | {loaded_s:.2f} | {peak:.0f} | {theirs} | {same} |"
    )


def growth(synapses: Synapses, steps: int) -> list[str]:
    """Wall time by activity, and by number of neurons that stay quiet."""
    lines = ["", "| stimulated neurons | spikes/s | deliveries/s | wall s per s |", "|---|---|---|---|"]
    simulated_s = steps * Membrane().step_ms / 1000
    network = EventNetwork(synapses, Membrane())
    for count in (0, 10, 30, 100):
        timed = play(network, kicks(synapses, count, steps), steps)
        spikes, sent, wall = (
            each / simulated_s for each in (len(timed.spikes.step), timed.deliveries, timed.wall_s)
        )
        lines.append(f"| {count} | {spikes:,.0f} | {sent:,.0f} | {wall:.4f} |")
    lines += ["", "| neurons, the added ones quiet | spikes/s | wall s per s |", "|---|---|---|"]
    given = kicks(synapses, 30, steps)
    for times in (1, 2, 4):
        more = np.full(synapses.size * (times - 1), synapses.start[-1])
        larger = Synapses(np.concatenate([synapses.start, more]), synapses.post, synapses.count)
        timed = play(EventNetwork(larger, Membrane()), given, steps)
        lines.append(
            f"| {larger.size:,} | {len(timed.spikes.step) / simulated_s:,.0f} "
            f"| {timed.wall_s / simulated_s:.4f} |"
        )
    return lines


def alone(synapses: Synapses, given: Input, steps: int) -> tuple[float, float]:
    """Seconds to load a converted wiring, and MB held at most, by a process that only loads and runs it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("start", "post", "count"):
            np.save(folder / f"{each}.npy", getattr(synapses, each))
        for each in ("cells", "step", "cell"):
            np.save(folder / f"given_{each}.npy", getattr(given, each))
        command = [sys.executable, __file__, "--alone", name, "--steps", str(steps)]
        said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return said["loading_s"], said["peak_MB"]


def load_and_run(folder: Path, steps: int) -> None:
    """What `alone` asks of the other process."""
    empty = np.zeros(0, int)
    small = Synapses.of(2, np.zeros(1, int), np.ones(1, int), np.ones(1, int))
    EventNetwork(small, Membrane()).advance(1, empty, empty)  # compiled, or read from numba's cache
    began = time.perf_counter()
    arrays = [np.load(folder / f"{each}.npy", mmap_mode="r") for each in ("start", "post", "count")]
    network = EventNetwork(Synapses(*arrays), Membrane())
    network.advance(1, empty, empty)
    loading_s = time.perf_counter() - began
    given = Input(*(np.load(folder / f"given_{each}.npy") for each in ("cells", "step", "cell")))
    network.unrefract(given.cells)
    network.advance(steps, given.step, given.cell)
    print(json.dumps({"loading_s": loading_s, "peak_MB": peak_memory_mb()}))


def peak_memory_mb() -> float:
    """The most memory this process has held, MB; Linux' own count, which forgets who started the process."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1e6 if sys.platform == "darwin" else 1e3)


def report(quick: bool) -> list[str]:
    """Measure everything; lines of markdown."""
    steps = 1000 if quick else 10_000
    lines = [
        "## The fly's brain in spikes",
        "",
        f"Event by event, float64, steps of {Membrane().step_ms:g} ms, the fastest of {REPEATS} runs of "
        f"{steps * Membrane().step_ms / 1000:g} s; some well-connected neurons get random spikes at "
        f"{RATE_HZ:g} Hz. Asked for: at most {TARGET_S:g} s of wall per simulated second (aim {AIM_S:g} s), "
        f"{MEMORY_MB:g} MB, {LOADING_S:g} s to load. Brian2 runs as C++ standalone, compiling not counted.",
        "",
        "| graph | neurons | edges | spikes/s | active | wall s per s | reached | µs per spike "
        "| ns per delivery | load s | peak MB | Brian2 s per s | spikes, each against Brian2's |",
        "|" + "---|" * 13,
    ]
    there = all(datasets.here(datasets.find(need)) for need in wirings.WIRINGS[REAL].needs)
    if there:
        lines.append(row("FlyWire 783, within one side", SparseConnectome.load(REAL).synapses, 40, steps))
    graph = synthetic(NEURONS // (20 if quick else 1), EDGES // (20 if quick else 1))
    lines.append(row("synthetic, degrees alike", graph, 5 if quick else 100, steps))
    lines += growth(graph, steps)
    if not there:
        lines.append(
            f"{REAL} is not on this machine (NEUROMECH_DATA), so the real graph is not in the table."
        )
    return lines


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the neurons, a tenth of the time"
    )
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        load_and_run(options.alone, options.steps)
    else:
        print("\n".join(report(options.quick)))


if __name__ == "__main__":
    main()
