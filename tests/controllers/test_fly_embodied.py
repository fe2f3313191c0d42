"""The spiking brain on the fly's body: from sugar to the proboscis, from the antenna to the legs.

The whole brain is not on every machine, so a toy one stands in for it: under the names of the real neurons,
wired as the published paths are, GRN to MN9 and JO over aBN1 to aDN1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.tracking import track
from tests.controllers import toy_brain
from tests.controllers.toy_brain import Named


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The published paths between the named neurons."""

    def wired(of: Named) -> list[tuple[int, int]]:
        ways = (("sugar_GRN", "MN9"), ("JO_CE", "aBN1"), ("aBN1", "aDN1"))
        return [(pre, post) for start, end in ways for pre in of(start) for post in of(end)]

    toy_brain.write(monkeypatch, tmp_path, wired)


def played(tmp_path: Path, *overrides: str) -> xr.Dataset:
    loop = Loop.of(load_run([*overrides]))
    loop.play(tmp_path / "episode.nc", {})
    with xr.open_dataset(tmp_path / "episode.nc") as file:
        return file.load()


SUGAR = (
    "experiment=fly_feeding", "duration_s=1.2",
    "environment.stimulus.start_s=0.3", "environment.stimulus.stop_s=0.8",
)  # fmt: skip


def extended(found: xr.Dataset, start_s: float, stop_s: float) -> float:
    return float(track(found.sel(time=slice(start_s, stop_s)))["proboscis_extended_share"] or 0)


def test_sugar_under_the_feet_brings_the_proboscis_out_while_it_is_there(toy: None, tmp_path: Path) -> None:
    found = played(tmp_path, *SUGAR)
    assert (
        extended(found, 0.15, 0.29) == 0
        and extended(found, 0.45, 0.8) == 1
        and extended(found, 1.05, 1.2) == 0
    )
    # Not before the sugar, nor before a spike has gone through the brain: 1.8 ms for a synapse.
    first = float(found["spike_time"].values.min())
    assert 0.3 < first < 0.35
    assert 0.3 < float(track(found)["proboscis_latency_s"] or 0) < 0.45


@pytest.mark.thorough
def test_without_MN9_or_without_sugar_it_stays_in(toy: None, tmp_path: Path) -> None:
    for more in ("perturb.ablate=[MN9]", "environment.stimulus.radius_mm=0.1"):
        assert extended(played(tmp_path, *SUGAR, more), 0.15, 1.2) == 0


@pytest.mark.thorough
def test_a_pushed_antenna_is_groomed(toy: None, tmp_path: Path) -> None:
    push = "[{segment: l_arista, start_s: 0.3, stop_s: 1.2, force_nN: [-200, 0, 0]}]"
    run = ("experiment=fly_grooming", f"environment.touch={push}", "duration_s=1.2")
    found = played(tmp_path, *run)
    assert float(track(found.sel(time=slice(0.6, 1.2)))["grooming_share"] or 0) > 0.4
    assert track(found.sel(time=slice(0.1, 0.3)))["grooming_share"] == 0
    assert track(found)["fell"] == 0
    still = played(tmp_path, *run, "perturb.ablate=[aBN1]")
    assert track(still.sel(time=slice(0.1, 1.2)))["grooming_share"] == 0


def test_the_same_seed_gives_the_same_spikes(toy: None, tmp_path: Path) -> None:
    short = (*SUGAR, "duration_s=0.4")
    one, other = (played(tmp_path, *short, "seed=3") for _ in range(2))
    assert one["spike_time"].size > 0 and one.identical(other)
    third = played(tmp_path, *short, "seed=4")
    assert not np.array_equal(one["spike_time"].values, third["spike_time"].values)
