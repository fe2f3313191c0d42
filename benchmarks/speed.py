"""How fast the closed loop is, on one core, and against what: prints and writes docs/validation/speed.md.

    python benchmarks/speed.py [--quick] [--output FILE]

Everything is measured in one process, one after the other, so that the ratios mean something on a busy
machine too.
"""

import os

# Before numpy, numba or JAX are imported: they read these once.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import argparse  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections import defaultdict  # noqa: E402
from collections.abc import Callable, Iterator, Mapping  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import dataclass, replace  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import alternatives  # noqa: E402
import numpy as np  # noqa: E402
import peers  # noqa: E402

from neuromech import __version__, recording  # noqa: E402
from neuromech.brain.brain import init  # noqa: E402
from neuromech.brain.compiled import ALONE, side_by_side  # noqa: E402
from neuromech.controllers.connectome import ConnectomeController  # noqa: E402
from neuromech.loop import Loop  # noqa: E402
from neuromech.specs.compose import load_run  # noqa: E402
from neuromech.specs.run import Run  # noqa: E402

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation" / "speed.md"
EXPERIMENT = "worm_chemotaxis"
"""What the alternatives are compared on."""
MOUSE = "mouse_gaits"
OTHERS = ("fish_optomotor", MOUSE)
FLIES = ("fly_walk", "fly_manc_walk", "fly_optomotor")
"""The fly on its floor, the same on the wiring of its nerve cord, and in the drum with both its eyes; shorter
than the others, it is slower."""
STAGES = ("physics", "senses", "brain", "record", "rest of the loop")
PACKAGES = ("mujoco", "jax", "numpy", "numba", "equinox")
BEFORE = (
    "*Before* is the commit of 23 November 2026, when the loop was Python between small compiled calls,",
    "played in the same minutes with its own modules; *asked* is what was set as a goal, met or not.",
    "A start is mostly imports that every run needs: JAX, numba, matplotlib, pandas and hydra. PPO from",
    "muscles is bounded by the physics, which the earlier state computed as well; compare the column for",
    "one core.",
)
"""What the tables of before.py do not say."""
TOLERANCE = 1e-3
"""Largest difference of excitation between the brain in JAX and in numpy."""


@dataclass(frozen=True)
class Closed:
    """The closed loop: microseconds per control step by stage, and seconds."""

    stages_us: dict[str, float]
    simulated_s: float
    wall_s: float

    @property
    def factor(self) -> float:
        return self.simulated_s / self.wall_s


