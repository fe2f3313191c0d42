"""Recorded activity beside simulated: known answers, three formats, what is missing stays missing."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from neuromech import InputError
from neuromech.evaluation import activity, activity_files
from neuromech.evaluation.activity_files import SPEED, TURNING, Traces
from neuromech.evaluation.evaluate import evaluate
from neuromech.specs.yaml_files import dump_yaml

NEURONS = tuple(f"N{k}" for k in range(12))
TIMES = np.arange(0.0, 200.0, 0.25)


def animal(seed: int = 0, neurons: tuple[str, ...] = NEURONS, mixed: int = 0) -> Traces:
    """Return neurons that follow two latent courses, speed and turning, each with weights of its own."""
    rng = np.random.default_rng(seed)
    weights = np.random.default_rng(mixed).normal(size=(2, len(neurons)))
    latent = np.stack(
        [np.convolve(rng.normal(size=len(TIMES)), np.ones(20) / 20, "same") for _ in range(2)], 1
    )
    values = latent @ weights + 0.02 * rng.normal(size=(len(TIMES), len(neurons)))
    return Traces(neurons, TIMES, values, {SPEED: latent[:, 0], TURNING: latent[:, 1]})


def test_another_animal_of_the_same_kind_is_alike() -> None:
    found = activity.compare(animal(1), animal(2), 2)
    assert found["correlation_mse"] is not None and found["correlation_mse"] < 0.02
    assert found["shared_variance"] == pytest.approx(found["own_variance"], abs=0.02)
    assert found["velocity_tuning_correlation"] > 0.97 and found["turning_tuning_correlation"] > 0.97  # type: ignore[operator]
    assert found["shared_neurons"] == 12


def test_the_same_animal_is_the_same() -> None:
    found = activity.compare(animal(), animal(), 3)
    assert found["correlation_mse"] == 0.0 and found["velocity_tuning_correlation"] == pytest.approx(1.0)


def test_neurons_with_other_weights_are_not_alike() -> None:
    found = activity.compare(animal(1, mixed=5), animal(2), 2)
    assert found["correlation_mse"] > 0.3 and found["shared_variance"] < 0.7 * found["own_variance"]  # type: ignore[operator]


def test_the_mean_squared_error_is_that_of_its_definition() -> None:
    one, other = animal(1, mixed=5), animal(2)
    pairs = np.triu_indices(12, 1)
    apart = (np.corrcoef(one.values.T) - np.corrcoef(other.values.T))[pairs]
    assert activity.compare(one, other, 2)["correlation_mse"] == pytest.approx((apart**2).mean())


def test_what_is_missing_stays_missing() -> None:
    recorded = animal(2)
    values = recorded.values.copy()
    values[:, 3] = np.nan  # never seen
    values[::3, 4] = np.nan  # seen for two thirds of the time
    gaps = Traces((*NEURONS[:11], "UNKNOWN"), TIMES, values, {})
    found = activity.compare(animal(1), gaps, 2)
    assert found["shared_neurons"] == 10 and found["velocity_tuning_correlation"] is None
    with pytest.raises(InputError, match="0 neurons in common with the controller, and needs 3"):
        activity.compare(animal(1), animal(2, tuple("abcdefghijkl")), 2)


def test_an_indicator_smooths(monkeypatch: pytest.MonkeyPatch) -> None:
    import xarray as xr

    values = np.zeros((100, 1), np.float32)
    values[10] = 1.0
    episode = xr.Dataset(
        {"activity": (("time", "neuron"), values)}, {"time": np.arange(100) * 0.1, "neuron": ["a"]}
    )
    smooth = activity.simulated(episode, decay_s=1.0).values[:, 0]
    assert smooth[20] / smooth[10] == pytest.approx(np.exp(-1.0), rel=1e-6)
    assert activity.simulated(episode).values[10, 0] == 1.0


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    whole = animal()
    extra = {name: np.asarray(values) for name, values in whole.behaviour.items()}
    np.savez(tmp_path / "a.npz", time_s=TIMES, traces=whole.values, neurons=np.array(NEURONS), **extra)
    head = ",".join(["time_s", *extra, *NEURONS])
    table = np.column_stack([TIMES, *extra.values(), whole.values])
    np.savetxt(tmp_path / "a.csv", table, delimiter=",", header=head, comments="", fmt="%.17g")
    for name in ("a.npz", "a.csv"):
        found = activity_files.read(tmp_path / name)
        assert found.neurons == NEURONS and np.array_equal(found.values, whole.values)
        assert all(np.array_equal(found.behaviour[key], extra[key]) for key in extra)


def test_nwb_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    from pynwb import NWBHDF5IO, NWBFile, TimeSeries
    from pynwb.ophys import Fluorescence, ImageSegmentation, OpticalChannel

    whole = animal()
    file = NWBFile("d", "i", datetime(2026, 1, 1, tzinfo=UTC))
    channel = OpticalChannel(name="c", description="d", emission_lambda=500.0)
    plane = file.create_imaging_plane(
        name="p", optical_channel=channel, description="d", device=file.create_device("m"),
        excitation_lambda=480.0, indicator="GCaMP6s", location="head",
    )  # fmt: skip
    module = file.create_processing_module("ophys", "d")
    segmentation = ImageSegmentation()
    module.add(segmentation)
    cells = segmentation.create_plane_segmentation(name="s", description="d", imaging_plane=plane)
    cells.add_column("neuron", "its name")
    for name in NEURONS:
        cells.add_roi(pixel_mask=[(1, 1, 1.0)], neuron=name)
    responses = Fluorescence()
    module.add(responses)
    responses.create_roi_response_series(
        name="r", data=whole.values, unit="1", timestamps=TIMES,
        rois=cells.create_roi_table_region("all", region=list(range(12))),
    )  # fmt: skip
    file.add_acquisition(TimeSeries(name=SPEED, data=whole.behaviour[SPEED], unit="mm/s", timestamps=TIMES))
    with NWBHDF5IO(str(tmp_path / "a.nwb"), "w") as sink:
        sink.write(file)
    found = activity_files.read(tmp_path / "a.nwb")
    assert found.neurons == NEURONS and np.array_equal(found.values, whole.values)
    assert np.array_equal(found.behaviour[SPEED], whole.behaviour[SPEED]) and TURNING not in found.behaviour


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "time,AVAL\n0,1\n", "lacks a column time_s"),
        ("a.csv", "time_s,AVAL\n0,1\n", "time_s must rise, with three times at least"),
        ("a.csv", "time_s,AVAL\n0,1\n2,1\n1,1\n", "time_s must rise"),
        ("a.csv", "time_s,AVAL\n0,x\n1,1\n2,1\n", "no traces of neurons: could not convert"),
        ("a.csv", "", "no traces of neurons: No columns"),
        ("a.npz", "text", "no traces of neurons"),
        ("a.nwb", "text", "no traces of neurons"),
        ("a.mat", "text", "activity is read from .npz, .csv, .nwb, not .mat"),
    ],
)
def test_a_file_without_traces_is_one_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        activity_files.read(tmp_path / name)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_the_worm_beside_traces_of_its_own_is_like_itself(tmp_path: Path, cluster: object) -> None:
    """Traces of the simulated worm itself, in place of a recording: the row must find them alike."""
    from neuromech.batch import watch
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run

    (episode,) = watch(
        [Loop.of(load_run(["experiment=worm_crawl", "duration_s=12", "seed=0"]))], activity=True
    )
    some = ["AVAL", "AVBL", "DB3", "VB4", "DD2", "SMDDL", "RMDVL"]
    traces = episode["activity"].sel(neuron=some).values.astype(float)
    np.savez(tmp_path / "own.npz", time_s=episode["time"].values, traces=traces, neurons=np.array(some))
    row = {
        "title": "like itself", "kind": "activity", "run": {"experiment": "worm_crawl", "duration_s": 12},
        "activity": {"measured": str(tmp_path / "own.npz")},
        "measure": [{"metric": "correlation_mse", "at_most": 1e-12}, {"metric": "shared_neurons"}],
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(dump_yaml({"title": "t", "seeds": 1, "rows": {"own": row}}))
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    card = evaluate(str(tmp_path / "mine.yaml"), output=tmp_path / "card", cluster=address)
    (verdict,) = card.card().verdicts
    assert verdict.passed and verdict.numbers[1].value == len(some)
