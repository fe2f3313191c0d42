"""Every key of a configuration with values that nobody means: what the program makes of them.

The n-th input of a row is always the same key and value, so that one that failed can be tried again.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.specs import compose, keywords
from neuromech.specs.checking import plain
from neuromech.specs.run import Run, dump
from neuromech.specs.yaml_files import dump_yaml, read_yaml
from tests.specs.wrong import FILES, PENDULUM

EXPERIMENTS = ("worm_chemotaxis", "fish_rheotaxis", "mouse_gaits", "fly_odour")
"""One of each animal; a key of several of them is tried once."""
DEEP = "[" * 60 + "]" * 60
TEXTS = (
    "nan", "inf", "-1", "1e308", "", "x" * 100_000, "null", "true", "[]", "{}", DEEP, "'${oc.env:HOME}'",
    "'/no such/folder [1] {2}'", "'\u00b5\u202e\u2603\U0001f9a0'", "'\x1b[2J\x07\x00'", "9" * 400, "0", "0.5",
    "[1,[nan,{a:-inf}]]", "{_target_:os.system,a:{b:[]}}",
)  # fmt: skip
"""Values as they stand on a command line."""
VALUES: tuple[Any, ...] = (
    float("nan"), float("-inf"), -1, -1e308, "", "y" * 100_000, None, False, (), {}, [[[[[[]]]]]],
    "${oc.env:HOME}", Path("/no such/folder [1] {2}"), "\ud800\u0000\n\t", "a'b\"c\\", 10**400, 1, 1e-320,
    [1, [float("nan"), {"a": float("inf")}]], {"a": {"b": [None]}, "kind": "x"},
)  # fmt: skip
"""Values as Python gives them."""
LONGEST_LINE = 1000
WIRING = {
    "neurons.csv": "name,class,type,transmitter\nA,A,sensory,glutamate\nM,M,motor,glutamate\n",
    "connections.csv": "pre,post,kind,weight,sign\nA,M,chemical,1,1\nM,motor,neuromuscular,1,1\n",
    "parameters.yaml": """parameters:
  {scale_pA: 10, noise_pA: {'*': 0}, tone: 0, command_pA: {A: 1}, tau_ms: {'*': 20},
   adapt_ms: {'*': 100}, adapt_pA: {'*': 0}, threshold_pA: {'*': 0},
   bias_pA: {'*': 1}, peak_Hz: {'*': 100}, chemical_pA: {'*>*': 10}, neuromuscular: {'*': 1},
   angle: {threshold: 0, scale: 1, current_pA: 5}}
