"""The spiking brain above the walking circuit of MANC: they meet in DNg100, side by side.

A toy brain of the named neurons stands in for the whole one, wired from DNg100_input onto DNg100.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.brain import wirings
from neuromech.brain.neurons.synapses import Synapses
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run

STRONG = 60  # contacts: two spikes at once make the next neuron fire
RUN = (
    "experiment=fly_brain_manc",
    "duration_s=0.3",
    "controller.commands.DNg100_input_L=400",
    "controller.commands.DNg100_input_R=400",
)  # so often that the rate of DNg100 hardly depends on chance


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wiring of the named neurons alone, where the whole brain would lie."""
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path))
    with (content.find("controllers", "fly_brain") / "neurons.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["flywire_783"]]
    index = {row["name"]: k for k, row in enumerate(rows)}
    pre = np.array([index["DNg100_input_L"], index["DNg100_input_R"]])
    post = np.array([index["DNg100_L"], index["DNg100_R"]])
    ids = np.array([int(row["flywire_783"]) for row in rows], np.int64)
    synapses = Synapses.of(len(ids), pre, post, np.full(2, STRONG))
    wirings.write(wirings.folder("flywire_783"), "flywire_783", ids, synapses)


def rates(tmp_path: Path, *overrides: str) -> dict[str, float]:
    """Mean rates (Hz) of the last 0.1 s, by neuron."""
    Loop.of(load_run([*RUN, *overrides])).play(tmp_path / "episode.nc", {})
    with xr.open_dataset(tmp_path / "episode.nc") as found:
        late = found["activity"].sel(time=slice(0.2, None)).mean("time")
        return dict(zip(map(str, late["neuron"].values), map(float, late.values), strict=True))


@pytest.mark.thorough
def test_a_driven_brain_drives_the_cord_of_both_sides(toy: None, tmp_path: Path) -> None:
    found = rates(tmp_path)
    for side in "LR":
        assert found[f"DNg100_{side}"] > 20 and found[f"fly_manc.DNg100_{side}"] > 5


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("override", "driven"),
    [
        ("controller.commands.DNg100_input_R=0", (True, False)),
        ("perturb.ablate=[DNg100_input_L]", (False, True)),
        ("perturb.silence=[{neurons: [DNg100], start_s: 0, stop_s: 1}]", (False, False)),
        ("perturb.scale_chemical=0", (False, False)),
    ],
)
def test_what_is_cut_drives_nothing(
    toy: None, tmp_path: Path, override: str, driven: tuple[bool, bool]
) -> None:
    found = rates(tmp_path, override)
    assert tuple(found[f"fly_manc.DNg100_{side}"] > 5 for side in "LR") == driven


def test_without_a_wiring_it_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)
    with pytest.raises(InputError, match=r"flywire_783 or flywire783_ge5_within_side; .* fetch"):
        Loop.of(load_run([*RUN]))
