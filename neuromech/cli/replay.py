"""`neuromech replay`: bend a body as an animal did and compare how far both got."""

from __future__ import annotations

from neuromech._lib.errors import InputError
from neuromech.cli import value_checks
from neuromech.cli.parsing import config_dirs, make_parser, parse_values

EXAMPLES = """\
  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank
  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank bouts=[0,5]
  neuromech replay file=replay_bouts.npz body=larval_fish environment=optomotor_tank output=a.npz
  neuromech replay file=spotlight_walking_first_half.npz body=fly environment=treadmill"""

KEYS = ("file", "body", "environment", "bouts", "physics_s", "output")


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "replay", "Bend a body as an animal did and compare how far both got and turned.", EXAMPLES
    )
    options, given = parse_values(parser, arguments, KEYS, ", ".join(KEYS))
    folders, output = config_dirs(options), value_checks.output(given)

    from neuromech.specs import content, datasets

    for key in ("file", "body", "environment"):
        if not isinstance(given.get(key), str):
            raise InputError(f"add {key}=NAME: a replay needs file=, body= and environment=")
    body = content.load("bodies", given["body"], config_dirs=folders)
    environment = content.load("environments", given["environment"], config_dirs=folders)
    chosen = given.get("bouts", [])
    numbers = chosen if isinstance(chosen, list) else [chosen]
    if not all(type(number) is int for number in numbers):
        raise InputError(f"bouts must be one whole number or several in brackets, not {chosen!r}")
    physics_s = value_checks.number(given, "physics_s") if "physics_s" in given else None

    from neuromech.replay.replay import replay

    file = datasets.locate(given["file"])
    for line in replay(file, body, environment, numbers, physics_s, output):
        print(line)
    return 0
