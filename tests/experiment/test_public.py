"""The front door: a run from Python, what it returns, and a brain of one's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuromech as nm
from neuromech.controllers.connectome import ConnectomeController


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> nm.Result:
    return nm.run(
        "worm_crawl", duration_s=1.0, seeds=range(2), output=tmp_path_factory.mktemp("out") / "crawl"
    )


def test_a_run_returns_what_it_left(crawl: nm.Result) -> None:
    assert list(crawl.metrics.columns) == ["mean", "sd", "n", "unit"]
    assert crawl.metrics.loc["speed_mm_s", "unit"] == "mm/s" and crawl.metrics.loc["speed_mm_s", "n"] == 2
    assert list(crawl.episodes.index) == [0, 1]
    assert crawl.metrics.loc["speed_mm_s", "mean"] == pytest.approx(crawl.episodes["speed_mm_s"].mean())
    assert crawl.data.sizes["seed"] == 2 and crawl.data["landmarks"].attrs["units"] == "mm"
    assert np.array_equal(crawl.data["landmarks"].sel(seed=1), crawl.episode(1)["landmarks"])
    assert crawl.settings.duration_s == 1.0


def test_a_result_opens_again_and_shows_itself(crawl: nm.Result) -> None:
    again = nm.Result.load(str(crawl.folder))
    assert again.metrics.equals(crawl.metrics)
    assert again.report()._repr_png_().startswith(b"\x89PNG")
    shown = again._repr_html_()
    assert "speed_mm_s" in shown and "data:image/png;base64," in shown


def test_a_result_that_is_none(tmp_path: Path, crawl: nm.Result) -> None:
    with pytest.raises(nm.InputError, match="no folder"):
        nm.Result.load(tmp_path / "nothing")
    (tmp_path / "summary.json").write_text("[]")
    with pytest.raises(nm.InputError, match="not the summary of a run"):
        nm.Result.load(tmp_path)
    with pytest.raises(nm.InputError, match="unknown episode '2'"):
        crawl.episode(2)


def test_keywords_reach_every_key(tmp_path: Path) -> None:
    experiment = nm.Experiment.load(
        "worm_chemotaxis",
        duration_s=2,
        ablate=["ASEL", "ASER"],
        stimulate=[{"neurons": ["AVA"], "start_s": 0, "stop_s": 1, "current_pA": 5}],
        environment={"stimulus": {"width_mm": 5}},
        **{"controller.title": "mine", "start.heading": "goal"},
    )
    settings = experiment.settings
    assert settings.perturb.ablate == ("ASEL", "ASER") and settings.perturb.stimulate[0].current_pA == 5
    assert settings.environment.stimulus.options["width_mm"] == 5 and settings.duration_s == 2
    assert settings.start.heading == "goal"


@pytest.mark.parametrize(
    ("name", "keywords", "message"),
    [
        ("worm_craw", {}, "unknown experiment 'worm_craw'; nearest: worm_crawl"),
        ("worm_crawl", {"duration": 1}, "unknown key 'duration'; nearest: duration_s"),
        ("worm_crawl", {"ablate": ["AVAA"]}, "AVA"),
        ("worm_crawl", {"duration_s": "long"}, "duration_s must be a number"),
        ("worm_crawl", {"seeds": [1, 3]}, "seeds must be whole numbers that follow each other"),
        ("worm_crawl", {"seeds": range(2), "seed": 1}, "give seeds or seed, not both"),
        ("worm_crawl", {"clock": {"physics_s": object()}}, "clock.physics_s must be a number, a text"),
        ("worm_crawl", {"environment": {"stimuls": 1}}, "unknown key 'environment.stimuls'"),
        ("worm_crawl", {"controller": int}, "not the class int"),
        ("worm_crawl", {"controller": object()}, "object has no reset"),
    ],
)
def test_what_is_wrong_is_one_line(name: str, keywords: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(nm.InputError, match=message) as caught:
        nm.run(name, output=tmp_path / "out", **keywords)
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


def test_texts_survive_the_grammar_of_the_command_line(tmp_path: Path) -> None:
    for name in ("a b", "it's", "[x]", "a=b,c", "#1", "ä{}", "back\\slash", "end\\", "\\'"):
        experiment = nm.Experiment.load("worm_crawl", output=tmp_path / name)
        assert experiment.settings.output == tmp_path / name


def wave(key: jax.Array, body: Any) -> dict[str, jax.Array]:
    along = jnp.asarray([int(name[-2:]) / 24 for name in body.muscles])
    dorsal = jnp.asarray([1.0 if name[1] == "D" else -1.0 for name in body.muscles])
    return {"phase": jax.random.uniform(key) * 0.1, "along": along, "dorsal": dorsal}


def swing(state: dict[str, jax.Array], observation: Any) -> tuple[Any, ...]:
    phase = state["phase"] + 0.03
    excitation = 0.5 + 0.4 * state["dorsal"] * jnp.sin(phase - 10 * state["along"])
    return {**state, "phase": phase}, excitation, jnp.stack([phase, observation["bend"].mean()])


def test_a_brain_of_ones_own_is_recorded_tracked_and_filmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConnectomeController, "__init__", lambda *_, **__: pytest.fail("the brain was built"))
    experiment = nm.Experiment.load("worm_crawl", duration_s=4.0)
    experiment.controller = nm.functions(wave, swing, neurons=["phase", "bend"])
    result = experiment.run(seeds=[3], output=tmp_path / "mine")
    assert list(result.data["neuron"].values) == ["phase", "bend"] and result.data["activity"].shape[1] == 2
    assert abs(result.metrics.loc["speed_mm_s", "mean"]) > 0.02
    assert nm.track(result.data).loc["speed_mm_s", "value"] == pytest.approx(
        result.metrics.loc["speed_mm_s", "mean"]
    )
    again = experiment.run(seeds=[3], output=tmp_path / "again")
    assert np.array_equal(again.data["landmarks"], result.data["landmarks"])
    film = nm.Result.load(tmp_path / "mine").video(size=(320, 180))
    assert film.path.stat().st_size > 1000 and "<video" in film._repr_html_()
    assert experiment.settings.controller.name == "from_python"


def test_an_object_with_reset_and_act_is_a_controller_too(tmp_path: Path) -> None:
    class Still:
        def reset(self, seed: int) -> None:
            self.acts = 0

        def act(self, observation: Any) -> np.ndarray:
            self.acts += 1
            return np.full(95, 0.5)

    mine = Still()
    result = nm.run("worm_crawl", duration_s=0.5, controller=mine, output=tmp_path / "out")
    assert mine.acts == 50 and "activity" not in result.data
    assert float(np.ptp(result.data["muscle"].values)) == 0.0


def bad(returned: Any) -> Any:
    return nm.functions(lambda key, body: jnp.zeros(2), lambda state, observation: returned(state))


@pytest.mark.parametrize(
    ("controller", "message"),
    [
        (bad(lambda state: state), "step must return \\(state, excitation\\)"),
        (bad(lambda state: (state, jnp.zeros(94))), "one excitation for each of 95 muscles, not \\(94,\\)"),
        (bad(lambda state: (state[:1], jnp.zeros(95))), "a state like that of init"),
        (bad(lambda state: (state, jnp.zeros(95), jnp.zeros((2, 2)))), "one array \\(neuron,\\)"),
        (
            nm.functions(lambda k, b: 0.0, lambda s, o: (s, jnp.zeros(95), jnp.zeros(2)), neurons=["a"]),
            "activity of 2 neurons, but 1 names",
        ),
    ],
)
def test_functions_that_do_not_fit(controller: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(nm.InputError, match=message):
        nm.run("worm_crawl", duration_s=0.1, controller=controller, output=tmp_path / "out")


def test_a_perturbation_needs_a_wiring(tmp_path: Path) -> None:
    with pytest.raises(nm.InputError, match="perturb acts on the neurons of a wiring"):
        nm.run(
            "worm_crawl",
            ablate=["AVA"],
            controller=bad(lambda s: (s, jnp.zeros(95))),
            output=tmp_path / "out",
        )


def test_body_environment_and_controller_can_be_replaced_by_name(tmp_path: Path) -> None:
    experiment = nm.Experiment.load("worm_crawl", duration_s=0.1)
    experiment.environment = "water"
    experiment.controller = "random"
    assert len(experiment.body.muscles) == 95
    result = experiment.run(output=tmp_path / "out")
    assert json.loads(result.data.attrs["environment"])["name"] == "water"
    with pytest.raises(nm.InputError, match="unknown body 'wurm'; nearest: worm"):
        experiment.body = "wurm"


def test_two_runs_of_one_second_get_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = nm.Experiment.load("worm_crawl", duration_s=0.1)
    first, second = experiment.run(), experiment.run()
    assert first.folder != second.folder and first.folder.is_dir() and second.folder.is_dir()


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = "('jax', 'mujoco', 'hydra', 'matplotlib', 'numba', 'xarray', 'pandas')"
    code = f"import sys, neuromech as nm; print([m for m in {heavy} if m in sys.modules], 'run' in dir(nm))"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert seen.startswith("[] True")
