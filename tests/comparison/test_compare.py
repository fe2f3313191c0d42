"""A simulation against an animal, with its floors run and its ceiling."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import neuromech
from neuromech._lib.errors import InputError
from neuromech.comparison import baselines, compare, page, table
from neuromech.comparison.compare import Comparison
from neuromech.specs import compose
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import dump
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from tests import poses


@pytest.fixture(scope="module")
def found(simulation: Path, worm: Path) -> Comparison:
    return compare.compare(simulation, [worm], ReaderOptions(body_length_mm=1.0), progress=False)


def test_the_score_stands_between_its_floors_and_its_ceiling(found: Comparison, simulation: Path) -> None:
    assert set(found.floors) == {"shuffled", "random"} and found.ceiling is not None
    assert not found.why_no_score and 0 <= found.similarity.score <= 1
    assert found.ceiling > 0.9  # the made-up worm never changes its ways
    assert max(each.score for each in found.floors.values()) < found.similarity.score < found.ceiling
    assert found.share is not None and 0 < found.share < 1
    for name in found.floors:
        assert (simulation / "controls" / name / "episode_001.nc").is_file()
    shuffled = (simulation / "controls" / "shuffled" / "config.yaml").read_text()
    assert "shuffle_wiring: true" in shuffled and "seed: 0" in shuffled


def test_controls_are_kept_and_made_again_only_when_the_run_has_changed(simulation: Path) -> None:
    run = compose.load_run([], [simulation])
    floor = baselines.floors(run, simulation)["random"]
    baselines.recordings(floor, progress=False)
    file = simulation / "controls" / "random" / "episode_000.nc"
    made = file.stat().st_mtime_ns
    baselines.recordings(floor, progress=False)
    assert file.stat().st_mtime_ns == made
    (simulation / "controls" / "random" / "key").write_text("another")
    baselines.recordings(floor, progress=False)
    assert file.stat().st_mtime_ns != made


def test_every_comparison_has_its_own_floors(simulation: Path) -> None:
    run = compose.load_run(["perturb.ablate=AVB"], [simulation])
    floors = baselines.floors(run, simulation)
    assert floors["shuffled"].perturb == Perturb(ablate=("AVB",), shuffle_wiring=True)
    assert floors["random"].controller.name == "random"
    assert dump(floors["shuffled"]).count("agar_salt") == dump(run).count("agar_salt")
    assert not baselines.floors(floors["random"], simulation)
    # A shuffled run is no floor of itself.
    assert set(baselines.floors(floors["shuffled"], simulation)) == {"random"}


def test_the_floors_of_another_program_are_not_used(
    simulation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor = baselines.floors(compose.load_run([], [simulation]), simulation)["random"]
    baselines.recordings(floor, progress=False)
    key, package = simulation / "controls" / "random" / "key", Path(neuromech.__file__).parent
    made = key.read_text()
    monkeypatch.setattr(neuromech, "__file__", str(package / "tracking" / "__init__.py"))
    monkeypatch.setattr(baselines, "run_experiment", lambda run, progress: None)
    baselines.recordings(floor, progress=False)
    assert key.read_text() != made
    key.write_text(made)


def test_the_terminal_and_the_files_say_the_same(found: Comparison, tmp_path: Path) -> None:
    text = table.plain(found)
    assert f"score {found.similarity.score:.2f}" in text and "floor: wiring shuffled" in text
    for path in page.write(found, tmp_path):
        assert path.is_file()
    told = json.loads((tmp_path / "comparison.json").read_text())
    assert told["score"] == pytest.approx(found.similarity.score) and told["episodes"]["simulated"] == 2
    assert set(told["floors"]) == {"shuffled", "random"} and told["ceiling"] == found.ceiling
    bend = told["features"]["bend"]
    assert bend["animal"]["n"] == 600 and 0 <= bend["kolmogorov_smirnov"] <= 1
    assert set(bend["similarity_of_floors"]) == {"shuffled", "random"}
    html = (tmp_path / "comparison.html").read_text()
    assert html.count("data:image/png;base64,") == 5 and "src='http" not in html and "<script" not in html
    assert table.markdown(found).startswith("| feature | unit |")


def test_without_controls_there_is_no_score(simulation: Path, worm: Path, tmp_path: Path) -> None:
    alone = shutil.copy(simulation / "episode_000.nc", tmp_path / "alone.nc")
    found = compare.compare(Path(alone), [worm], ReaderOptions())
    assert found.why_no_score == "alone.nc has no config.yaml, so its controls cannot be run"
    assert compare.as_json(found)["score"] is None and "no score: alone.nc" in table.plain(found)
    page.write(found, tmp_path)
    assert "the score between" not in (tmp_path / "comparison.html").read_text()


def test_the_clip_of_a_real_worm(simulation: Path, data: Path) -> None:
    clip = data / "worm" / "wormpose_sample_features.h5"
    found = compare.compare(simulation, [clip], ReaderOptions(body_length_mm=1.0), skip_s=1.0, progress=False)
    assert set(found.similarity.unseen) == {"speed_mm_s", "axial_mm_s", "turning_deg_s"}
    assert found.ceiling is not None and found.ceiling > found.similarity.score
    assert "does not show it: speed, speed along the body, turning" in table.plain(found)


def test_halves_of_one_recording_and_of_several(data: Path, worm: Path) -> None:
    one = recorded.read(worm)
    first, second = baselines.halves([one])
    assert first[0].sizes["time"] + second[0].sizes["time"] == 600
    assert float(first[0]["time"][-1]) < float(second[0]["time"][0])
    assert [len(half) for half in baselines.halves([one, one, one])] == [1, 2]
    bouts = recorded.read(data / "fish" / "replay_bouts.npz")
    early, late = (np.unique(half[0]["excerpt"].values) for half in baselines.halves([bouts]))
    assert len(early) == len(late) == 12 and early.max() < late.min()
    rows = recorded.read(data / "fish" / "bouts.csv")
    assert [half[0].sizes["bout"] for half in baselines.halves([rows])] == [205, 205]


def test_what_cannot_be_compared(simulation: Path, worm: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is for the tracker 'bouts', the simulation for 'undulation'"):
        compare.compare(simulation, [data / "fish" / "bouts.csv"], ReaderOptions())
    with pytest.raises(InputError, match=r"holds no episode_000\.nc"):
        compare.compare(tmp_path, [worm], ReaderOptions())
    with pytest.raises(InputError, match="has 0 samples"):
        compare.compare(simulation, [worm], ReaderOptions(), skip_s=60.0)
    short = poses.wcon(tmp_path / "short.wcon", poses.crawl_mm(12))
    found = compare.compare(simulation, [short], ReaderOptions(), progress=False)
    assert found.why_no_score == "the animal's recording is too short to be held against itself"
