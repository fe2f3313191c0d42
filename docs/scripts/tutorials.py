"""Run the tutorials and write each as a page with what its code printed and showed.

A tutorial is a script in docs/tutorials whose cells begin with `# %%`, as many editors and Jupyter (by
jupytext) know them: `# %% [markdown]` is text, any other cell is code. As in a notebook, the value of the
last expression of a cell is shown below it, and so are figures. Lines that begin with `# !` are commands for
the shell, in cells of their own; with `# !!` they have to fail, and their error is shown. A tutorial runs in
an interpreter and an empty folder of its own.

A line `# waits for: NAME, ...` at the top says that the tutorial cannot run yet, and for what: its page then
has no output, and its test is skipped. Remove the line to switch it on.
"""

from __future__ import annotations

import ast
import contextlib
import html
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuromech.viewer.window import RecordedPage

FOLDER = Path(__file__).resolve().parents[1] / "tutorials"
WAITS = "# waits for:"
SHELL = {"# !!": "failing", "# !": "shell"}


@dataclass(frozen=True)
class Cell:
    """A part of a tutorial: `text`, `code`, `shell` or `failing`; its lines, and the number of the first."""

    kind: str
    source: str
    line: int


def names() -> list[str]:
    """Return the names of all tutorials."""
    return sorted(file.stem for file in FOLDER.glob("*.py"))


def waits_for(script: Path) -> str:
    """Return what a tutorial waits for, empty if it runs."""
    for line in script.read_text(encoding="utf-8").partition("# %%")[0].splitlines():
        if line.startswith(WAITS):
            return line.removeprefix(WAITS).strip()
    return ""


def cells(script: Path) -> list[Cell]:
    """Return the cells of a tutorial."""
    found, head, lines, first = [], "", list[str](), 0
    for number, line in enumerate([*script.read_text(encoding="utf-8").splitlines(), "# %%"], 1):
        if not line.startswith("# %%"):
            lines.append(line)
            continue
        source = "\n".join(lines).strip("\n")
        if source and head.startswith("# %% [markdown]"):
            text = "\n".join(each.removeprefix("#")[1:] for each in source.splitlines())
            found.append(Cell("text", text, first))
        elif source and head:
            blank = len("\n".join(lines)) - len("\n".join(lines).lstrip("\n"))
            kind = next((kind for mark, kind in SHELL.items() if source.startswith(mark)), "code")
            text = source if kind == "code" else re.sub(r"^# !!?", "", source, flags=re.MULTILINE)
            found.append(Cell(kind, text, first + blank))
        head, lines, first = line, [], number + 1
    return found


def page(script: Path, folder: Path, run: bool = True) -> str:
    """Return a tutorial as Markdown; its pictures go into `folder`, beside which the page will lie.

    The code runs in this interpreter, in the present directory.
    """
    waiting, scope, parts = waits_for(script), {"__name__": "__main__"}, []
    for cell in cells(script):
        if cell.kind == "text":
            parts.append(cell.source)
            continue
        language = "python" if cell.kind == "code" else "console"
        shown = cell.source if cell.kind == "code" else _prompted(cell.source)
        parts.append(f"```{language}\n{shown}\n```")
        if run and not waiting:
            found = _python(cell, script, scope) if cell.kind == "code" else _shell(cell)
            output = "\n".join(_shown(each, folder, f"{script.stem}_{len(parts)}") for each in found)
            if output:
                parts.append(f'<div class="output" markdown="1">\n\n{output}\n\n</div>')
    if waiting:
        note = f"The code on this page is not run yet when the site is built: it waits for {waiting}."
        parts.insert(1, f'!!! note "Without output"\n    {note}')
    parts.append(f"[Download this page as a script]({script.name}).")
    return "\n\n".join(parts) + "\n"


