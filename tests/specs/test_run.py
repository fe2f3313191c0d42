"""Every configuration composes, and overrides mean what the README says."""

from pathlib import Path

import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import compose
from neuromech.specs import run as config
from neuromech.specs.perturb import Window
from tests.experiments import marked

EXPERIMENTS = list(compose.options("experiment"))


@pytest.mark.parametrize("name", marked(EXPERIMENTS))
def test_every_experiment_resolves_and_describes_itself(name: str) -> None:
    composed = compose.compose([f"experiment={name}"])
    assert composed["title"]
    run = config.resolve(composed)
    assert run.experiment == name and run.output.parts[0] == "simulations"
    assert run.clock.physics_per_control * run.clock.physics_s == pytest.approx(run.clock.control_s)
    assert run.clock.control_per_record * run.clock.control_s == pytest.approx(run.clock.record_s)


@pytest.mark.parametrize("name", compose.options("fit"))
def test_every_fit_composes_and_describes_itself(name: str) -> None:
    composed = compose.compose([f"fit={name}"], primary="fit")
    assert composed["fit"] == name and composed["title"]


@pytest.mark.parametrize("name", marked(EXPERIMENTS))
def test_the_saved_configuration_makes_the_same_run_again(name: str, tmp_path: Path) -> None:
    changes = [
        "perturb.ablate=ASEL",
        "perturb.silence=[{neurons:[AVA],start_s:1,stop_s:2}]",
        "seed=4",
        "output=x",
    ]
    run = compose.load_run([f"experiment={name}", *changes])
    (tmp_path / "config.yaml").write_text(config.dump(run))
    again = compose.load_run([], [tmp_path])
    assert config.dump(again) == config.dump(run)
    assert again.output != run.output


def test_perturbations() -> None:
    run = compose.load_run(
        [
            "experiment=worm_crawl",
            "perturb.ablate=[ASEL,ASER]",
            "perturb.silence={neurons:AVA,start_s:5,stop_s:8}",
            "perturb.stimulate=[{neurons:[AVAL,AVAR],start_s:5,stop_s:6,current_pA:20}]",
            "perturb.shuffle_wiring=[sensory,interneuron]",
            "perturb.scale_gap_junctions=0",
            "perturb.swap=[ASEL,ASER]",
        ]
    )
    assert run.perturb == config.Perturb(
        ablate=("ASEL", "ASER"),
        silence=(Window(("AVA",), 5, 8),),
        stimulate=(Window(("AVAL", "AVAR"), 5, 6, 20),),
        shuffle_wiring=("sensory", "interneuron"),
        scale_gap_junctions=0,
        swap=(("ASEL", "ASER"),),
    )
    window = "perturb.stimulate=[{neurons:[720575940627652358,P9],start_s:5,stop_s:6,rate_Hz:150}]"
    spiking = compose.load_run(["experiment=worm_crawl", window])
    assert spiking.perturb.stimulate == (Window(("720575940627652358", "P9"), 5, 6, 0.0, 150.0),)
    with pytest.raises(InputError, match="perturb.stimulate needs current_pA"):
        compose.load_run(["experiment=worm_crawl", "perturb.stimulate={neurons:AVA,start_s:5,stop_s:6}"])
    single = compose.load_run(["experiment=worm_crawl", "perturb.ablate=ASEL", "perturb.shuffle_wiring=true"])
    assert single.perturb.ablate == ("ASEL",) and single.perturb.shuffle_wiring is True


def test_a_key_of_the_content_can_be_overridden() -> None:
    run = compose.load_run(["experiment=worm_chemotaxis", "environment.stimulus.width_mm=5"])
    assert run.environment.stimulus.options["width_mm"] == 5
    assert run.environment.stimulus.options["peak_mM"] == 25


def test_every_key_of_a_start_can_be_overridden() -> None:
    run = compose.load_run(
        ["experiment=worm_chemotaxis", "start.x_mm=1", "start.y_mm=-2", "start.heading=goal"]
    )
    assert run.start == config.Start(distance_mm=(3, 5), heading="goal", x_mm=1, y_mm=-2)


def test_another_environment_brings_its_own_keys() -> None:
    # worm_crawl sets a key of agar's stimulus, which water need not have.
    assert compose.load_run(["experiment=worm_crawl", "environment=water"]).environment.name == "water"


def test_a_users_own_configurations_and_content(tmp_path: Path) -> None:
    (tmp_path / "configs" / "experiment").mkdir(parents=True)
    (tmp_path / "configs" / "experiment" / "mine.yaml").write_text(
        "# @package _global_\nbody: worm\nenvironment: {name: jelly}\n"
        "controller: {name: worm_connectome}\nduration_s: 7\n"
    )
    (tmp_path / "environments" / "jelly").mkdir(parents=True)
    (tmp_path / "environments" / "jelly" / "environment.yaml").write_text("name: jelly\nbelt_mm_s: 2\n")
    run = compose.load_run(["experiment=mine", "environment.belt_mm_s=3"], [tmp_path / "configs"])
    assert (run.duration_s, run.environment.belt_mm_s) == (7, 3)
    assert "worm_crawl" in compose.options("experiment", [tmp_path / "configs"])


def test_sweeps_expand_in_order() -> None:
    assert compose.expand(["seed=0,1", "perturb.ablate=[A,B],C"]) == [
        ["seed=0", "perturb.ablate=[A,B]"],
        ["seed=0", "perturb.ablate=C"],
        ["seed=1", "perturb.ablate=[A,B]"],
        ["seed=1", "perturb.ablate=C"],
    ]
    assert compose.expand(["seed=range(0,3)"]) == [["seed=0"], ["seed=1"], ["seed=2"]]


def test_the_defaults_of_every_run_are_those_of_its_schema() -> None:
    composed = compose.compose(["experiment=worm_crawl"])
    assert config.resolve(composed).perturb == config.Perturb()
    assert set(composed["perturb"]) == set(config.Perturb.__dataclass_fields__)


def test_a_clock_may_be_a_multiple_only_up_to_rounding() -> None:
    run = compose.load_run(
        ["experiment=worm_crawl", "clock={physics_s: 0.001, control_s: 0.003, record_s: 0.03}"]
    )
    assert (run.clock.physics_per_control, run.clock.control_per_record) == (3, 10)
    with pytest.raises(InputError, match="nearest: 0.05"):
        compose.load_run(["experiment=worm_crawl", "clock.record_s=0.049"])
