"""The order of the house: what may import what, and how long a file may be."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "neuromech"
FILES = sorted(PACKAGE.rglob("*.py"))

# The folders and files of the package in reading order, that of the loop: each imports only earlier ones.
# A medium surrounds a body, so bodies come before it.
# An evaluation may train what it evaluates, so training comes before it.
# Senses come before the brain because the encoders of an eye need to know in which directions its rays look.
ORDER = (
    "_lib", "specs", "recording", "world.engine", "world.stimuli", "world.mjcf_conversion", "world.derived",
    "world.relief", "world.pair", "world.muscle_ends", "world.compiled_body", "world.parts", "world.body",
    "world.medium", "world", "senses", "brain", "muscles", "controllers", "tracking", "tasks", "company",
    "loop", "batch", "visuals", "viewer", "experiment", "envs", "replay", "comparison", "training",
    "evaluation", "cli", "__init__", "__main__",
)  # fmt: skip


def _module(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(file) for file in FILES}


def _place(module: str) -> int:
    """Place of a module in the order: `neuromech.visuals.camera` stands where `visuals` does."""
    parts = module.split(".")[1:] or ["__init__"]
    for size in range(len(parts), 0, -1):
        if (name := ".".join(parts[:size])) in ORDER:
            return ORDER.index(name)
    raise AssertionError(f"{module} has no place yet: add its folder to the order")


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
def test_a_module_imports_only_earlier_parts(file: Path) -> None:
    module = _module(file)
    for imported in _imports(file) - {"neuromech"}:
        assert _place(imported) <= _place(module), f"{module} may not import {imported}"


def test_few_files_lie_at_the_root() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 8


def test_contributing_names_the_same_order(repository: Path) -> None:
    text = (repository / "CONTRIBUTING.md").read_text()
    told = re.findall(r"^\| `([\w./]+?)/?` \|", text, re.MULTILINE)
    assert [name.replace("/", ".") for name in told] == [name for name in ORDER if _exists(name)]


def _exists(name: str) -> bool:
    return any(module.split(".", 1)[-1] == name for module in MODULES) or name == "__init__"


def test_no_import_cycles_between_modules() -> None:
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
