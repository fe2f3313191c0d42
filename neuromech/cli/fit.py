"""`neuromech fit`: search the parameters that a controller leaves open."""

from __future__ import annotations

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, user_path
from neuromech.cli import process_environment
from neuromech.cli.parsing import add_config_options, config_dirs, make_parser

EXAMPLES = """\
  neuromech fit fit=worm_crawl
  neuromech fit fit=worm_crawl seed=1 output=fits/second"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "fit",
        "Search the parameters that a controller leaves open; can be stopped and started again.",
        EXAMPLES,
    )
    add_config_options(parser)
    options = parser.parse_intermixed_args(arguments)

    process_environment.check_jax()
    from neuromech.specs import compose, content

    folders = config_dirs(options)
    composed = compose.compose(options.overrides, folders, primary="fit")
    if not composed.get("fit"):
        there_are = ", ".join(compose.options("fit", folders)) or "none"
        raise InputError(f"which fit? add fit=NAME; there are {there_are}")
    if options.cfg:
        from omegaconf import OmegaConf

        print(OmegaConf.to_yaml(composed), end="")
        return 0
    settings = content.plain(composed)
    if settings.get("output"):
        make_folder(user_path(str(settings["output"])))

    from neuromech.training import FIT_METHODS

    method = FIT_METHODS[str(settings["method"])]
    print(method(settings, progress=not options.quiet, config_dirs=folders))
    return 0
