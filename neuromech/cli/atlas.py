"""`neuromech atlas`: what every neuron of a controller does to every other one."""

from __future__ import annotations

from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech.cli import process_environment
from neuromech.cli.parsing import config_dirs, make_parser, parse_values

KEYS = ("controller", "experiment", "current_pA", "settle_s", "drive_s", "output")
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
    numbers = {}
    for key in ("current_pA", "settle_s", "drive_s"):
        value = given.get(key)
        if key in given:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e4:
                raise InputError(f"{key} must be a number above 0, not {value!r:.60}")
            numbers[key] = float(value)
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
