"""What a recording says about its episode: names that are no metrics, older names, and damaged values."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.recording import Layout, Recorder, load
from neuromech.specs.compose import load_run
from neuromech.tracking import units

GROUPS = {"sensory": ["ASEL"]}


def written(path: Path, **attrs: object) -> Path:
    given = {"tracker": "gait", "body_length_mm": 90.0, "neuron_groups": GROUPS, "traces": ["ASEL"], **attrs}
    nothing = np.empty(0)
    with Recorder(path, Layout(("nose", "tail")), 0.1, given) as recorder:
        recorder.append(0.0, np.zeros((2, 3)), nothing, nothing, nothing, {}, nothing)
    return path


def edited(path: Path, **attrs: object) -> Path:
    with h5py.File(path, "r+") as file:
        for name, value in attrs.items():
            file.attrs[name] = value
    return path


@pytest.mark.parametrize("experiment", ["worm_crawl", "mouse_gaits", "fly_walk", "fish_spontaneous"])
def test_no_attribute_of_a_run_is_called_as_a_metric(experiment: str) -> None:
    attrs = Loop.of(load_run([f"experiment={experiment}"]))._attrs()
    assert {"animal", "tracker", "seed", "environment"} <= attrs.keys()
    assert not attrs.keys() & units().keys()


def test_recordings_from_before_a_name_changed_are_read(tmp_path: Path) -> None:
    trunk = {"trunk": "nose"}
    found = load(written(tmp_path / "old.nc", gait=trunk))
    assert json.loads(found.attrs["gait_tracker"]) == trunk and "gait" not in found.attrs


def test_what_programs_read_comes_back_as_it_was(tmp_path: Path) -> None:
    found = load(written(tmp_path / "a.nc", limbs={"hl": "toe"}, my_own="{anything"))
    assert json.loads(found.attrs["neuron_groups"]) == GROUPS and found.attrs["body_length_mm"] == 90
    assert json.loads(found.attrs["limbs"]) == {"hl": "toe"} and found.attrs["my_own"] == "{anything"


@pytest.mark.parametrize(
    ("attrs", "message"),
    [
        ({"traces": "{broken"}, "attribute traces must be a JSON list of names, not '{broken'"),
        ({"traces": '{"a": 1}'}, "attribute traces must be a JSON list of names"),
        ({"traces": "[" * 100_000}, "attribute traces must be a JSON list of names"),
        ({"traces": "[1]"}, "attribute traces must be a JSON list of names"),
        ({"body_length_mm": "abc"}, "attribute body_length_mm must be a number above 0, not 'abc'"),
        ({"body_length_mm": -1.0}, "attribute body_length_mm must be a number above 0, not -1.0"),
        ({"record_s": np.nan}, "attribute record_s must be a number above 0"),
        ({"record_s": np.arange(3.0)}, "attribute record_s must be a number above 0, not 'ndarray'"),
        ({"neuron_groups": '{"sensory": "ASEL"}'}, "attribute neuron_groups must be a JSON object of lists"),
        ({"environment": "[]"}, "attribute environment must be a JSON object"),
        ({"gait_tracker": "trot"}, "attribute gait_tracker must be a JSON object"),
        ({"limbs": '{"hl": 3}'}, "attribute limbs must be a JSON object of names"),
        ({"tracker": 3}, "attribute tracker must be a text, not 3"),
        ({"complete": 7}, "attribute complete must be 0 or 1, not 7"),
    ],
)
def test_an_attribute_that_was_edited_is_one_clear_line(
    tmp_path: Path, attrs: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=f"a.nc is damaged: its {message}") as caught:
        load(edited(written(tmp_path / "a.nc"), **attrs))
    assert "\n" not in str(caught.value)


def test_one_that_is_gone_is_one_clear_line(tmp_path: Path) -> None:
    with h5py.File(written(tmp_path / "a.nc"), "r+") as file:
        del file.attrs["record_s"]
    with pytest.raises(InputError, match="a.nc is damaged: it has no attribute record_s"):
        load(tmp_path / "a.nc")
