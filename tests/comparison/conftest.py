"""A short simulation and a recorded animal to hold it against, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromech.experiment.episodes import run_experiment
from neuromech.specs import compose
from tests import poses


@pytest.fixture(scope="session")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `neuromech run` made: two episodes of 3 s of a crawling worm."""
    output = tmp_path_factory.mktemp("comparison") / "crawl"
    options = ["experiment=worm_crawl", "duration_s=3", "episodes=2", "video=false", f"output={output}"]
    return run_experiment(compose.load_run(options), progress=False)


@pytest.fixture(scope="session")
def worm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded worm: 30 s of WCON, in mm."""
    points = poses.crawl_mm(600)
    return poses.wcon(tmp_path_factory.mktemp("animal") / "worm.wcon", points)