class Clocks:
    """Wraps functions and adds up the seconds spent in each."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def around(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                self.seconds[stage] += time.perf_counter() - began

        return timed


def closed_loop(run: Run, folder: Path) -> Closed:
    """Play an episode of ``run`` as `neuromech run` does, with a clock around each stage."""
    loop, clocks = Loop.of(run), Clocks()
    loop.animal.observe = clocks.around("senses", loop.animal.observe)
    loop.animal.step = clocks.around("step", loop.animal.step)
    loop.controller.act = clocks.around("brain", loop.controller.act)
    began = time.perf_counter()
    with recorder_timed(clocks):
        loop.play(folder / "episode.nc", {})
    wall = time.perf_counter() - began
    spent = clocks.seconds
    parts = {
        "physics": spent["step"] - spent["senses"],
        "senses": spent["senses"],
        "brain": spent["brain"],
        "record": spent["record"],
    }
    parts["rest of the loop"] = wall - sum(parts.values())
    steps = round(run.duration_s / run.clock.control_s)
    return Closed({stage: parts[stage] / steps * 1e6 for stage in STAGES}, run.duration_s, wall)


@contextmanager
def recorder_timed(clocks: Clocks) -> Iterator[None]:
    """Put a clock around the recorder for a while: opening, rows with their flushes, closing."""
    names = ("__init__", "append", "close")
    kept = {name: getattr(recording.Recorder, name) for name in names}
    for name, work in kept.items():
        setattr(recording.Recorder, name, clocks.around("record", work))
    try:
        yield
    finally:
        for name, work in kept.items():
            setattr(recording.Recorder, name, work)


def brains(run: Run, steps: int) -> tuple[float, float, float]:
    """Microseconds per control step of the brain in JAX and in numpy, and their largest difference.

    Both get the same senses, those of a worm whose body bends as in crawling, without membrane noise.
    """
    loop = Loop.of(run)
    controller = loop.controller
    assert isinstance(controller, ConnectomeController)
    clock, compiled = run.clock, side_by_side(*controller.compilation)
    packed = compiled.numbers(controller.brain)
    state = [np.stack([array] * ALONE) for array in compiled.states.pack(init(controller.brain))]
    present = np.ones(len(controller.neuron_names), np.float32)
    silent = np.zeros_like(present)
    joints = np.arange(24) / 24
    senses = [
        np.concatenate([8 * np.sin(2 * np.pi * (0.004 * k - joints / 0.6)), [10 + k / steps], [0.0, 0.0]])
        for k in range(steps)
    ]
    senses = [sense.astype(np.float32) for sense in senses]
    advance = compiled.steps
    given = [np.stack([np.concatenate([sense, silent, present])] * ALONE) for sense in senses]
    advance(packed, state, given[0], 1)
    began = time.perf_counter()
    from_jax = []
    for each in given:
        state, shown = advance(packed, state, each, 1)
        from_jax.append(np.asarray(shown)[0, : -len(present)])
    jax_us = (time.perf_counter() - began) / steps * 1e6
    plain = alternatives.NumpyBrain(controller.brain, clock.control_s, clock.brain_substeps)
    began = time.perf_counter()
    from_numpy = [plain.step(sense, silent, present) for sense in senses]
    numpy_us = (time.perf_counter() - began) / steps * 1e6
    return jax_us, numpy_us, float(np.abs(np.array(from_jax) - np.array(from_numpy)).max())


def machine() -> list[str]:
    """What it ran on and with."""
    load = f", load average {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"- CPU: {cpu()}, {os.cpu_count()} cores, one used{load}",
        f"- {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        f"- neuromech {__version__}, {versions}",
    ]


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def peak_memory_mb() -> float:
    """The most memory this process has held, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def measure(quick: bool) -> str:
    """Measure everything; returns the report in markdown."""
    simulated_s = 2.0 if quick else 30.0
    about = machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = load_run([f"experiment={EXPERIMENT}", f"duration_s={simulated_s}", f"output={folder}"])
        closed = warmed(run, folder)
        stages = stage_table(run, closed)
        peak = peak_memory_mb()  # of the loop, before the alternatives are built
        bare = alternatives.bare_step(run, simulated_s)
        jax_us, numpy_us, difference = brains(run, 200 if quick else 3000)
        implicit, implicit_mm_s = alternatives.crawl(run, max(simulated_s / 2, 6.0), explicit=False)
        explicit, explicit_mm_s = alternatives.crawl(run, max(simulated_s / 2, 6.0), explicit=True)
        peer = peers.ELEGANSBOT.measured(0.1 if quick else 5.0)
        others = {}
        for experiment in OTHERS:
            other = load_run(
                [f"experiment={experiment}", f"duration_s={simulated_s / 2}", f"output={folder}"]
            )
            others[experiment] = warmed(other, folder)
            stages += stage_table(other, others[experiment])
        mouse_alone = alternatives.replayed(load_run([f"experiment={MOUSE}"]), simulated_s / 2)
        rodent = alternatives.rodent(0.2 if quick else 10.0)
        flies = {}
        for experiment in FLIES:
            seconds = 0.2 if quick else 8.0
            fly = load_run([f"experiment={experiment}", f"duration_s={seconds}", f"output={folder}"])
            flies[experiment] = warmed(fly, folder)
            stages += stage_table(fly, flies[experiment])
        alone = alternatives.replayed(load_run(["experiment=fly_walk"]), 0.2 if quick else 8.0)
        flygym = peers.FLYGYM.measured(0.05 if quick else 2.0)
    if not difference < TOLERANCE:
        raise SystemExit(f"the numpy brain is {difference:.2g} away from the JAX brain")
    own_step, other_step = 1e3 * run.clock.physics_s, 1e3 * alternatives.EXPLICIT_STEP_S
    compared = [
        ("closed loop / bare `mj_step` of the same model", "x real time", closed.factor, bare),
        ("brain in numpy / in JAX, one call per control step", "µs", numpy_us, jax_us),
        (
            f"implicit drag, {own_step:g} ms, true inertia / explicit drag, {other_step:g} ms, inertia "
            f"x {alternatives.EXPLICIT_INERTIA:,.0f} everywhere",
            "x real time",
            implicit,
            explicit,
        ),
        (
            "the same two, crawling speed under an imposed wave",
            "µm/s",
            1e3 * implicit_mm_s,
            1e3 * explicit_mm_s,
        ),
    ]
    if "why" not in peer:
        name = (
            f"worm: body alone under an imposed wave, {own_step:g} ms / ElegansBot {peer['version']}, also a "
            f"body alone, {peer['step_ms']:g} ms"
        )
        compared.append((name, "x real time", implicit, peer["crawl"]))
    if rodent is not None:
        name = f"dm_control {rodent.version}, its rodent under random actions, {rodent.step_ms:g} ms"
        compared += [
            (f"mouse: closed loop trotting / {name}, as its library steps it", "x real time",
             others[MOUSE].factor, rodent.environment),
            (f"mouse: body alone trotting / {name}, bare `mj_step`", "x real time",
             mouse_alone, rodent.bare),
        ]  # fmt: skip
    compared += beside_flies(flies, alone, flygym)
    lines = [
        "# Speed",
        "",
        f"Made by `python benchmarks/speed.py{' --quick' if quick else ''}`; `make bench` makes it anew.",
        "",
        *about,
        "",
        *stages,
        f"Peak memory of the process after `{EXPERIMENT}`: {peak:.0f} MB.",
        "",
        "| compared in the same run | unit | first | second | first / second |",
        "|---|---|---|---|---|",
        *[f"| {what} | {unit} | {a:.3g} | {b:.3g} | {a / b:.2g} |" for what, unit, a, b in compared],
        "",
        *notes(rodent is not None, {"ElegansBot": peer, "flygym": flygym}),
        "",
        printed("spiking.py", quick),
        "",
        "## Beside the state before the loop was compiled",
        "",
        *BEFORE,
        "",
        printed("before.py", quick),
    ]
    return "\n".join(lines)


