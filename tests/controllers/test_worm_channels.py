"""The worm with ion channels in some of its neurons: in the loop, beside others, saved, perturbed."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech import batch, recording
from neuromech.cli import main
from neuromech.controllers import build
from neuromech.controllers.connectome import ConnectomeController
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.world import body as bodies
from neuromech.world.body import Body
from tests.controllers import worm
from tests.controllers.test_states import goes_on

needs_jaxley = pytest.mark.skipif(find_spec("jaxley") is None, reason="the extra channels is not installed")
pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def body() -> Body:
    return bodies.load(load_run(["experiment=worm_crawl"]).body)


def made(body: Body, *overrides: str) -> ConnectomeController:
    run = load_run(["experiment=worm_crawl", "controller.detail=channels", *overrides])
    controller = build(run, body)
    assert isinstance(controller, ConnectomeController)
    return controller


def test_without_jaxley_a_run_ends_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "jaxley", None)
    arguments = ["run", "experiment=worm_crawl", "controller.detail=channels", f"output={tmp_path / 'out'}"]
    assert main.main(arguments) == 2
    output, errors = capsys.readouterr()
    assert errors.count("\n") == 1 and "pip install 'neuromech[channels]'" in errors and output == ""


@needs_jaxley
def test_only_cells_whose_channels_are_published_have_them(body: Body) -> None:
    from neuromech.brain.neurons.graded_channels import GradedChannels

    controller = made(body)
    network = controller.brain.network
    assert isinstance(network, GradedChannels)
    names = {kind: {controller.neuron_names[k] for k in cells} for kind, cells in network.places}
    assert names["AIY"] == {"AIYL", "AIYR"} and names["AVAL"] == {"AVAL"} and names["AVAR"] == {"AVAR"}
    assert len(names["RMD"]) == 6 and len(names["VD"]) == 13 and "VD5" in names["VD"]
    at_rest = dict(zip(controller.neuron_names, controller.activity, strict=True))
    assert at_rest["AWAL"] == at_rest["SMDDL"] == -40  # graded as before
    assert at_rest["RMDL"] == pytest.approx(-69.5, abs=0.2)
    assert at_rest["AIYL"] == pytest.approx(-55.2, abs=0.2)
    assert at_rest["VD5"] == pytest.approx(-46.0, abs=0.2)


@needs_jaxley
def test_it_goes_on_from_a_saved_state(body: Body, tmp_path: Path) -> None:
    goes_on(made(body), made(body), tmp_path / "state.npz")


@needs_jaxley
def test_ablated_silenced_and_stimulated_cells(body: Body) -> None:
    window = "start_s: 0, stop_s: 5"
    controller = made(
        body,
        "perturb.ablate=[RMDL]",
        f"perturb.silence=[{{neurons: [AIYL], {window}}}]",
        f"perturb.stimulate=[{{neurons: [AVAL], {window}, current_pA: 30}}]",
    )
    at = controller.neuron_names.index
    rest = controller.activity.copy()
    activity, _ = worm.play(controller, 60)
    above = activity[-1] - rest
    assert above[at("AVAL")] > 15
    lowest = -4 * controller.circuit.parameters["tonic"] * 10
    assert above[at("RMDL")] == pytest.approx(lowest, abs=1e-3) == above[at("AIYL")]


@needs_jaxley
def test_the_loop_runs_and_its_bits_do_not_depend_on_what_runs_beside_it(tmp_path: Path) -> None:
    run = load_run(["experiment=worm_crawl", "controller.detail=channels", "duration_s=2"])

    def played(seeds: tuple[int, ...], folder: str) -> dict[int, Any]:
        (tmp_path / folder).mkdir()
        paths = [tmp_path / folder / f"{seed}.nc" for seed in seeds]
        batch.play([Loop.of(replace(run, seed=seed)) for seed in seeds], paths, {"content_hash": "x"})
        return {seed: recording.load(path) for seed, path in zip(seeds, paths, strict=True)}

    both, one = played((3, 1), "both"), played((1,), "one")
    for name in one[1].data_vars:
        assert np.array_equal(one[1][name], both[1][name], equal_nan=True), name
    assert not np.array_equal(both[1]["activity"], both[3]["activity"])
    found = both[1]["activity"].to_pandas()
    assert found["RMDL"].std() > 0.5 and found["VD5"].std() > 0.5  # they take part
    assert np.isfinite(found.to_numpy()).all() and found.to_numpy().min() > -150
