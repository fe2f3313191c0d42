"""The report is drawn for every kind of recording, and says what it was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import StepPatch

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.checking import plain
from neuromech.tracking import track
from neuromech.visuals import figures
from neuromech.visuals.report import write_report
from tests.crawler import crawl
from tests.larva import Swim, larva

NORMS = {
    "undulation_hz": {"range": [0.3, 0.5], "unit": "Hz", "source": "Fang-Yen 2010"},
    "wavelength_body_lengths": {"range": [0.5, 0.7], "unit": "body lengths", "source": "Fang-Yen 2010"},
    "speed_mm_s": {"range": [0.3, 0.4], "unit": "mm/s", "source": "a range that this worm misses"},
}


def with_brain(recording: xr.Dataset) -> xr.Dataset:
    """Add neurons in groups and two senses to a recording, in step with its body."""
    times = recording["time"].values
    phase = 2 * np.pi * (0.45 * times[:, None] - np.linspace(0, 3, 90))
    names = [f"S{i}" for i in range(20)] + [f"I{i}" for i in range(30)] + [f"M{i}" for i in range(40)]
    noise = np.random.default_rng(0).normal(size=(len(times), 90))
    slow = np.sin(times / 17)[:, None]
    drive = np.where(np.arange(90) < 20, slow, np.where(np.arange(90) < 50, 0.5 * slow, np.sin(phase)))
    recording["activity"] = ("time", "neuron"), (-35 + 8 * drive + noise).astype(np.float32), {"units": "mV"}
    recording["neuron"] = names
    recording.attrs["neuron_groups"] = json.dumps(
        {"sensory": names[:20], "head": names[20:24], "motor": names[50:]}
    )
    salt = recording["stimulus"].values[:, :1]
    recording["sense_salt"] = ("time", "salt_channel"), salt, {"units": "mM"}
    touch = np.zeros((len(times), 2), np.float32)
    touch[len(times) // 2 :, 1] = 0.0
    recording["sense_touch"] = ("time", "touch_channel"), touch
    return recording


def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that will hold every text of the next figure that is saved."""
    found: list[str] = []
    save = Figure.savefig

    def note(figure: Figure, *args, **options) -> None:
        for axes in figure.axes:
            found.extend(text.get_text() for text in axes.texts)
            found.extend(axes.get_title(loc=loc) for loc in ("left", "right"))
        found.extend(text.get_text() for text in figure.texts)
        save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", note)
    return found


def test_a_worm_on_a_gradient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = with_brain(crawl(60.0, peak=(6.0, 2.0), bend=0.05, heading=0.2))
    recording.attrs |= {"experiment": "worm_chemotaxis", "ended": "time limit"}
    written = texts(monkeypatch)
    write_report(recording, track(recording), NORMS, tmp_path / "report.png")
    image = imread(tmp_path / "report.png")
    assert image.shape[0] > 900 and image.shape[1] > 1500 and image[..., :3].std() > 0.1
    assert "worm chemotaxis" in written and "Path of the nose" in written and "Sense: salt" in written
    assert written.count("\u2713") == 2 and written.count("\u2717") == 1
    assert "sensory 20" in written and "other 26" in written and "0.45 Hz" in written
    # A sense that felt nothing has no panel.
    assert "Sense: touch" not in written


@pytest.mark.parametrize("samples", [0, 1, 2, 30])
def test_short_recordings(tmp_path: Path, samples: int) -> None:
    recording = with_brain(crawl(10.0, peak=(3.0, 0.0))).isel(time=slice(0, samples))
    write_report(recording, track(recording), NORMS, tmp_path / "report.png")
    assert imread(tmp_path / "report.png").size


def test_a_bare_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = crawl(20.0)
    recording["landmarks"][100:150] = np.nan
    written = texts(monkeypatch)
    write_report(recording, track(recording), {}, tmp_path / "report.png")
    assert "n/a" in written and not any("neurons" in text for text in written)


@pytest.mark.parametrize("normal", [3, [1, 2, 3], ["low", "high"]])
def test_a_range_is_two_numbers(tmp_path: Path, normal: object) -> None:
    norms: Mapping = {"undulation_hz": {"range": normal}}
    with pytest.raises(InputError, match=r"norms.undulation_hz.range should be \[low, high\]"):
        write_report(crawl(5.0), {"undulation_hz": 0.4}, norms, tmp_path / "report.png")


@pytest.mark.parametrize("quantiles", [3, [1, 2, 3], list(range(11))[::-1], [float("nan")] * 11])
def test_quantiles_are_eleven_rising_numbers(tmp_path: Path, quantiles: object) -> None:
    norms: Mapping = {"turn_deg": {"range": [0, 1], "quantiles": quantiles}}
    recording = larva(2.0, [Swim(0.5)])
    with pytest.raises(InputError, match=r"norms.turn_deg.quantiles should be 11 rising numbers"):
        write_report(recording, track(recording), norms, tmp_path / "report.png")


def test_a_larva_that_is_driven_is_not_judged_by_spontaneous_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    norms = plain(content.load("bodies", "larval_fish").norms)
    recording = larva(6.0, [Swim(0.5 + 0.8 * k) for k in range(6)])
    marks = []
    for current in ([0.0, 0.0, 0.0], [3.0, 0.0, 0.0]):
        recording.attrs["environment"] = json.dumps({"medium": {"current_mm_s": current}})
        written = texts(monkeypatch)
        write_report(recording, track(recording), norms, tmp_path / "report.png")
        marks.append(written.count("\u2713") + written.count("\u2717"))
        assert "one larva, 410 bouts" in written
    assert marks[0] >= 5 and marks[1] == 0


def test_a_recorded_density_has_the_area_of_what_lies_between_its_quantiles() -> None:
    axes = Figure().subplots()
    figures.distribution(axes, np.linspace(0, 10, 50), (0.0, 10.0), "", 10, np.linspace(0, 10, 11) ** 1.5)
    (steps,) = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    heights, edges, _ = steps.get_data()
    width = np.ptp(axes.get_xlim()) / 10
    # Nine tenths of 50 bouts, in bins of this width.
    assert (heights * np.diff(edges)).sum() == pytest.approx(0.9 * 50 * width)


def test_an_unwritable_place_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_report(crawl(5.0), {}, {}, tmp_path / "missing" / "report.png")


@pytest.mark.parametrize("count", [0, 1, 6])
def test_the_bouts_of_a_fish_over_its_norms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    norms = plain(content.load("bodies", "larval_fish").norms)
    recording = larva(6.0, [Swim(0.5 + 0.8 * k, turn_deg=20.0 * k - 40) for k in range(count)])
    metrics = track(recording)
    assert set(norms) <= set(metrics)
    written = texts(monkeypatch)
    write_report(recording, metrics, norms, tmp_path / "report.png")
    assert f"{count} bouts over recorded ones" in written
    assert "bout duration" in written and not any("p95" in text for text in written)
    assert imread(tmp_path / "report.png").std() > 0.05


@pytest.mark.parametrize("angle", [0.0, 0.5, 1.0, np.pi / 2, 2.5, 4.0])
def test_a_label_stands_beside_the_body(angle: float) -> None:
    body = np.linspace(-2, 2, 21)[:, None] * [np.cos(angle), np.sin(angle)] + [3.0, 1.0]
    place, away = figures.beside(body)
    assert away @ (body[0] - body[-1]) == pytest.approx(0.0, abs=1e-9) and away[1] >= -1e-12
    assert ((body - place) @ away).max() <= 1e-9 and np.linalg.norm(away) == pytest.approx(1.0)
