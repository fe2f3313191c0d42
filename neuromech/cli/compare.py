"""`neuromech compare`: compare a simulation with recordings of the animal."""

from __future__ import annotations

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder
from neuromech.cli import process_environment, reader_options, value_checks
from neuromech.cli.parsing import add_quiet, config_dirs, make_parser, parse_values

EXAMPLES = """\
  neuromech compare simulation=crawl animal=wormpose_sample_features
  neuromech compare simulation=crawl animal=worm.csv fps=30 mm_per_px=0.01 'spine=[a,b,c,d]'

"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "compare",
        "Compare a simulation with recordings of the animal: features, dynamics, and a score between its\n"
        "floor (shuffled wiring, random muscles) and its ceiling (the animal against itself). Controls that\n"
        "are missing are run. Leaves comparison.json and comparison.html.",
        EXAMPLES + reader_options.describe(),
    )
    add_quiet(parser)
    options, given = parse_values(
        parser,
        arguments,
        ["simulation", "animal", "format", "skip_s", "output", *reader_options.options()],
        "simulation=DIR animal=FILE (a name of 'neuromech data list', a list) [skip_s=0] [output=DIR]",
    )
    folders, simulation = config_dirs(options), value_checks.simulation(given)
    if "animal" not in given:
        raise InputError("which animal? add animal=FILE, or a name of 'neuromech data list'")
    skip_s = value_checks.seconds(given, "skip_s") if "skip_s" in given else 0.0
    wanted = given["animal"] if isinstance(given["animal"], list) else [given["animal"]]
    output, kind = (
        value_checks.output(given),
        value_checks.word(given, "format") if "format" in given else None,
    )

    process_environment.check_jax()
    from neuromech.specs import datasets

    animals = [datasets.locate(str(each)) for each in wanted]

    from neuromech.comparison import baselines, page, table
    from neuromech.comparison.compare import compare

    run = baselines.base(simulation, folders) if simulation.is_dir() else None
    said = reader_options.read(given, run)
    output = output or (simulation if simulation.is_dir() else simulation.parent)
    make_folder(output)
    found = compare(simulation, animals, said, kind, skip_s, not options.quiet, config_dirs=folders)
    print(table.plain(found))
    for path in page.write(found, output):
        print(path)
    return 0
