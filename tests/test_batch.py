"""Many loops side by side: their bits do not depend on what runs beside them, nor on being beside."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from neuromech import batch, recording
from neuromech._lib.errors import InputError
from neuromech.brain.compiled import WIDTH
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run

SEEDS = (3, 1, 4, 15, 9)


@pytest.fixture(scope="module")
def worm() -> Run:
    return load_run(["experiment=worm_chemotaxis", "duration_s=0.5", "start.distance_mm=1"])


def play(run: Run, seeds: tuple[int, ...], folder: Path) -> dict[int, xr.Dataset]:
    folder.mkdir()
    paths = [folder / f"{seed}.nc" for seed in seeds]
    batch.play([Loop.of(replace(run, seed=seed)) for seed in seeds], paths, {"content_hash": "x"})
    return {seed: recording.load(path) for seed, path in zip(seeds, paths, strict=True)}


@pytest.fixture(scope="module")
def several(worm: Run, tmp_path_factory: pytest.TempPathFactory) -> dict[int, xr.Dataset]:
    return play(worm, SEEDS, tmp_path_factory.mktemp("several") / "out")


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one.data_vars)


def test_an_episode_has_the_same_bits_whatever_runs_beside_it(
    worm: Run, several: dict[int, xr.Dataset], tmp_path: Path
) -> None:
    for seeds in ((4,), (9, 4, 1)):
        for seed, episode in play(worm, seeds, tmp_path / f"{len(seeds)}").items():
            assert same(episode, several[seed]), seed
            assert episode.attrs["seed"] == seed and episode.attrs["complete"] == 1
    assert not same(several[3], several[1])


def test_beside_others_it_has_the_bits_that_it_has_alone(
    worm: Run, several: dict[int, xr.Dataset], tmp_path: Path
) -> None:
    Loop.of(replace(worm, seed=4)).play(tmp_path / "alone.nc", {"content_hash": "x"})
    assert same(several[4], recording.load(tmp_path / "alone.nc"))


def test_a_shuffled_wiring_and_a_network_act_to_the_bit_as_alone(worm: Run, tmp_path: Path) -> None:
    shuffled = load_run(["experiment=worm_crawl", "duration_s=0.2", "perturb.shuffle_wiring=true"])
    random = load_run(["experiment=worm_crawl", "duration_s=0.2", "controller=random"])
    for name, run in (("shuffled", shuffled), ("random", random)):
        for seed, episode in play(run, (0, 1), tmp_path / name).items():
            Loop.of(replace(run, seed=seed)).play(tmp_path / "alone.nc", {"content_hash": "x"})
            assert same(episode, recording.load(tmp_path / "alone.nc")), (name, seed)


def test_different_perturbations_play_side_by_side(worm: Run, tmp_path: Path) -> None:
    blind = load_run(["experiment=worm_chemotaxis", "duration_s=0.3", "perturb.ablate=[ASE]", "seed=2"])
    runs = [replace(worm, duration_s=0.3, seed=2), blind]
    paths = [tmp_path / "intact.nc", tmp_path / "blind.nc"]
    batch.play([Loop.of(run) for run in runs], paths, {"content_hash": "x"})
    intact, ablated = (recording.load(path)["activity"].sel(neuron="ASEL").values for path in paths)
    assert np.ptp(intact) > 0 and np.ptp(ablated) == 0


def test_a_failure_ends_all_and_keeps_their_recordings(worm: Run, tmp_path: Path) -> None:
    loops = [Loop.of(replace(worm, seed=seed)) for seed in (0, 1, 2)]
    paths = [tmp_path / f"{k}.nc" for k in range(3)]
    threads = set()

    def tick(path: Path, t_s: float) -> None:
        threads.add(threading.current_thread())
        if path == paths[1] and t_s > 0.2:
            raise InputError("the second one fails")

    with pytest.raises(InputError, match="the second one fails"):
        batch.play(loops, paths, {"content_hash": "x"}, tick)
    ends = [str(recording.load(path).attrs["ended"]) for path in paths]
    assert "the second one fails" in ends[1] and all(end != "time limit" for end in ends)
    assert threading.main_thread() not in threads


@given(st.integers(1, 300), st.integers(1, 64))
def test_shares_are_whole_small_and_even(count: int, cores: int) -> None:
    blocks = batch.shares(count, cores)
    assert sorted(k for block in blocks for k in block) == list(range(count))
    sizes = [len(block) for block in blocks]
    assert max(sizes) <= WIDTH and max(sizes) - min(sizes) <= 1
    # No core waits while another one has two blocks more.
    assert len(blocks) == count or len(blocks) % cores == 0
