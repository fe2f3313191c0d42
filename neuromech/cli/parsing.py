"""Parsers of the command line, which all commands share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from neuromech._lib.errors import InputError


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise InputError(f"{message}; see '{self.prog} --help'")


def make_parser(command: str, description: str, examples: str) -> Parser:
    """Return the parser of `neuromech COMMAND`."""
    return Parser(
        prog=f"neuromech {command}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_quiet(parser: Parser) -> None:
    """Add the option that turns progress bars off."""
    parser.add_argument("--quiet", action="store_true", help="no progress bars")


def add_config_options(parser: Parser) -> None:
    """Add what every command has that composes a configuration."""
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="what differs from the configuration files"
    )
    parser.add_argument("--cfg", choices=["job"], help="print the configuration instead of running it")
    add_quiet(parser)
    add_config_dir(parser)


def add_config_dir(parser: Parser) -> None:
    """Add the option for configurations and content of one's own."""
    parser.add_argument(
        "--config-dir",
        metavar="DIR",
        type=Path,
        help="your own configurations, searched first, and bodies/ environments/ controllers/ beside DIR",
    )


def config_dirs(options: argparse.Namespace) -> list[Path]:
    """Return the folder of one's own configurations, as a list of at most one.

    Raises
    ------
    InputError
        There is no folder of that name.
    """
    folder: Path | None = options.config_dir
    if folder is None:
        return []
    if not folder.is_dir():
        raise InputError(f"--config-dir: there is no folder {folder}")
    return [folder]


def parse_values(
    parser: Parser, arguments: list[str], known: Sequence[str], about: str
) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the options and the `key=value` of a command that composes no configuration but knows its keys.

    `about` says in the help what they are. A key that is set to null counts as left out.
    """
    parser.add_argument("overrides", nargs="+", metavar="key=value", help=about)
    add_config_dir(parser)
    options = parser.parse_intermixed_args(arguments)

    from neuromech.specs import compose

    given = compose.values(options.overrides, known)
    return options, {key: value for key, value in given.items() if value is not None}
