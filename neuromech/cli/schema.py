"""`neuromech schema`: the JSON schema of a kind of YAML file, for editors."""

from __future__ import annotations

import json
from pathlib import Path

from neuromech._lib.errors import InputError, unknown
from neuromech.cli.parsing import make_parser


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "schema",
        "Print the JSON schema of body.yaml, environment.yaml, controller.yaml, runs or evaluations.",
        "  neuromech schema body\n  neuromech schema run output=run.schema.json",
    )
    parser.add_argument("kind", help="body, environment, controller, run or evaluation")
    parser.add_argument("output", nargs="?", metavar="output=FILE", help="where to write it")
    options = parser.parse_args(arguments)

    from neuromech._lib.files import write_text
    from neuromech.specs.schema import json_schema

    text = json.dumps(json_schema(options.kind), indent=1, ensure_ascii=False)
    if options.output is None:
        print(text)
        return 0
    key, _, name = options.output.partition("=")
    if key != "output":
        raise unknown("key", key, ["output"])
    file = Path(name).expanduser()
    try:
        write_text(file, text)
    except OSError as error:
        raise InputError(f"cannot write output={file}: {error.strerror or error}") from None
    print(file)
    return 0
