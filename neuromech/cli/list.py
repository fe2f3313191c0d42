"""`neuromech list`: name what there is to run, and what the parts of the program are called in YAML files."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from neuromech._lib.errors import unknown
from neuromech._lib.registry import GROUP, HOMES, REGISTRIES, load_plugins, registry
from neuromech.cli.parsing import add_config_dir, config_dirs, make_parser

if TYPE_CHECKING:
    from neuromech.specs.content import Kind

EXAMPLES = """\
  neuromech list
  neuromech list experiments
  neuromech list neurons | grep AVA
  neuromech list learners"""

Rows = list[tuple[str, str]]
"""Rows of a list: names, each with its title."""

PLURALS = {"medium": "media", "stimulus": "stimuli"}
"""The plurals of kinds that are not formed with an s."""

PLUGINS = "plug-ins that could not be imported"


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    lists = all_lists()
    parser = make_parser("list", "Name what there is to run.", EXAMPLES)
    parser.add_argument("what", nargs="*", help=f"one of {', '.join(lists)}; all but the neurons if left out")
    add_config_dir(parser)
    options = parser.parse_args(arguments)
    what, folders = " ".join(options.what), config_dirs(options)
    if what and what not in lists:
        raise unknown("list", what, lists)
    if what:
        _show(lists[what](folders), "")
        for name, why in _failed().items():
            print(f"note: the plug-in {name} could not be imported: {why}", file=sys.stderr)
        return 0
    for name, rows in lists.items():
        if name != "neurons":
            print(f"{name}:")
            _show(rows(folders), "  ")
    if failed := _failed():
        print(f"{PLUGINS}:")
        _show(list(failed.items()), "  ")
    return 0


def _failed() -> dict[str, str]:
    """Return why those plug-ins failed that did, whether they bring code or content."""
    from neuromech.specs import content

    return {**load_plugins(), **content.packaged()[1]}


def all_lists() -> dict[str, Callable[[list[Path]], Rows]]:
    """Return what makes each list, by its name: first content, then what the registries hold."""
    kinds = dict.fromkeys([*HOMES, *REGISTRIES])
    return {**CONTENT, **{_plural(kind): _registered(kind) for kind in kinds}}


def _registered(kind: str) -> Callable[[list[Path]], Rows]:
    """Return what lists the entries of a registry.

    Where nobody has added to the registries their names are read from the source: importing a module that
    makes one may import MuJoCo or JAX, which a list need not wait for.
    """

    def rows(folders: list[Path]) -> Rows:
        names = None
        if kind not in REGISTRIES and not entry_points(group=GROUP):
            names = built_in(kind)
        return [(name, "") for name in (registry(kind) if names is None else names)]

    return rows


def built_in(kind: str) -> list[str] | None:
    """Return the names that the source gives a registry, None where they are not written out there."""
    spec = find_spec(HOMES[kind])
    if spec is None or spec.origin is None:
        return None
    for call in _calls(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        match [*call.args, *(each.value for each in call.keywords)]:
            case [ast.Constant(value=named), ast.Dict(keys=keys), *_] if named == kind:
                names = [key.value for key in keys if isinstance(key, ast.Constant)]
                return [str(name) for name in names] if len(names) == len(keys) else None
    return None


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Registry":
            yield node


def _plural(kind: str) -> str:
    return PLURALS.get(kind, f"{kind}s")


def _show(rows: Rows, indent: str) -> None:
    width = max((len(name) for name, _ in rows), default=0)
    for name, title in rows:
        print(f"{indent}{name:<{width}}  {title}".rstrip())


def _folders(kind: Kind) -> Callable[[list[Path]], Rows]:
    """Return what lists the folders of a kind of content with their titles."""

    def rows(folders: list[Path]) -> Rows:
        from neuromech.specs import content

        files = {
            name: content.find(kind, name, folders) / f"{content.SECTION[kind]}.yaml"
            for name in content.names(kind, folders)
        }
        return [(name, str(content.read_yaml(file).get("title", ""))) for name, file in files.items()]

    return rows


def _configs(group: str) -> Callable[[list[Path]], Rows]:
    """Return what lists the configuration files of a group with their titles."""

    def rows(folders: list[Path]) -> Rows:
        from neuromech.specs import compose, content

        files = compose.options(group, folders)
        return [(name, str(content.read_yaml(file).get("title", ""))) for name, file in files.items()]

    return rows


def _neurons(folders: list[Path]) -> Rows:
    """List the neurons of every controller that has a table of them: class, type, transmitter, controller."""
    import csv

    from neuromech.specs import content

    rows = []
    for name in content.names("controllers", folders):
        table = content.find("controllers", name, folders) / "neurons.csv"
        if table.is_file():
            with table.open(newline="") as lines:
                for row in csv.DictReader(lines):
                    about = [row.get(column) or "" for column in ("class", "type", "transmitter")]
                    rows.append((row["name"], f"{about[0]:<6} {about[1]:<12} {about[2]:<24} {name}"))
    return rows


def _connectomes(folders: list[Path]) -> Rows:
    """List the wirings that controllers offer for their neurons: controller, size, whose each is."""
    from neuromech.brain import wiring_tables
    from neuromech.specs import content
    from neuromech.specs.controller import Connectomes

    rows = []
    for name in content.names("controllers", folders):
        tree, places = content.written("controllers", name, folders)
        spec = Connectomes.written(tree, places[-1] / "controller.yaml")
        for key, choice in spec.connectomes.items():
            tables = wiring_tables.read(places, connections=choice.table)
            size = f"{len(tables.columns['name'])} neurons, {len(tables.connections)} connections"
            usual = ", the usual one" if key == spec.connectome else ""
            rows.append((key, f"{name}: {size}{usual}. {choice.title}".rstrip(". ")))
    return rows


CONTENT: dict[str, Callable[[list[Path]], Rows]] = {
    "bodies": _folders("bodies"),
    "environments": _folders("environments"),
    "controllers": _folders("controllers"),
    "experiments": _configs("experiment"),
    "fits": _configs("fit"),
    "trainings": _configs("train"),
    "evaluations": _configs("evaluation"),
    "connectomes": _connectomes,
    "neurons": _neurons,
}
"""The function that makes each list of content, by its name."""