def beside_flies(
    flies: Mapping[str, Closed], alone: float, flygym: Mapping[str, Any]
) -> list[tuple[str, str, float, float]]:
    """What the flies are compared with: what, unit, first and second; `alone` is the body of `fly_walk`."""
    walk, cord, drum = (flies[name].factor for name in FLIES)
    rows = [
        ("fly on the floor: closed loop / body alone, same excitations", walk, alone),
        ("fly on the floor, closed loop: wiring of its nerve cord (MANC) / `fly_walk`", cord, walk),
        ("fly: closed loop in the drum, both eyes / on the floor, eyes that see nothing", drum, walk),
    ]
    if "why" not in flygym:
        name, step = f"flygym {flygym['version']}", f"{flygym['step_ms']:g} ms"
        rows += [
            (f"fly: closed loop walking / {name}, tripod, {step}", walk, flygym["walk"]),
            (f"fly: body alone walking / {name}, bare `mj_step`, {step}", alone, flygym["bare"]),
        ]
    return [(what, "x real time", first, second) for what, first, second in rows]


def printed(script: str, quick: bool) -> str:
    """What a script prints, in a process of its own: its memory is not that of the loop."""
    command = [sys.executable, str(Path(__file__).with_name(script)), *["--quick"] * quick]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def warmed(run: Run, folder: Path) -> Closed:
    """Play ``run`` once everything is compiled."""
    closed_loop(replace(run, duration_s=2.0), folder)
    return closed_loop(run, folder)


def stage_table(run: Run, closed: Closed) -> list[str]:
    """Lines of markdown: the clock of ``run`` and the time that each stage took."""
    clock, total = run.clock, sum(closed.stages_us.values())
    return [
        f"`{run.experiment}`, {closed.simulated_s:g} s simulated after a warm-up; physics "
        f"{1e3 * clock.physics_s:g} ms, control {1e3 * clock.control_s:g} ms, "
        f"record {1e3 * clock.record_s:g} ms, brain {1e3 * clock.control_s / clock.brain_substeps:g} ms",
        "",
        "| stage | µs per control step | share |",
        "|---|---|---|",
        *(f"| {stage} | {us:.0f} | {100 * us / total:.0f} % |" for stage, us in closed.stages_us.items()),
        f"| **closed loop** | **{total:.0f}** | **{closed.factor:.1f} x real time** |",
        "",
    ]


def notes(rodent: bool, own: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the tables do not say; `own` is what was measured in each peer's own environment."""
    lines = [
        "The bare model feels no drag and has no senses, brain or recorder: it is what MuJoCo itself",
        "costs. The brains in numpy and JAX get the same input and must agree.",
    ]
    if not rodent:
        lines.append(
            "dm_control is not installed here (it has no wheel for Python 3.13 and later): no rodent."
        )
    lines += [
        f"{name} was not measured: {found['why']}."
        if "why" in found
        else f"{name} runs in an environment of its own, in the same minutes and on the same core."
        for name, found in own.items()
    ]
    lines += [
        "Boyle et al. 2012, OpenWorm (Sibernetic, c302) and BAAIWorm cannot be installed as Python packages",
        "and are not measured here.",
    ]
    return lines


def main() -> None:
    """Parse the command line, measure, print and write."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes, for tests")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    report = measure(options.quick)
    print(report)
    options.output.write_text(report)


if __name__ == "__main__":
    main()
