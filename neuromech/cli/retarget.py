"""`neuromech retarget`: the joint angles with which a body is in the posture of a recorded animal."""

from __future__ import annotations

from neuromech._lib.errors import InputError
from neuromech.cli import reader_options, value_checks
from neuromech.cli.parsing import config_dirs, make_parser, parse_values

EXAMPLES = """\
  neuromech retarget file=wormpose_sample_features body=worm fps=15 output=worm.npz
  neuromech retarget file=worm.csv body=worm fps=30 unit=px 'spine=[a,b,c,d]' 'frames=[0,499]' output=a.npz

"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "retarget",
        "Find the joint angles with which a body is in the posture of a recorded animal, frame by frame.\n"
        "The file is for environment.reference.file: a movement to imitate.",
        EXAMPLES + reader_options.describe(),
    )
    options, given = parse_values(
        parser,
        arguments,
        ["file", "body", "format", "output", *reader_options.options()],
        "file=FILE (or a name of 'neuromech data list') body=NAME output=FILE.npz",
    )
    folders, output = config_dirs(options), value_checks.output(given)
    for key in ("file", "body"):
        if not isinstance(given.get(key), str):
            raise InputError(f"add {key}=NAME: retarget needs file=, body= and output=")
    if output is None:
        raise InputError("add output=FILE.npz: where the angles are written")
    kind = value_checks.word(given, "format") if "format" in given else None

    from neuromech.replay.retarget import retarget
    from neuromech.specs import content, datasets
    from neuromech.tracking.io import recorded

    body = content.load("bodies", given["body"], config_dirs=folders)
    said = reader_options.read(given, None)
    recording = recorded.read(datasets.locate(given["file"]), said, kind, str(body.tracker or ""))
    found = retarget(recording, body)
    print(found)
    print(found.save(output))
    return 0
