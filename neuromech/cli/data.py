"""`neuromech data`: recordings of animals by name, and simulations in the formats of other tools."""

from __future__ import annotations

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import user_path
from neuromech.cli import value_checks
from neuromech.cli.parsing import add_quiet, make_parser

EXAMPLES = """\
  neuromech data list
  neuromech data fetch wormpose_sample_features
  neuromech data path wormpose_sample_features
  neuromech data export simulation=crawl output=crawl.wcon"""

WIRING = {"flywire": "flywire_783"}
"""Short names of wirings that are fetched and converted."""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "data",
        "Recordings of animals by name, and simulations in the formats of other tools.",
        EXAMPLES,
    )
    parser.add_argument("what", help=", ".join(COMMANDS))
    parser.add_argument("names", nargs="*", metavar="NAME", help="a name of the list; for export key=value")
    add_quiet(parser)
    options = parser.parse_intermixed_args(arguments)
    if options.what not in COMMANDS:
        raise unknown("command", f"data {options.what}", [f"data {name}" for name in COMMANDS])
    COMMANDS[options.what](options.names, not options.quiet)
    return 0


def show(names: list[str], progress: bool) -> None:
    """Print every recording that has a name: whether it is here, its size, its licence and what it is."""
    from neuromech.specs import datasets

    if names:
        raise InputError(f"'neuromech data list' takes no name, not {names[0]}")
    found = datasets.entries()
    width, words = max(len(name) for name in found), max(len(each.licence) for each in found.values())
    for name, each in found.items():
        how = "here" if datasets.here(each) else "fetch" if each.url or each.wheel else "by hand"
        print(f"{name:<{width}}  {how:<7}  {each.size / 1e6:6.2f} MB  {each.licence:<{words}}  {each.about}")


def fetch(names: list[str], progress: bool) -> None:
    """Get files that are not here, and print where they are and the terms of their use."""
    from neuromech.brain import wirings
    from neuromech.specs import datasets

    for name in _some(names, "fetch"):
        wiring = _wiring(name)
        print(wirings.fetch(wiring, progress) if wiring else datasets.fetch(name, progress))
        files = wirings.WIRINGS[wiring].needs if wiring else (name,)
        for terms in dict.fromkeys((each.licence, each.citation) for each in map(datasets.find, files)):
            print("licence {}; cite {}".format(*terms))


def path(names: list[str], progress: bool) -> None:
    """Print where files are that are here."""
    from neuromech.brain import wirings
    from neuromech.specs import datasets

    for name in _some(names, "path"):
        wiring = _wiring(name)
        if wiring:
            wirings.converted(wiring)
            print(wirings.folder(wiring))
        else:
            print(datasets.path(name))


def export(names: list[str], progress: bool) -> None:
    """Write a simulation in the format of another tool, and print where it is."""
    from neuromech import recording
    from neuromech.specs import compose
    from neuromech.tracking.io import nwb, wcon

    given = {"episode": 0, **compose.values(names, ["simulation", "episode", "output"])}
    folder = value_checks.simulation(given)
    if not isinstance(given.get("output"), str):
        raise InputError("export where to? add output=FILE.wcon or output=FILE.nwb")
    output = user_path(given["output"])
    writers = {".wcon": wcon.write, ".nwb": nwb.write}
    if output.suffix not in writers:
        raise unknown("format", output.suffix or output.name, writers)
    source = folder / f"episode_{value_checks.whole(given, 'episode'):03d}.nc" if folder.is_dir() else folder
    print(writers[output.suffix](recording.load(source), output))


COMMANDS = {"list": show, "fetch": fetch, "path": path, "export": export}
"""The function of each subcommand, by its word."""


def _wiring(name: str) -> str | None:
    """Return the wiring of a brain that a name means, None if it is that of a file."""
    from neuromech.brain import wirings
    from neuromech.specs import datasets

    wiring = WIRING.get(name, name)
    return wiring if wiring in wirings.WIRINGS and name not in datasets.entries() else None


def _some(names: list[str], what: str) -> list[str]:
    if not names:
        raise InputError(f"which one? 'neuromech data {what} NAME'; 'neuromech data list' names them")
    return names
