"""`neuromech view`: a window in the browser on a running experiment, or the page of a recorded one."""

from __future__ import annotations

import sys
import webbrowser
from typing import Any

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError
from neuromech.cli import process_environment, value_checks
from neuromech.cli.parsing import add_config_dir, config_dirs, make_parser

EXAMPLES = """\
  neuromech view experiment=worm_chemotaxis
  neuromech view experiment=fish_optomotor environment.stimulus.speed_mm_s=20 speed=0.5
  neuromech view experiment=worm_crawl host=0.0.0.0 port=8080
  neuromech view simulation=crawl
  neuromech view simulation=crawl output=crawl.html"""
OWN = ("host", "port", "speed", "simulation", "episode")
"""Keys that are no keys of a run."""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "view",
        "Open a window in the browser on a running experiment, with hands in it; with simulation=DIR, play a "
        "recording on a page that needs no server, and with output=FILE write that page.",
        EXAMPLES,
    )
    parser.add_argument(
        "overrides", nargs="+", metavar="key=value",
        help="experiment=NAME and what differs from its files, [host=127.0.0.1] [port=0] [speed=1 or null: "
        "as fast as it can]; or simulation=DIR [episode=0] [output=FILE]",
    )  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    add_config_dir(parser)
    options = parser.parse_intermixed_args(arguments)

    process_environment.check_jax()
    from neuromech.specs import compose

    written = [each for each in options.overrides if each.partition("=")[0] in OWN]
    given = compose.values(written, OWN)
    others = [each for each in options.overrides if each not in written]
    if given.get("simulation") is not None:
        return _recorded(given, others, options)
    for key in ("episode", "simulation"):
        if given.get(key) is not None:
            raise InputError(f"{key}= is for a recording: add simulation=DIR")
    return _live(given, others, options)


def _recorded(given: dict[str, Any], others: list[str], options: Any) -> int:
    from neuromech.experiment.view import view
    from neuromech.specs import compose
    from neuromech.visuals.window import has_display

    for key in ("host", "port", "speed"):
        if key in given:
            raise InputError(f"{key}= is for an experiment that runs, not for simulation=DIR")
    more = compose.values(others, ("output",))
    folder = value_checks.simulation(given)
    episode = value_checks.whole({"episode": 0, **given}, "episode")
    usual = folder / ("view.html" if not episode else f"view_{episode:03d}.html")
    output = value_checks.output(more) or usual
    view(simulation=folder, episode=episode, output=output, config_dirs=config_dirs(options))
    print(output)
    if "output" not in more and not options.no_browser and has_display():
        webbrowser.open(output.resolve().as_uri())
    return 0


def _live(given: dict[str, Any], others: list[str], options: Any) -> int:
    from neuromech.specs import compose
    from neuromech.viewer.window import Window

    if any(each.startswith("output=") for each in others):
        raise InputError("output= goes with simulation=DIR; what runs is saved from its window")
    run = compose.load_run(others, config_dirs(options))
    host = value_checks.word({"host": "127.0.0.1", **given}, "host")
    port = value_checks.whole({"port": 0, **given}, "port")
    if port > 65535:
        raise InputError(f"port must be at most 65535, not {port}")
    speed = given.get("speed", 1.0)
    if speed is not None:
        speed = value_checks.number({"speed": speed}, "speed")
        if speed <= 0:
            raise InputError(f"speed must be above 0, not {speed:g}")
    with Window(run, host=host, port=port, speed=speed) as window:
        print(window.url, flush=True)
        print("Ctrl-C ends it; a page that is closed may be opened again", file=sys.stderr)
        if not options.no_browser:
            window.open_browser()
        try:
            with interrupts.asking() as check:
                window.wait(check)
        except interrupts.Interrupted:
            return 0
    return 0