""",
}
"""The wiring of the small animal."""

Key = tuple[str, ...]


class _Begun(Exception):
    """What would be trained or searched is all checked."""


def _paths(tree: Any, above: Key = ()) -> Iterator[Key]:
    """Yield every key of a tree, groups too, and those of the first item of a list of groups."""
    if above:
        yield above
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _paths(value, (*above, str(key)))
    elif isinstance(tree, list) and tree and isinstance(tree[0], dict | list):
        yield from _paths(tree[0], (*above[:-1], f"{above[-1]}[0]"))


@functools.cache
def inputs(row: str) -> list[tuple[str, str]]:
    """Return (experiment, key) for every key of a row."""
    found: dict[str, str] = {}
    for experiment, tree in ROWS[row].trees():
        for path in _paths(tree):
            found.setdefault(".".join(path), experiment)
    return [(experiment, key) for key, experiment in found.items()]


def count(row: str) -> int:
    """Return how many inputs a row has: each key with every value, as text or from Python."""
    return len(inputs(row)) * (len(TEXTS) + len(VALUES)) // 2


def text(row: str, number: int) -> tuple[str, list[str]]:
    """Return the experiment and the override of an input.

    Raises
    ------
    InputError
        A value from Python cannot be written.
    """
    which, value = divmod(number, len(TEXTS))
    experiment, key = inputs(row)[which]
    if (which + value) % 2:
        return experiment, keywords.overrides({key: VALUES[value]})
    return experiment, [f"{key}={TEXTS[value]}"]


def prepare(row: str) -> None:
    """Load what every input needs, so that the time of the first is its own."""
    inputs(row)


def attempt(row: str, number: int, folder: Path) -> tuple[str, str]:
    """Try one input; returns "read" (accepted), "refused", "traceback" or "wrong", and more about it."""
    if not (folder / "configs").exists():
        write_pendulum(folder)
    said = ""
    try:
        with warnings.catch_warnings(), contextlib.chdir(folder):
            warnings.simplefilter("ignore")
            experiment, overrides = text(row, number)
            said = f"{overrides[0][:80]!r} of {experiment}" if overrides else "nothing"
            problem = ROWS[row].attempt(experiment, overrides, folder)
        return ("wrong", f"{said}: {problem}") if problem else ("read", "")
    except InputError as error:
        line = str(error)
        if line.isprintable() and len(line) <= LONGEST_LINE:
            return "refused", line
        return "traceback", f"{said}: not one line: {line[:200]!r}"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return (
            "traceback",
            f"{said}: {type(error).__name__}: {str(error)[:120]} ({where.name}:{where.lineno})",
        )


def write_pendulum(folder: Path) -> None:
    """Write an animal of one joint, which is built and played in a moment."""
    places = {
        "body": "bodies/pendulum", "environment": "environments/place", "controller": "controllers/mine",
        "experiment": "configs/experiment",
    }  # fmt: skip
    for section, place in places.items():
        file = folder / place / ("pendulum.yaml" if section == "experiment" else f"{section}.yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        change = {"start": {"distance_mm": 0.0, "heading": 0.0}} if section == "experiment" else {}
        file.write_text(dump_yaml({**FILES[section], **change}))
    (folder / "bodies/pendulum/pendulum.xml").write_text(PENDULUM)
    for name, lines in WIRING.items():
        (folder / "controllers/mine" / name).write_text(lines)


class _RunKeys:
    """The keys of a run: composed and checked, and written as a config.yaml that says the same run."""

    def trees(self) -> Iterator[tuple[str, Any]]:
        for name in EXPERIMENTS:
            yield name, plain(compose.load_run([f"experiment={name}"]))

    def attempt(self, experiment: str, overrides: list[str], folder: Path) -> str:
        run = compose.load_run([f"experiment={experiment}", *overrides])
        file = folder / "configs" / "config.yaml"
        file.write_bytes(dump(run).encode("utf-8", "replace"))
        if read_yaml(file)["seed"] != run.seed:
            return "its config.yaml says another seed"
        return ""


class _Played:
    """The keys of a small animal; what is accepted is built and stepped."""

    def trees(self) -> Iterator[tuple[str, Any]]:
        with _pendulum() as run:
            yield "pendulum", {key: value for key, value in plain(run([])).items() if key != "output"}

    def attempt(self, experiment: str, overrides: list[str], folder: Path) -> str:
        run = compose.load_run([f"experiment={experiment}", *overrides], [folder / "configs"])
        if run.body.name != "pendulum" or run.controller.name != "mine":
            return ""
        rows = itertools.count()

        def enough(t_s: float) -> None:
            if next(rows) >= 2:
                raise _Begun

        with contextlib.suppress(_Begun):
            Loop.of(run).play(folder / "episode_000.nc", {}, enough)
        recording.load(folder / "episode_000.nc")
        return ""


@contextlib.contextmanager
def _pendulum() -> Iterator[Callable[[list[str]], Run]]:
    with tempfile.TemporaryDirectory() as folder:
        write_pendulum(Path(folder))
        yield lambda more: compose.load_run(["experiment=pendulum", *more], [Path(folder) / "configs"])


class _TrainKeys:
    """The keys of a training, up to the moment when it would begin."""

    first = ("train=evolution", "experiment=worm_chemotaxis")

    def trees(self) -> Iterator[tuple[str, Any]]:
        tree = compose.training(self.first)
        yield (
            "worm_chemotaxis",
            {key: value for key, value in tree.items() if key not in ("body", "environment", "controller")},
        )

    def attempt(self, experiment: str, overrides: list[str], folder: Path) -> str:
        from neuromech.training import evolution
        from neuromech.training.train import run_train

        config = compose.training([*self.first, *overrides])
        with (
            tempfile.TemporaryDirectory(dir=folder) as out,
            mock.patch.object(evolution, "_pool", side_effect=_Begun),
            contextlib.suppress(_Begun),
        ):
            run_train({**config, "output": config.get("output") or out}, progress=False)
        return ""


class _FitKeys:
    """The keys of a fit, up to the moment when it would begin."""

    def trees(self) -> Iterator[tuple[str, Any]]:
        yield "worm_crawl", compose.compose(["fit=worm_crawl"], primary="fit")

    def attempt(self, experiment: str, overrides: list[str], folder: Path) -> str:
        from neuromech.training import FIT_METHODS, fit

        config = compose.compose([f"fit={experiment}", *overrides], primary="fit")
        with (
            tempfile.TemporaryDirectory(dir=folder) as out,
            mock.patch.object(fit.multiprocessing, "get_context", side_effect=_Begun),
            contextlib.suppress(_Begun),
        ):
            FIT_METHODS[str(config["method"])](
                {**config, "output": config.get("output") or out}, progress=False
            )
        return ""


ROWS: dict[str, Any] = {
    "keys of a run": _RunKeys(),
    "keys of a small animal, played": _Played(),
    "keys of a training": _TrainKeys(),
    "keys of a fit": _FitKeys(),
}
"""What is tried, by the row of the table."""
