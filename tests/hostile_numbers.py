"""Numbers that are none, at every entrance from Python; `python -m tests.hostile_numbers` prints faults.

It is run in a process of its own, without the types that the tests check at run time: as a user meets it.
`--values nan,x` tries no others, and names of entrances behind it try only those.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import neuromech as nm
from neuromech.envs.dm import as_dm_env
from neuromech.envs.environment import NeuromechEnv
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Perturb, Window
from neuromech.specs.run import Clock, Start
from neuromech.tracking.io.base import ReaderOptions
from tests.poses import dlc_csv, keypoints

HOSTILE: dict[str, Any] = {
    "nan": float("nan"), "inf": float("inf"), "-inf": -float("inf"), "-1": -1, "x": "x", "true": True,
    "null": None, "[]": [], "{}": {}, "1e30": 10**30, "1e400": 10**400, "numpy's nan": np.float32("nan"),
}  # fmt: skip
WINDOW: dict[str, Any] = {"neurons": ("AVA",), "start_s": 0.0, "stop_s": 2.0}
Case = tuple[Callable[[Any], Any], tuple[str, ...]]


def cases(folder: Path) -> dict[str, Case]:
    """Every entrance: a function of the value, and the names of the hostile values that are fine for it."""
    run = load_run(["experiment=worm_crawl", "duration_s=0.1"])
    env, wiring = NeuromechEnv(run), nm.Connectome.load("worm_connectome")
    file = dlc_csv(folder / "worm.csv", keypoints())

    def made(cls: Any, key: str, *fine: str, **others: Any) -> Case:
        return (lambda value: cls(**{**others, key: value})), fine

    def load(key: str, *fine: str) -> Case:
        return (lambda value: nm.Experiment.load("worm_crawl", **{key: value})), fine

    def read(key: str, *fine: str) -> Case:
        return (lambda value: nm.read(file, **{"fps": 20.0, "unit": "mm", "frames": None, key: value})), fine

    def begin(key: str, *fine: str) -> Case:
        return (lambda value: env.reset(options={key: value})), fine

    train = partial(nm.train, "evolution", "worm_chemotaxis", output=folder / "training")
    fit = partial(nm.fit, "worm_crawl", output=folder / "fit")
    found: dict[str, Case] = {
        "Clock.physics_s": made(Clock, "physics_s"),
        "Clock.control_s": made(Clock, "control_s"),
        "Clock.record_s": made(Clock, "record_s"),
        "Clock.brain_substeps": made(Clock, "brain_substeps"),
        "Start.distance_mm": made(Start, "distance_mm"),
        "Start.heading": made(Start, "heading", "-1"),
        "Start.x_mm": made(Start, "x_mm", "-1", y_mm=0.0),
        "Window.start_s": made(Window, "start_s", **WINDOW),
        "Window.stop_s": made(Window, "stop_s", "null", **WINDOW),  # without it the window stays open
        "Window.current_pA": made(Window, "current_pA", "-1", **WINDOW),
        "Window.rate_Hz": made(Window, "rate_Hz", **WINDOW),
        "Perturb.scale_chemical": made(Perturb, "scale_chemical"),
        "Perturb.scale_gap_junctions": made(Perturb, "scale_gap_junctions"),
        "Perturb.scale_extrasynaptic": made(Perturb, "scale_extrasynaptic"),
        "ReaderOptions.fps": made(ReaderOptions, "fps", "null"),
        "ReaderOptions.mm_per_px": made(ReaderOptions, "mm_per_px", "null"),
        "ReaderOptions.body_length_mm": made(ReaderOptions, "body_length_mm", "null"),
        "ReaderOptions.likelihood": made(ReaderOptions, "likelihood"),
        "ReaderOptions.max_gap_s": made(ReaderOptions, "max_gap_s"),
        "read fps": read("fps"),
        "read mm_per_px": read("mm_per_px", "null"),
        "read likelihood": read("likelihood"),
        "read max_gap_s": read("max_gap_s"),
        "read frames": read("frames", "null"),
        "read unit": read("unit"),
        "read individual": read("individual", "null"),
        "read spine": read("spine", "null", "[]"),
        "read up": read("up", "null"),
        "read y_down": read("y_down", "null", "true"),
        "compare skip_s": ((lambda value: nm.compare(folder, file, skip_s=value)), ()),
        "track tracker": ((lambda value: nm.track(nm.read(file, fps=20.0, unit="mm"), value)), ()),
        "shuffle seed": ((lambda value: wiring.shuffle(value)), ()),
        "state_at time_s": ((lambda value: nm.Experiment(run).state_at(value)), ()),
        "run seed": ((lambda value: nm.Experiment(run).run(seeds=[value], output=folder / "run")), ()),
        "run video": ((lambda value: value is True or nm.Experiment(run).run(video=value)), ("true",)),
        "run output": (
            (lambda value: value in (None, "x") or nm.Experiment(run).run(output=value)),
            ("null", "x"),
        ),
        "load seeds": load("seeds"),
        "load duration_s": load("duration_s"),
        "load start.heading": load("start.heading", "-1"),
        "load clock.control_s": load("clock.control_s"),
        "load scale_chemical": load("scale_chemical", "null"),
        "load body.length_mm": load("body.length_mm", "null"),
        "load environment.belt_mm_s": load("environment.belt_mm_s", "-1"),
        "train steps": ((lambda value: train(steps=value)), ("null",)),
        "train seed": ((lambda value: train(seed=value)), ()),
        "fit seed": ((lambda value: fit(seed=value)), ()),
        "env wide": made(NeuromechEnv, "width", experiment=run),
        "env high": made(NeuromechEnv, "height", experiment=run),
        "env experiment": made(NeuromechEnv, "experiment"),
        "env reward.forward": ((lambda value: NeuromechEnv(run, reward={"forward": value})), ("-1",)),
        "env render mode": made(NeuromechEnv, "render_mode", "null", experiment=run),
        "env overrides": ((lambda value: NeuromechEnv("worm_crawl", value)), ("[]",)),
        "env seed": ((lambda value: env.reset(seed=value)), ("null",)),
        "env options": ((lambda value: env.reset(options=value)), ("null", "{}")),
        "reset heading": begin("heading", "-1"),
        "reset distance_mm": begin("distance_mm"),
        "env action": ((lambda value: env.step(value)), ()),
        "env state": ((lambda value: env.restore_state(value)), ()),
        "dm seed": ((lambda value: as_dm_env(env, seed=value)), ("null",)),
    }
    for key in (
        "duration_s",
        "seed",
        "episodes",
        "output",
        "clock",
        "body",
        "environment",
        "start",
        "perturb",
    ):
        found[f"replace {key}"] = ((lambda value, key=key: dataclasses.replace(run, **{key: value})), ())
    return found


def tried(name: str, call: Callable[[Any], Any], value: Any, fine: bool) -> str:
    """What went wrong with a value: "" if it was refused in one line or, being fine, taken."""
    try:
        call(value)
    except nm.InputError as error:
        told = str(error)
        clear = "\n" not in told and re.split(r"[ .]", name)[-1] in told  # for that reason, and not another
        return "" if clear and not fine else f"refused: {told}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if fine else "taken"


def main() -> None:
    """Print every entrance with what went wrong there, as JSON."""
    report: dict[str, dict[str, str]] = {}
    parser = argparse.ArgumentParser()
    parser.add_argument("--values", type=lambda names: names.split(","), default=list(HOSTILE))
    parser.add_argument("only", nargs="*")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        only = chosen.only
        for name, (call, fine) in cases(Path(folder)).items():
            if only and name not in only:
                continue
            values = [value for value in chosen.values if not (name.startswith("train") and value in fine)]
            wrong = {value: tried(name, call, HOSTILE[value], value in fine) for value in values}
            report[name] = {value: told for value, told in wrong.items() if told}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
