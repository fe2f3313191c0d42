"""The commands of benchmarks/ find the places of their tables on the pages of the site."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests import scripts

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "validation"
OPENING = re.compile(r'"(<!-- (?:\w[\w ]*): made by make \w+ -->)"')


def test_every_table_that_a_command_writes_has_one_place_on_the_site() -> None:
    commands = "".join(file.read_text() for file in (ROOT / "benchmarks").glob("*.py"))
    wanted = OPENING.findall(commands)
    assert len(wanted) > 5
    pages = "".join(page.read_text() for page in PAGES.glob("*.md"))
    for mark in wanted:
        closing = re.sub(r"<!-- (.*): made by .* -->", r"<!-- /\1 -->", mark)
        assert pages.count(mark) == pages.count(closing) == 1, mark


def test_every_comparison_has_a_place(compare: ModuleType) -> None:
    page = compare.PAGE.read_text()
    for name in compare.TABLES:
        assert page.count(f"<!-- compare {name}: made by make compare -->") == 1


def test_a_table_of_controls_goes_between_the_markers_of_its_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = scripts.load(ROOT / "benchmarks" / "control_table.py")
    (tmp_path / "worm.md").write_text("# Worm\n<!-- a -->\nold\n<!-- /a -->\nend\n")
    monkeypatch.setattr(table, "VALIDATION", tmp_path)
    monkeypatch.setattr(table, "collect", lambda *asked: {"crawl": [{"speed_mm_s": 0.2}]})
    monkeypatch.setattr(sys, "argv", ["controls.py", "--seeds", "1"])
    row = table.Row("crawl", "crawls", "0.1 mm/s", (), (table.Check("speed_mm_s", low=0.1, label="mm/s"),))
    table.run_table("", (row,), lambda job: job, "worm.md", ("<!-- a -->", "<!-- /a -->"))
    lines = (tmp_path / "worm.md").read_text().splitlines()
    assert lines[:2] == ["# Worm", "<!-- a -->"] and lines[-2:] == ["<!-- /a -->", "end"]
    assert lines[-3] == "| crawls | 0.1 mm/s | mm/s 0.20 | yes |"


@pytest.fixture
def compare() -> ModuleType:
    return scripts.load(ROOT / "benchmarks" / "compare.py")
