"""The scripts of the validation find the places of their tables on the pages of the site."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests import scripts

PAGES = Path(__file__).resolve().parents[3] / "docs" / "validation"
SCRIPTS = PAGES / "scripts"
OPENING = re.compile(r'"(<!-- (?:\w[\w ]*): made by make \w+ -->)"')


def test_every_table_that_a_command_writes_has_one_place_on_the_site() -> None:
    commands = "".join(file.read_text() for file in SCRIPTS.glob("*.py"))
    wanted = OPENING.findall(commands)
    assert len(wanted) > 3
    pages = "".join(page.read_text() for page in PAGES.glob("*.md"))
    for mark in wanted:
        closing = re.sub(r"<!-- (.*): made by .* -->", r"<!-- /\1 -->", mark)
        assert pages.count(mark) == pages.count(closing) == 1, mark


def test_every_comparison_has_a_place(compare: ModuleType) -> None:
    page = compare.PAGE.read_text()
    for name in compare.TABLES:
        assert page.count(f"<!-- compare {name}: made by make compare -->") == 1


def test_every_evaluation_has_a_place() -> None:
    from neuromech.evaluation.tables_in_pages import markers
    from neuromech.specs import evaluation

    pages = "".join(page.read_text() for page in PAGES.glob("*.md"))
    for name in evaluation.names():
        for mark in markers(name):
            assert pages.count(mark) == 1, mark


@pytest.fixture
def compare() -> ModuleType:
    return scripts.load(SCRIPTS / "compare.py")