def write(name: str, run: bool, target: Path = FOLDER) -> bool:
    """Write the page of a tutorial into a folder, in an interpreter of its own; False if it failed."""
    script, made = FOLDER / f"{name}.py", target / f"{name}.md"
    if not run or waits_for(script):
        if waits_for(script) or not made.exists():
            made.write_text(page(script, target, run=False), encoding="utf-8")
        return True
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, str(Path(__file__).resolve()), name, str(target)]
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True)
    if done.returncode:
        print(f"{script}:\n{done.stderr}", file=sys.stderr)
    return not done.returncode


def write_all(run: bool = True) -> list[str]:
    """Write the pages of all tutorials, two at a time; returns the names of those that failed."""
    if run:
        shutil.rmtree(FOLDER / "output", ignore_errors=True)
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda name: (name, write(name, run)), names())
        return [name for name, well in done if not well]


def _prompted(source: str) -> str:
    """Return commands with a prompt before each; what continues a line has none."""
    lines = source.splitlines()
    begins = [True, *(not line.endswith("\\") for line in lines[:-1])]
    return "\n".join(f"$ {line}" if new else line for line, new in zip(lines, begins, strict=True))


def _shell(cell: Cell) -> Iterator[Any]:
    """Run commands as the reader would; those of this environment come first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", cell.source], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if bool(done.returncode) != (cell.kind == "failing"):
        raise RuntimeError(f"line {cell.line}: {cell.source}\n{done.stdout}{done.stderr}")
    text = done.stderr if cell.kind == "failing" else done.stdout
    if text.strip():
        yield _Text(text)


def _python(cell: Cell, script: Path, scope: dict[str, Any]) -> Iterator[Any]:
    """Run a cell and yield what a notebook would show below it."""
    tree = ast.parse(cell.source)
    ast.increment_lineno(tree, cell.line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value, printed = None, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, script, "exec"), scope)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), script, "eval"), scope)
    if printed.getvalue().strip():
        yield _Text(printed.getvalue())
    if value is not None:
        yield value
    if "matplotlib.pyplot" in sys.modules:
        pyplot = sys.modules["matplotlib.pyplot"]
        for number in pyplot.get_fignums():
            if pyplot.figure(number) is not value:
                yield pyplot.figure(number)
        pyplot.close("all")


class _Text(str):
    """What was printed."""


def _shown(value: Any, folder: Path, name: str) -> str:
    """Return a value as Markdown: a table, a picture, a film, or what `repr` says of it."""
    if isinstance(value, Path):
        if value.suffix in (".png", ".gif", ".mp4"):
            return _file(value.read_bytes(), folder, f"{name}{value.suffix}")
    elif hasattr(value, "savefig"):
        drawn = io.BytesIO()
        value.savefig(drawn, format="png", dpi=100, bbox_inches="tight")
        return _file(drawn.getvalue(), folder, f"{name}.png")
    if isinstance(value, RecordedPage):
        (folder / "output").mkdir(parents=True, exist_ok=True)
        value.save(folder / "output" / f"{name}.html")
        return f'<iframe class="window" src="output/{name}.html" title="The episode, to be played"></iframe>'
    for method in ("_repr_png_", "_repr_html_", "_repr_markdown_"):
        found = getattr(value, method)() if hasattr(value, method) else None
        if isinstance(found, bytes):
            return _file(found, folder, f"{name}.png")
        if found:
            # A blank line would end the HTML.
            return "\n".join(line for line in found.splitlines() if line.strip())
    text = value if isinstance(value, _Text) else repr(value)
    return f"<pre><code>{html.escape(text.rstrip())}</code></pre>"


def _file(data: bytes, folder: Path, name: str) -> str:
    """Write a picture or a film, and return the Markdown that shows it."""
    (folder / "output").mkdir(parents=True, exist_ok=True)
    (folder / "output" / name).write_bytes(data)
    if name.endswith(".mp4"):
        return f'<video controls loop muted src="output/{name}"></video>'
    return f"![What the code above shows](output/{name})"


def _main() -> int:
    script, folder = FOLDER / f"{sys.argv[1]}.py", Path(sys.argv[2])
    try:
        text = page(script, folder)
    except Exception:
        traceback.print_exc()
        return 1
    (folder / f"{script.stem}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
