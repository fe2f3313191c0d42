"""Copy what lies beside the content into docs/content, so that the site shows it: notes, pictures, films.

The folders keep their layout, so links between the notes go on working. Everything there is written anew by
each build and is not part of the repository.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "content"
KINDS = {"bodies": "body", "environments": "environment", "controllers": "controller"}
"""Folder of content, and the YAML file that each of its folders has."""
ABOUT = {
    "bodies": "An animal: a MuJoCo model, and a `body.yaml` with muscles, senses, landmarks.",
    "environments": "A world: its medium, what can be sensed there, and what is rewarded.",
    "controllers": "What stands between senses and muscles: neurons and connections, or a network.",
}
INTRODUCTION = """\
# Content

Content lives in folders, code lives in `neuromech/`. Every folder has notes that say where its numbers come
from; the tables below lead to them. `neuromech list` prints the same names, with those of your own folders.

The films of this site, and the commands that made them, are described in [videos](videos/README.md); the
commands that measure in [benchmarks](benchmarks/README.md).
"""
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def mirror(target: Path = TARGET) -> None:
    """Write docs/content anew."""
    shutil.rmtree(target, ignore_errors=True)
    for kind in KINDS:
        for folder in sorted((ROOT / kind).iterdir()):
            if (folder / "README.md").is_file():
                _folder(folder, target)
    _folder(ROOT / "videos", target)
    _folder(ROOT / "benchmarks", target)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "configs/config.yaml"):
        shutil.copyfile(ROOT / name, target / Path(name).name)
    (target / "index.md").write_text(index(), encoding="utf-8")


def _folder(source: Path, target: Path) -> None:
    """Copy the notes of a folder, its pictures, and the files that the notes link to."""
    notes = source / "README.md"
    head, _, rest = notes.read_text(encoding="utf-8").partition("\n")
    where = notes.relative_to(ROOT)
    place = target / where
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"{head}\n\n*These are the notes of `{where.as_posix()}`.*\n{rest}", encoding="utf-8")
    linked = {(source / name).resolve() for name in LINK.findall(rest)}
    pictures = {file for file in source.iterdir() if file.suffix in (".png", ".gif")}
    for file in pictures | {file for file in linked if file.is_file() and file.suffix != ".md"}:
        place = target / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def index() -> str:
    """Return the page that lists all content."""
    lines = [INTRODUCTION]
    for kind, section in KINDS.items():
        lines += [f"## {kind.capitalize()}", "", ABOUT[kind], "", "| folder | what it is |", "|---|---|"]
        for folder in sorted((ROOT / kind).iterdir()):
            file = folder / f"{section}.yaml"
            if file.is_file():
                title = yaml.safe_load(file.read_text(encoding="utf-8")).get("title") or ""
                notes = f"{kind}/{folder.name}/README.md"
                name = f"[`{folder.name}`]({notes})" if (ROOT / notes).is_file() else f"`{folder.name}`"
                lines.append(f"| {name} | {title} |")
        lines.append("")
    lines += ["## Experiments", "", "An experiment is a YAML file in `configs/experiment/`.", ""]
    lines += ["| experiment | what happens | body | environment | controller |", "|---|---|---|---|---|"]
    for file in sorted((ROOT / "configs" / "experiment").glob("*.yaml")):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        names = [found[key] if isinstance(found[key], str) else found[key]["name"] for key in KINDS.values()]
        lines.append(f"| `{file.stem}` | {found['title']} | {' | '.join(f'`{name}`' for name in names)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    mirror()
