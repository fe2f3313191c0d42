"""A keyword of another kind is one line, from Python, too."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech.evaluation.evaluate import evaluate
from neuromech.evaluation.insilico_atlas import atlas, run_of
from neuromech.specs.compose import load_run

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"seeds": "two"}, "seeds must be a whole number of at least 1, not 'two'"),
    ({"seeds": 0}, "seeds must be a whole number of at least 1, not 0"),
    ({"seeds": 1.5}, "seeds must be a whole number"),
    ({"seeds": True}, "seeds must be a whole number"),
    ({"seeds": 10**9}, "seeds must be a whole number of at most 10000"),
    ({"name": 3}, "name must be text, not 3"),
    ({"name": None}, "name must be text"),
    ({"rows": 3}, "rows must be a list of names, not 3"),
    ({"rows": [1]}, "rows must be a list of names"),
    ({"rows": {"crawl": 1}}, "rows must be a list of names"),
    ({"rows": ["crwal"]}, "unknown row 'crwal'; nearest: crawl"),
    ({"rows": "crwal"}, "unknown row 'crwal'; nearest: crawl"),
    ({"output": 3}, "output must be a path, not 3"),
    ({"cluster": 3}, "cluster must be text"),
    ({"workers": "two"}, "workers must be a whole number"),
    ({"afresh": "yes"}, "afresh must be true or false, not 'yes'"),
    ({"progress": 1}, "progress must be true or false, not 1"),
    ({"config_dirs": 3}, "config_dirs must be a list of folders, not 3"),
    ({"config_dirs": "/nowhere/at/all"}, "config_dirs: there is no folder /nowhere/at/all"),
    ({"controller": 3}, "controller must be the name of a folder of controllers/"),
    ({"controller": {}}, "controller must name a controller"),
    ({"controller": {"mine": 3}}, "controller must be the name"),
    ({"controller": []}, "controller must name different controllers"),
]


@pytest.mark.parametrize(("given", "said"), WRONG, ids=[str(each) for each, _ in WRONG])
def test_a_keyword_of_another_kind_is_one_line(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    # As users have it, without the types' checker of the tests.
    own = inspect.unwrap(evaluate)
    with pytest.raises(InputError) as caught:
        own(**{"name": "worm", "output": tmp_path, **given})
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"current_pA": "much"}, "current_pA must be a number above 0, not 'much'"),
        ({"settle_s": -1}, "settle_s must be a number above 0"),
        ({"drive_s": float("nan")}, "drive_s must be a finite number"),
        ({"run": "worm_crawl"}, "run must be a run"),
    ],
)
def test_a_keyword_of_an_atlas_too(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        inspect.unwrap(atlas)(**{"run": load_run(["experiment=worm_crawl"]), **given})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"controller": 3, "experiment": None}, "controller must be text, not 3"),
        ({"controller": None, "experiment": 3}, "experiment must be text, not 3"),
        ({"controller": None, "experiment": None}, "which controller"),
        (
            {"controller": "worm_connectome", "experiment": None, "config_dirs": 3},
            "config_dirs must be a list",
        ),
    ],
)
def test_and_the_run_of_one(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        inspect.unwrap(run_of)(**given)
