"""`neuromech atlas`: what every neuron of a controller does to every other one."""

from __future__ import annotations

from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech._lib.numbers import positive
from neuromech.cli import process_environment
from neuromech.cli.parsing import config_dirs, make_parser, parse_values

KEYS = ("controller", "experiment", "current_pA", "settle_s", "drive_s", "output")
MOST = 1e4
"""The most that a current (pA) or a time (s) may be."""
EXAMPLES = """\
  neuromech atlas controller=worm_connectome
  neuromech atlas controller=worm_connectome current_pA=30 output=atlas
  neuromech atlas experiment=fish_optomotor"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "atlas",
        "Take a brain out of its body, drive and ablate each neuron in turn, and record all others. Leaves\n"
        "atlas.nc (driven and ablated, responding x neuron) and atlas.png, clustered.",
        EXAMPLES,
    )
    about = f"one of {', '.join(KEYS)}; an experiment says the clock, and stands for its controller"
    options, given = parse_values(parser, arguments, KEYS, about)
    folders = config_dirs(options)
    numbers = {
        key: positive(key, given[key], most=MOST)
        for key in ("current_pA", "settle_s", "drive_s")
        if key in given
    }
    for key in ("controller", "experiment", "output"):
        if not isinstance(given.get(key, ""), str):
            raise InputError(f"{key} must be a name, not {given[key]!r:.60}")

    process_environment.check_jax()
    from neuromech.evaluation import atlas_picture, insilico_atlas

    run = insilico_atlas.run_of(given.get("controller"), given.get("experiment"), folders)
    output = Path(given.get("output") or f"{run.controller.name}_atlas")
    found = insilico_atlas.atlas(run, **numbers)
    print(insilico_atlas.write(found, output))
    print(atlas_picture.write(found, output / "atlas.png"))
    return 0
