"""Every experiment and every fit that comes with the program can be run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders import optic_lobe
from neuromech.brain.neurons.graded_sharing import GradedSharing
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.checking import check
from neuromech.specs.compose import compose, load_run, options
from neuromech.tracking import units
from neuromech.tracking.trackers import walking
from neuromech.tracking.trackers.measures import UNITS as MEASURES
from neuromech.training import atlas_fit, fit, fit_spec, motion_vision
from tests.experiments import marked

EXPERIMENTS, FITS = options("experiment"), options("fit")
NEED_DATA = ("fly_brain_manc", "fly_feeding", "fly_grooming")
"""They need a wiring that is fetched; all others run with what comes with the program."""


@pytest.mark.parametrize("name", marked(name for name in EXPERIMENTS if name not in NEED_DATA))
def test_every_experiment_steps(name: str) -> None:
    steps(name)


@pytest.mark.parametrize("name", NEED_DATA)
def test_those_on_a_fetched_wiring_step(name: str, data: Path) -> None:
    steps(name)


def steps(name: str) -> None:
    loop = Loop.of(load_run([f"experiment={name}", "duration_s=0.1"]))
    places = loop.play_in_memory()["landmarks"].values
    assert np.isfinite(places).all() and not np.array_equal(places[0], places[-1])


@pytest.mark.parametrize("name", FITS)
def test_every_fit_searches_what_there_is(name: str) -> None:
    settings = content.plain(compose([f"fit={name}"], primary="fit"))
    if settings["method"] == "gradient":
        table = optic_lobe.read(
            content.find("controllers", settings["controller"]["name"]) / "optic_lobe.csv"
        )
        task = motion_vision._read_task(fit_spec.checked(settings), table)
        assert np.isfinite(np.asarray(motion_vision.initial(task).rest)).all()
        return
    if settings["method"] == "atlas":
        spec = fit_spec.checked(settings)
        check(atlas_fit.AtlasFitSpec, spec.gradient)
        circuit = Circuit.load(content.wired(spec.controller_name))
        start = GradedSharing.of(circuit, list(spec.parameters)).start
        low, high = np.array(list(spec.parameters.values())).T
        assert ((low <= start) & (start <= high)).all()
        return
    problem = fit._problem(settings)
    start = problem.decode(list(problem.encode(problem.base)))
    assert start.keys() == problem.base.keys()
    for scenario in problem.scenarios:
        run = load_run(scenario.run)
        Loop.of(run, start)
        assert 0 <= scenario.window_s[0] < scenario.window_s[1] <= run.duration_s
        assert {goal.measure for goal in scenario.goals} <= {*units(), *MEASURES, *walking.UNITS}
