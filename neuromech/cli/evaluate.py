"""`neuromech evaluate`: put controllers through an evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError
from neuromech.cli import process_environment
from neuromech.cli.parsing import add_config_dir, add_quiet, config_dirs, make_parser

KEYS = ("evaluation", "controller", "rows", "seeds", "workers", "cluster", "afresh", "output", "page")
EXAMPLES = """\
  neuromech evaluate evaluation=worm
  neuromech evaluate evaluation=worm controller=my_worm output=cards/my_worm
  neuromech evaluate evaluation=worm controller=worm_connectome,my_worm
  neuromech evaluate evaluation=worm 'rows=[crawl,swim]' seeds=2 workers=1
  neuromech evaluate evaluation=worm cluster=tcp://10.0.0.1:8786"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "evaluate",
        "Put controllers through an evaluation; can be stopped and started again. Leaves scorecard.json,\n"
        "scorecard.html and scorecard.png; page=FILE also puts the table between its markers in a text.",
        EXAMPLES,
    )
    add_quiet(parser)
    parser.add_argument("overrides", nargs="*", metavar="key=value", help=f"one of {', '.join(KEYS)}")
    add_config_dir(parser)
    options = parser.parse_intermixed_args(arguments)

    from neuromech.specs import compose
    from neuromech.specs import evaluation as specs

    folders = config_dirs(options)
    texts = [_bracketed(each) for each in options.overrides]
    given = {key: value for key, value in compose.values(texts, KEYS).items() if value is not None}
    if "evaluation" not in given:
        there_are = ", ".join(specs.names(folders)) or "none"
        raise InputError(f"which evaluation? add evaluation=NAME; there are {there_are}")
    for key in ("controller", "rows"):
        given[key] = _listed(key, given[key]) if key in given else []
    for key in ("evaluation", "output", "page", "cluster"):
        if not isinstance(given.get(key, ""), str):
            raise InputError(f"{key} must be text, not {given[key]!r:.60}")
    for key in ("seeds", "workers"):
        if type(given.get(key, 1)) is not int:
            raise InputError(f"{key} must be a whole number of at least 1, not {given[key]!r:.60}")
    if not isinstance(given.get("afresh", False), bool):
        raise InputError(f"afresh must be true or false, not {given['afresh']!r:.60}")
    process_environment.check_jax()
    from neuromech.evaluation import tables_in_pages
    from neuromech.evaluation.evaluate import evaluate

    page = Path(str(given.pop("page"))) if "page" in given else None
    if page is not None:
        tables_in_pages.check(page, tables_in_pages.markers(str(given["evaluation"])))
    controllers = given.pop("controller") or None
    card = evaluate(
        given.pop("evaluation"),
        controller=controllers,
        progress=not options.quiet,
        config_dirs=folders,
        **given,
    )
    print(card)
    if page is not None:
        tables_in_pages.write(page, card)
    for name in ("scorecard.json", "scorecard.html", "scorecard.png"):
        print(card.folder / name)
    return 0


def _bracketed(text: str) -> str:
    """Return `controller=a,b` as a list: it names two, and is no sweep."""
    key, equals, value = text.partition("=")
    plain = not any(letter in value for letter in "[]{}'\"")
    return f"{key}=[{value}]" if equals and key in ("controller", "rows") and plain and value else text


def _listed(key: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each for each in values):
        raise InputError(f"{key} must be names, as in {key}=a,b, not {value!r:.60}")
    return values
