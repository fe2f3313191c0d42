"""Every evaluation has a place for its table on the pages of the site."""

from pathlib import Path

import pytest

from neuromech.evaluation.tables_in_pages import markers
from neuromech.specs import content, evaluation
from neuromech.specs.compose import training
from neuromech.specs.controller import PolicySpec
from neuromech.training.training_task import read

PAGES = Path(__file__).resolve().parents[3] / "docs" / "validation"


def test_every_evaluation_has_a_place() -> None:
    pages = "".join(page.read_text() for page in PAGES.glob("*.md"))
    for name in evaluation.names():
        for mark in markers(name):
            assert pages.count(mark) == 1, mark


@pytest.mark.parametrize("animal", ["worm", "fish", "fly", "mouse"])
def test_what_is_trained_is_what_the_tasks_offer(animal: str) -> None:
    rows = {key: row for key, row in evaluation.load("policies").rows.items() if key.startswith(f"{animal}_")}
    assert {f"{animal}_random", f"{animal}_own", f"{animal}_untrained"} < rows.keys()
    for row in rows.values():
        assert row.policy is not None
        if row.policy.train is not None:
            experiment = f"experiment={row.run['experiment']}"
            words = [f"train={row.policy.train}", experiment, f"learner={row.policy.learner}"]
            task = read(training(words))
            assert task.learner == row.policy.learner and row.policy.score in task.reward
    spec = content.load("controllers", f"{animal}_commands")
    assert isinstance(spec, PolicySpec) and spec.learner == "descending"
    assert f"experiment={rows[f'{animal}_own'].run['experiment']}" in spec.training["command"]
    assert sum(file.stat().st_size for file in spec.folder.iterdir()) < 1_000_000
