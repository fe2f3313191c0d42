"""Names in perturbations as people write them: read with a note, from Python and in a run's summary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.cli.main import main
from neuromech.specs import content
from neuromech.specs.compose import load_run

WINDOW = "perturb.silence=[{neurons:[AVB_L],start_s:0,stop_s:1}]"


def circuit(*overrides: str) -> Circuit:
    run = load_run(["experiment=worm_crawl", *overrides])
    return Circuit.load(run.controller, run.perturb, run.seed)


def test_a_perturbation_is_spelt_as_the_tables_spell_it() -> None:
    found = circuit("perturb.ablate=[DD01,AVAL,ava_r]", "perturb.swap=[[asel,ASER]]", WINDOW)
    assert found.perturb.ablate == ("DD1", "AVAL", "AVAR") and found.perturb.swap == (("ASEL", "ASER"),)
    assert found.perturb.silence[0].neurons == ("AVBL",) and found.present.sum() == 299
    assert found.notes == (
        "DD01 is read as DD1", "ava_r is read as AVAR", "AVB_L is read as AVBL", "asel is read as ASEL",
    )  # fmt: skip
    assert circuit("perturb.ablate=[AVAL]").notes == ()


@pytest.mark.parametrize("name", ["AVAX", "1", "DD14"])
def test_a_name_that_nobody_has_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(InputError, match=f"unknown neuron or class '{name}'"):
        circuit(f"perturb.ablate=[{name}]")


def test_a_whole_number_is_a_name_where_neurons_have_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "controllers" / "numbered"
    folder.mkdir(parents=True)
    (folder / "controller.yaml").write_text("name: numbered\nmodel: rate\n")
    (folder / "parameters.yaml").write_text("parameters: {}\n")
    (folder / "neurons.csv").write_text("name,class,type,transmitter\n1,1,motor,GABA\n12,12,motor,GABA\n")
    (folder / "connections.csv").write_text("pre,post,kind,weight,sign\n1,12,chemical,3,-1\n")
    spec = content.wired("numbered", config_dirs=[tmp_path / "configs"])
    for written in ("[12]", "12", "['12']"):
        perturb = load_run(["experiment=worm_crawl", f"perturb.ablate={written}"]).perturb
        assert Circuit.load(spec, perturb).present.tolist() == [1, 0]
    with pytest.raises(InputError, match="perturb.ablate must be a name"):
        load_run(["experiment=worm_crawl", "perturb.ablate=[true]"])


def test_a_run_says_how_it_read_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["run", "experiment=worm_crawl", "duration_s=0.1", f"output={tmp_path / 'out'}"]
    assert main([*arguments, "perturb.ablate=[ava_l]"]) == 0
    assert "note: ava_l is read as AVAL" in capsys.readouterr().err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["notes"] == ["ava_l is read as AVAL"]
