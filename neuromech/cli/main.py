"""The `neuromech` command: it runs the command that is asked for, and says in one line what is wrong.

A mistake in what the user gave is one line on stderr and exit code 2. An interrupted command keeps what it
recorded and exits with 130 (Ctrl-C) or 143 (SIGTERM).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from neuromech import __version__
from neuromech._lib import interrupts
from neuromech._lib.errors import InputError, unknown
from neuromech.cli import process_environment

# Hydra, JAX and MuJoCo take a second or more to import: only the module of the command that is asked for is
# imported, and each imports what it needs when it needs it.

COMMANDS = {
    "run": "simulate an experiment: recordings, summary, report, video",
    "fit": "search the parameters that a controller leaves open",
    "train": "train a controller on the reward of an experiment",
    "compare": "compare a simulation with recordings of the animal",
    "evaluate": "put controllers through an evaluation: rows, targets, a card",
    "atlas": "drive and ablate every neuron of a brain: who moves whom, as a file and a picture",
    "view": "open a window in the browser on a running experiment or a recording",
    "video": "make a video of an episode that was recorded, alone or beside the animal",
    "replay": "bend a body as an animal did and compare how far both got",
    "retarget": "find the joint angles with which a body is in the posture of a recorded animal",
    "data": "recordings of animals by name: list, fetch, path; export a simulation",
    "list": "name the bodies, environments, controllers, experiments ... and what others have added",
    "schema": "print the JSON schema of a kind of YAML file, for editors",
}
"""What each command does, by name; the function `main` of the module `neuromech.cli.NAME` runs it."""

EXAMPLES = """\
  neuromech list
  neuromech run experiment=worm_chemotaxis
  neuromech run experiment=worm_chemotaxis 'perturb.ablate=[ASEL,ASER]'
  neuromech compare simulation=DIR animal=FILE
  neuromech COMMAND --help"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line, that of the process if none is given, and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    restore = interrupts.listen()
    try:
        with process_environment.settled():
            try:
                return _dispatch(arguments)
            finally:
                interrupts.check()  # another error may have been raised from the interrupt
    except InputError as error:
        print(f"neuromech: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as error:
        restore()
        print("neuromech: interrupted; what was recorded so far is kept", file=sys.stderr)
        return 143 if isinstance(error, interrupts.Terminated) else 130
    except BrokenPipeError:
        # In `neuromech list neurons | head` the reader closes the pipe, and the last flush would fail too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        restore()


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    if arguments[0] == "--version":
        print(f"neuromech {__version__}")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        raise unknown("command", name, COMMANDS)
    try:
        return import_module(f"neuromech.cli.{name}").main(rest)
    except SystemExit as finished:  # argparse after --help
        return int(finished.code or 0)


def usage() -> str:
    """Return what `neuromech --help` prints."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}} {about}" for name, about in COMMANDS.items()]
    return "\n".join(
        [
            "usage: neuromech COMMAND [key=value ...] [options]",
            "",
            "Closed-loop simulation of animals: body, world and wiring in one step.",
            "",
            "commands:",
            *lines,
            "",
            "examples:",
            EXAMPLES,
        ]
    )
