"""The pages of the site: what they link to is there, and they say nothing twice or nowhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from tests import scripts

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
links = scripts.load(DOCS / "scripts" / "links.py")
mirror = scripts.load(DOCS / "scripts" / "mirror.py")
TARGET = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the build sees it: the pages, and the mirrored notes of the content."""
    tree = tmp_path_factory.mktemp("site") / "docs"
    tree.mkdir()
    for file in DOCS.iterdir():
        if file.name != "content":
            (tree / file.name).symlink_to(file)
    mirror.mirror(tree / "content")
    return tree


def pages() -> list[Path]:
    """Every page that somebody wrote."""
    own = [page for page in DOCS.rglob("*.md") if page.relative_to(DOCS).parts[0] != "content"]
    tutorials = {script.with_suffix(".md") for script in (DOCS / "tutorials").glob("*.py")}
    return sorted(page for page in own if page not in tutorials) + [ROOT / "README.md"]


def written(text: str) -> str:
    """Return a page without its code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_links_to_is_there(page: Path, tree: Path) -> None:
    inside = page.is_relative_to(DOCS)
    folder = tree / page.relative_to(DOCS).parent if inside else ROOT
    tutorials = {script.with_suffix(".md").name for script in (DOCS / "tutorials").glob("*.py")}
    for address in TARGET.findall(written(page.read_text(encoding="utf-8"))):
        path = address.partition("#")[0]
        if path and "://" not in path:
            target = Path(os.path.normpath(folder / path))  # not through the links of the tree
            made = target.parent.name == "tutorials" and target.name in tutorials
            assert target.is_file() or made, f"{page}: {address}"


def test_every_page_is_in_the_navigation() -> None:
    def names(entry: object) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        values = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ()
        return [name for value in values for name in names(value)]

    class Loader(yaml.SafeLoader):
        pass

    listed = names(yaml.load((ROOT / "mkdocs.yml").read_text(), Loader)["nav"])
    assert len(set(listed)) == len(listed)
    made = {"content/index.md", "content/CHANGELOG.md", "content/CONTRIBUTING.md"}
    made |= {f"tutorials/{script.stem}.md" for script in (DOCS / "tutorials").glob("*.py")}
    own = {page.relative_to(DOCS).as_posix() for page in pages() if page.is_relative_to(DOCS)}
    assert set(listed) == own | made


def test_the_notes_of_all_content_are_mirrored(tree: Path) -> None:
    for kind in ("bodies", "environments", "controllers"):
        for folder in (ROOT / kind).iterdir():
            if (folder / "README.md").is_file():
                text = (tree / "content" / kind / folder.name / "README.md").read_text()
                assert (folder / "README.md").read_text().partition("\n")[2].strip() in text
    assert "| [`worm`](bodies/worm/README.md) | Caenorhabditis elegans" in mirror.index()


def test_readme_is_short_and_its_pictures_small() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
    for picture in (DOCS / "assets").rglob("*.png"):
        assert picture.stat().st_size < 300_000, picture


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">x</a><a href="b.html#gone">x</a><a href="c.html">x</a><img src="d.png">'
        '<script src="https://example.org/x.js"></script><a href="https://example.org">x</a>'
    )
    (tmp_path / "b.html").write_text('<h2 id="here">x</h2>')
    found = links.problems(tmp_path)
    assert [line.split(": ", 1)[1] for line in found] == [
        "loads https://example.org/x.js",
        "b.html#gone has no such place on the page",
        "c.html leads nowhere",
        "d.png leads nowhere",
    ]


@pytest.mark.slow
def test_the_site_builds_strictly(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="the extra docs is not installed")
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, str(DOCS / "scripts" / "build.py"), "--no-tutorials"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
