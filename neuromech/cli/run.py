"""`neuromech run`: simulate the episodes of an experiment."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from neuromech._lib.files import make_folder
from neuromech.cli import process_environment
from neuromech.cli.parsing import add_config_options, config_dirs, make_parser

PLACES = ("cluster", "workers")
"""Keys of a sweep that say where it is worked out."""
EXAMPLES = """\
  neuromech run experiment=worm_chemotaxis
  neuromech run experiment=worm_crawl episodes=5 seed=10 duration_s=30 video=false output=crawl
  neuromech run experiment=worm_chemotaxis 'perturb.ablate=[ASEL,ASER]'
  neuromech run experiment=worm_crawl 'perturb.silence=[{neurons:[AVB],start_s:5,stop_s:8}]'
  neuromech run experiment=worm_chemotaxis environment.stimulus.width_mm=5
  neuromech run experiment=worm_crawl --multirun seed=0,1,2
  neuromech run experiment=worm_crawl --multirun seed=0,1,2 cluster=tcp://10.0.0.1:8786"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "run",
        "Simulate the episodes of an experiment; leaves recordings, summary.json, report.png and video.mp4.",
        EXAMPLES,
    )
    add_config_options(parser)
    parser.add_argument(
        "-m",
        "--multirun",
        action="store_true",
        help="run every combination of a=1,2 b=x,y; with cluster and workers as evaluate takes them",
    )
    options = parser.parse_intermixed_args(arguments)

    process_environment.check_jax()
    from neuromech.specs import compose
    from neuromech.specs.run import dump

    folders = config_dirs(options)
    given, overrides = _where(options.overrides) if options.multirun else ({}, options.overrides)
    jobs = compose.expand(overrides) if options.multirun else [overrides]
    runs = [compose.load_run(job, folders) for job in jobs]
    if options.multirun:
        # One folder for all, numbered inside: names made from the time could be equal or differ.
        runs = [dataclasses.replace(run, output=runs[0].output / str(k)) for k, run in enumerate(runs)]
    if options.cfg:
        print("---\n".join(dump(run) for run in runs), end="")
        return 0
    for run in runs:
        make_folder(run.output)
    if options.multirun:
        from neuromech.experiment import sweep

        for _, folder in sweep.play(runs, runs[0].output.parent, **given, progress=not options.quiet):
            print(result_lines(folder))
        return 0

    from neuromech.experiment.episodes import run_experiment

    for run in runs:
        print(result_lines(run_experiment(run, progress=not options.quiet)))
    return 0


def _where(overrides: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return where a sweep is worked out, `cluster` and `workers`, and all other overrides."""
    from neuromech._lib import dask_cluster
    from neuromech.specs import compose

    own = [each for each in overrides if each.partition("=")[0] in PLACES]
    given = {key: value for key, value in compose.values(own, PLACES).items() if value is not None}
    dask_cluster.check(given.get("cluster"), given.get("workers"))
    return given, [each for each in overrides if each not in own]


def result_lines(folder: Path) -> str:
    """Return the numbers of a finished run and where its files are, as the command prints them."""
    summary, lines = json.loads((folder / "summary.json").read_text()), []
    for name, value in summary["metrics"].items():
        if value["mean"] is not None:
            spread = f" ± {value['sd']:.3g}" if value.get("sd") is not None and value["n"] > 1 else ""
            mean = value["mean"]
            shown = mean if isinstance(mean, str) else f"{mean:.3g}{spread}"  # a gait is a name
            lines.append(f"{name:<24} {shown} {value['unit']}".rstrip())
    files = [folder / name for name in ("summary.json", "report.png", "video.mp4")]
    return "\n".join([*lines, *(str(file) for file in files if file.exists())])
