"""The spiking brain above the walking circuit of MANC: they meet in DNg100, side by side.

A toy brain of the named neurons stands in for the whole one, wired from DNg100_input onto DNg100.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from tests.controllers import toy_brain
from tests.controllers.toy_brain import Named

RUN = (
    "experiment=fly_brain_manc",
    "duration_s=0.3",
    "controller.commands.DNg100_input_L=400",
    "controller.commands.DNg100_input_R=400",
)  # so often that the rate of DNg100 hardly depends on chance


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A wiring in which DNg100_input ends on DNg100 of its side."""

    def wired(of: Named) -> list[tuple[int, int]]:
        return [(of(f"DNg100_input_{side}")[0], of(f"DNg100_{side}")[0]) for side in "LR"]

    toy_brain.write(monkeypatch, tmp_path, wired)


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
