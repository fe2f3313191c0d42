"""What the pages name is there, and what is there is named."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from pathlib import Path

import gymnasium
import pytest

import neuromech
from neuromech import tracking
from neuromech._lib.registry import HOMES, registry

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [*(page for page in DOCS.rglob("*.md") if "content" not in page.parts), ROOT / "README.md"]
PAGES_OF = {
    "sense": ["how-to/write_a_body.md"],
    "stimulus": ["how-to/write_an_environment.md"],
    "reward": ["how-to/gymnasium.md"],
    "reader": ["how-to/files.md", "reference/formats.md"],
}
"""Pages on which every entry of a registry is explained; those of all others are on one page."""
OWN = {"NAME", "mine", "wet_chemotaxis", "crawler"}
"""Experiments that the pages themselves write, or that stand for any."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def missing(names: Iterable[str], text: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text]


def test_the_experiments_that_the_pages_run_exist() -> None:
    text = "".join(each.read_text(encoding="utf-8") for each in [*PAGES, *DOCS.rglob("tutorials/*.py")])
    named = set(re.findall(r"experiment=\"?(\w+)", text)) | set(re.findall(r"nm\.run\(\s*\"(\w+)", text))
    named |= set(re.findall(r"Experiment\.load\(\"(\w+)", text))
    there = {file.stem for file in (ROOT / "configs" / "experiment").glob("*.yaml")}
    assert named - there - OWN == set()
    assert {"worm_chemotaxis", "fish_optomotor", "fly_walk", "mouse_gaits"} <= named


def test_the_environments_that_the_pages_name_are_those_that_are_registered() -> None:
    there = {name for name in gymnasium.registry if name.startswith("neuromech/")}
    assert set(re.findall(r"`(neuromech/\w+-v\d)`", page("how-to/gymnasium.md"))) == there


def test_every_metric_is_defined() -> None:
    text = page("reference/metrics.md")
    assert missing((name for name in tracking.units() if not re.search(r"_p\d\d$", name)), text) == []


@pytest.mark.parametrize("kind", HOMES)
def test_every_entry_of_every_registry_is_listed(kind: str) -> None:
    for each in PAGES_OF.get(kind, ["how-to/write_code.md"]):
        assert missing(registry(kind), page(each)) == []


@pytest.mark.parametrize("kind", HOMES)
def test_every_kind_that_others_may_add_is_explained(kind: str) -> None:
    assert f"| {kind} |" in page("how-to/write_code.md")


def documented() -> list[str]:
    """The names that the API pages take from the code."""
    return [
        name
        for each in (DOCS / "api").glob("*.md")
        for name in re.findall(r"^::: (\S+)", each.read_text(), re.M)
    ]


@pytest.mark.parametrize("name", documented())
def test_what_the_api_pages_document_is_there(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert getattr(importlib.import_module(module), attribute).__doc__


def test_every_public_name_is_documented() -> None:
    public = getattr(neuromech, "__all__", None)
    if public is None:
        pytest.skip("neuromech does not say yet which names are public")
    said = {name.rpartition(".")[2] for name in documented()}
    assert {name for name in public if not name.startswith("__")} - said == set()
