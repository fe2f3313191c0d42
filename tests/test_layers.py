"""The floors of the house: what may import what, and how long a file may be."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "neuromech"
FILES = sorted(PACKAGE.rglob("*.py"))

# The whole numbers are the floors of CONTRIBUTING.md. Few modules need a neighbour on their own floor:
# a decimal puts those above it, so that every import still goes down.
FLOOR = {
    **{
        "errors": 0.0,
        "types": 0.0,
        "interrupts": 0.0,
        "files": 0.0,
        "attributes": 0.1,
        "soundness": 0.1,
        "content": 0.1,
        "config": 0.2,
        "compose": 0.3,
    },
    "progress": 0.0,
    **dict.fromkeys(["drag", "eyes", "drum", "connectome", "neurons", "recording", "foreign"], 1.0),
    "patterns": 1.02,
    **dict.fromkeys(["data", "terminal"], 1.0),
    "flywire": 1.05,
    **{"stimuli": 1.05, "fluid": 1.05, "body": 1.1, "medium": 1.2},
    **dict.fromkeys(["senses", "controllers", "tracking", "render", "start"], 2.0),
    "world": 2.1,
    **dict.fromkeys(["tasks", "replay", "replay_legs", "dm"], 3.0),
    **dict.fromkeys(["env", "episode"], 3.1),
    "report": 4.0,
    **{"experiment": 4.1, "training": 4.15},
    **{"comparison": 4.2, "commands": 4.3},
    **{"cli": 5.0, "__main__": 5.1, "__init__": -1.0},
}


def _module(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(file) for file in FILES}


def _unit(module: str) -> str:
    """`neuromech.render.camera` belongs to `render`."""
    return (module.split(".") + ["__init__"])[1]


def _imports(file: Path) -> set[str]:
    """Return the neuromech modules that a file imports, wherever in the file it does."""
    package = _module(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join(up + ([node.module] if node.module else []))
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else base for name in names}
    return {name for name in found if name.split(".")[0] == "neuromech"}


@pytest.mark.parametrize("file", FILES, ids=_module)
def test_a_module_imports_only_lower_floors(file: Path) -> None:
    unit = _unit(_module(file))
    assert unit in FLOOR, f"{unit} has no floor yet: add it here and to CONTRIBUTING.md"
    for imported in _imports(file) - {"neuromech"}:
        other = _unit(imported)
        assert other == unit or FLOOR[other] < FLOOR[unit], f"{_module(file)} may not import {imported}"


def test_contributing_names_the_same_floors(repository: Path) -> None:
    rows = re.findall(r"^\| (\d) \| (.+) \|$", (repository / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    told = {name.strip("`/"): int(floor) for floor, names in rows for name in names.split(", ")}
    assert told == {name: int(floor) for name, floor in FLOOR.items() if floor >= 0}


def test_no_import_cycles_within_a_package_folder() -> None:
    graph = {_module(file): _imports(file) & MODULES - {"neuromech", _module(file)} for file in FILES}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for imported in graph[module]:
                visit(imported, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_a_file_is_at_most_400_lines() -> None:
    files = [*FILES, *Path(__file__).parent.rglob("*.py")]
    lines = {str(file): len(file.read_text().splitlines()) for file in files}
    assert {name: count for name, count in lines.items() if count > 400} == {}


@pytest.mark.parametrize("file", FILES, ids=_module)
def test_no_module_asks_which_animal_it_is(file: Path) -> None:
    question = re.compile(r"\b(animal|species|organism|body_name)\b\s*(==|!=|in)\s*[\"'(\[]", re.IGNORECASE)
    assert not question.search(file.read_text())


def test_nothing_executes_what_a_file_says() -> None:
    for file in FILES:
        assert not re.search(r"\bimport pickle\b|allow_pickle=True|torch\.load\(", file.read_text()), file
