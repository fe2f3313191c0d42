"""The `neuromech` command: run | fit | train | compare | video | replay | data | list | schema.

A mistake in what the user gave is one line on stderr and exit code 2. An interrupted run keeps its
recordings and exits with 130 (Ctrl-C) or 143 (SIGTERM).
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuromech import __version__
from neuromech._lib import interrupts
from neuromech._lib.errors import InputError, unknown
from neuromech.cli import recordings, schema
from neuromech.cli.parsing import (
    add_config_dir,
    add_config_options,
    config_dirs,
    make_folder,
    make_parser,
    parse_values,
)

if TYPE_CHECKING:
    from neuromech.specs.body import BodySpec
    from neuromech.specs.environment import EnvironmentSpec

# Hydra, JAX and MuJoCo take a second or more to import: each command imports what it needs.


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    restore = interrupts.listen()
    try:
        return _dispatch(arguments)
    except InputError as error:
        print(f"neuromech: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        print("neuromech: interrupted; what was recorded so far is kept", file=sys.stderr)
        return 143 if isinstance(error, interrupts.Terminated) else 130
    except BrokenPipeError:
        # `neuromech list neurons | head`: the reader has had enough, and so has the interpreter's last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        restore()


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_USAGE)
        return 0
    if arguments[0] == "--version":
        print(f"neuromech {__version__}")
        return 0
    name, *rest = arguments
    if name not in _COMMANDS:
        raise unknown("command", name, _COMMANDS)
    try:
        return _COMMANDS[name](rest)
    except SystemExit as finished:  # argparse after --help
        return int(finished.code or 0)


def _run(arguments: list[str]) -> int:
    parser = make_parser(
        "run",
        "Simulate the episodes of an experiment; leaves recordings, summary.json, report.png and video.mp4.",
        "  neuromech run experiment=worm_chemotaxis\n"
        "  neuromech run experiment=worm_crawl episodes=5 seed=10 duration_s=30 video=false output=crawl\n"
        "  neuromech run experiment=worm_chemotaxis 'perturb.ablate=[ASEL,ASER]'\n"
        "  neuromech run experiment=worm_crawl 'perturb.silence=[{neurons:[AVB],start_s:5,stop_s:8}]'\n"
        "  neuromech run experiment=worm_chemotaxis environment.stimulus.width_mm=5\n"
        "  neuromech run experiment=worm_crawl --multirun seed=0,1,2",
    )
    add_config_options(parser)
    parser.add_argument(
        "-m", "--multirun", action="store_true", help="run every combination of a=1,2 b=x,y in turn"
    )
    options = parser.parse_intermixed_args(arguments)

    from neuromech.specs import compose
    from neuromech.specs import run as config

    folders = config_dirs(options)
    jobs = compose.expand(options.overrides) if options.multirun else [options.overrides]
    runs = [compose.load_run(job, folders) for job in jobs]
    if options.multirun:
        # One folder for all, numbered inside: names made from the time could be equal or differ.
        runs = [dataclasses.replace(run, output=runs[0].output / str(k)) for k, run in enumerate(runs)]
    if options.cfg:
        print("---\n".join(config.dump(run) for run in runs), end="")
        return 0
    for run in runs:
        make_folder(run.output)

    from neuromech.experiment import run_experiment

    for run in runs:
        _announce(run_experiment(run, progress=not options.quiet))
    return 0


def _fit(arguments: list[str]) -> int:
    parser = make_parser(
        "fit",
        "Search the parameters that a controller leaves open; can be stopped and started again.",
        "  neuromech fit fit=worm_crawl\n  neuromech fit fit=worm_crawl seed=1 output=fits/second",
    )
    add_config_options(parser)
    options = parser.parse_intermixed_args(arguments)

    from neuromech.specs import compose, content

    folders = config_dirs(options)
    composed = compose.compose(options.overrides, folders, primary="fit")
    if not composed.get("fit"):
        raise InputError(
            f"which fit? add fit=NAME; there are {', '.join(compose.options('fit', folders)) or 'none'}"
        )
    if options.cfg:
        from omegaconf import OmegaConf

        print(OmegaConf.to_yaml(composed), end="")
        return 0
    settings = content.plain(composed)
    if settings.get("output"):
        make_folder(Path(str(settings["output"])))

    from neuromech.training import fit, motion_vision

    methods = {"evolution": fit.run_fit, "gradient": motion_vision.run}
    if settings["method"] not in methods:
        raise unknown("method of a fit", str(settings["method"]), methods)
    print(methods[settings["method"]](settings, progress=not options.quiet, config_dirs=folders))
    return 0


def _replay(arguments: list[str]) -> int:
    parser = make_parser(
        "replay",
        "Bend a body as an animal did and compare how far both got and turned.",
        "  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank\n"
        "  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank bouts=[0,5]\n"
        "  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank output=a.npz\n"
        "  neuromech replay file=spotlight_walking_first_half.npz body=fly environment=treadmill",
    )
    known = ["file", "body", "environment", "bouts", "physics_s", "output"]
    options, given = parse_values(parser, arguments, known, ", ".join(known))

    from neuromech.replay import bouts as replay
    from neuromech.specs import content, datasets
    from neuromech.specs.body import LegReplay

    given = {"bouts": [], "physics_s": None, **given}
    for key in ("file", "body", "environment"):
        if not isinstance(given.get(key), str):
            raise InputError(f"add {key}=NAME: a replay needs file=, body= and environment=")
    folders, chosen = config_dirs(options), given["bouts"]
    output = Path(recordings.word(given, "output")) if "output" in given else None
    body = content.load("bodies", given["body"], config_dirs=folders)
    environment = content.load("environments", given["environment"], config_dirs=folders)
    usual_s = body.replay.physics_s if isinstance(body.replay, LegReplay) else None
    step_s = (usual_s or 0.0005) if given["physics_s"] is None else given["physics_s"]
    if isinstance(step_s, bool) or not isinstance(step_s, int | float) or not 0 < step_s < 0.1:
        raise InputError(f"physics_s must be a number between 0 and 0.1, not {step_s!r}")
    if isinstance(body.replay, LegReplay):
        return _replay_legs(datasets.locate(given["file"]), given, body, environment, float(step_s))
    wanted = chosen if isinstance(chosen, list) else [chosen]
    if not all(type(number) is int for number in wanted):
        raise InputError(f"bouts must be one whole number or several in brackets, not {chosen!r}")
    bouts = replay.load(datasets.locate(given["file"]))
    numbers = wanted or list(bouts)
    for number in numbers:
        if number not in bouts:
            raise unknown("bout", str(number), [str(each) for each in bouts])
    swimmer = replay.Swimmer(body, environment, float(step_s))
    outcomes = {number: swimmer.swim(bouts[number]) for number in numbers}
    print(replay.table(outcomes))
    if output is not None:
        print(replay.save(output, bouts, outcomes))
    return 0


def _replay_legs(
    file: Path,
    given: Mapping[str, Any],
    body: BodySpec,
    environment: EnvironmentSpec,
    step_s: float,
) -> int:
    """Replay a recorded walk; of the keys of a replay it takes no bouts and writes no file."""
    from neuromech.replay import walk
    from neuromech.specs.body import LegReplay

    assert isinstance(body.replay, LegReplay)
    for key in ("bouts", "output"):
        if given.get(key):
            raise InputError(f"{key}= is for bouts; {given['body']} replays a walk")
    steps = walk.load(file, body.replay)
    print(walk.table(walk.walk(body, environment, step_s, steps)))
    return 0


def _list(arguments: list[str]) -> int:
    parser = make_parser(
        "list",
        "Name what there is to run.",
        "  neuromech list\n  neuromech list experiments\n  neuromech list neurons | grep AVA",
    )
    parser.add_argument(
        "what", nargs="?", help=f"one of {', '.join(_LISTS)}; all but the neurons if left out"
    )
    add_config_dir(parser)
    options = parser.parse_args(arguments)
    if options.what is not None and options.what not in _LISTS:
        raise unknown("list", options.what, _LISTS)
    folders = config_dirs(options)
    for what in [options.what] if options.what else [name for name in _LISTS if name != "neurons"]:
        rows = _LISTS[what](folders)
        if options.what is None:
            print(f"{what}:")
        indent, width = "  " * (options.what is None), max((len(name) for name, _ in rows), default=0)
        for name, title in rows:
            print(f"{indent}{name:<{width}}  {title}".rstrip())
    return 0


def _list_content(kind: Any, folders: list[Path]) -> list[tuple[str, str]]:
    from neuromech.specs import content

    files = {name: content.find(kind, name, folders) for name in content.names(kind, folders)}
    return [
        (name, str(content.read_yaml(folder / f"{content.SECTION[kind]}.yaml").get("title", "")))
        for name, folder in files.items()
    ]


def _list_configs(group: str, folders: list[Path]) -> list[tuple[str, str]]:
    from neuromech.specs import compose, content

    files = compose.options(group, folders)
    return [(name, str(content.read_yaml(file).get("title", ""))) for name, file in files.items()]


def _list_neurons(folders: list[Path]) -> list[tuple[str, str]]:
    import csv

    from neuromech.specs import content

    rows = []
    for name in content.names("controllers", folders):
        table = content.find("controllers", name, folders) / "neurons.csv"
        if table.is_file():
            with table.open(newline="") as lines:
                for row in csv.DictReader(lines):
                    about = [row.get(column) or "" for column in ("class", "type", "transmitter")]
                    rows.append((row["name"], f"{about[0]:<6} {about[1]:<12} {about[2]:<24} {name}"))
    return rows


def _announce(folder: Path) -> None:
    """Print the numbers of a finished run and where its files are."""
    summary = json.loads((folder / "summary.json").read_text())
    for name, value in summary["metrics"].items():
        if value["mean"] is not None:
            spread = f" ± {value['sd']:.3g}" if value.get("sd") is not None and value["n"] > 1 else ""
            mean = value["mean"]
            shown = mean if isinstance(mean, str) else f"{mean:.3g}{spread}"  # a gait is a name
            print(f"{name:<24} {shown} {value['unit']}".rstrip())
    for name in ("summary.json", "report.png", "video.mp4"):
        if (folder / name).exists():
            print(folder / name)


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "fit": _fit,
    "train": recordings.train,
    "compare": recordings.compare,
    "video": recordings.video,
    "replay": _replay,
    "data": recordings.data,
    "list": _list,
    "schema": schema.main,
}

_LISTS: dict[str, Callable[[list[Path]], list[tuple[str, str]]]] = {
    "bodies": lambda folders: _list_content("bodies", folders),
    "environments": lambda folders: _list_content("environments", folders),
    "controllers": lambda folders: _list_content("controllers", folders),
    "experiments": lambda folders: _list_configs("experiment", folders),
    "fits": lambda folders: _list_configs("fit", folders),
    "trainings": lambda folders: _list_configs("train", folders),
    "neurons": _list_neurons,
}

_USAGE = """\
usage: neuromech COMMAND [key=value ...] [options]

Closed-loop simulation of animals: body, world and wiring in one step.

commands:
  run     simulate an experiment: recordings, summary, report, video
  fit     search the parameters that a controller leaves open
  train   train a controller on the reward of an experiment
  compare hold a simulation against recordings of the animal
  video   make a video of an episode that was recorded, alone or beside the animal
  replay  bend a body as an animal did and compare how far both got
  data    recordings of animals by name: list, fetch, path; export a simulation
  list    name the bodies, environments, controllers, experiments, fits, trainings and neurons
  schema  print the JSON schema of a kind of YAML file, for editors

examples:
  neuromech list
  neuromech run experiment=worm_chemotaxis
  neuromech run experiment=worm_chemotaxis 'perturb.ablate=[ASEL,ASER]'
  neuromech compare simulation=DIR animal=FILE
  neuromech COMMAND --help"""
