"""A number that is none, or makes no sense, is one line at every entrance: Python, YAML, commands."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from neuromech._lib import numbers
from neuromech._lib.errors import InputError
from neuromech.cli.main import main


@pytest.mark.parametrize(
    "values",
    [
        pytest.param("nan,-1,x,{}", marks=pytest.mark.thorough),
        pytest.param("inf,-inf,true,null,[],1e30,1e400,numpy's nan", marks=pytest.mark.slow),
    ],
)
def test_every_entrance_from_python_refuses_them_in_one_line(values: str) -> None:
    run = [sys.executable, "-m", "tests.hostile_numbers", "--values", values]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert len(report) > 60
    assert {name: wrong for name, wrong in report.items() if wrong} == {}


@pytest.mark.parametrize("key", ["duration_s", "seed", "episodes", "start.distance_mm", "clock.record_s"])
def test_the_command_line_refuses_them_in_one_line(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    for value in ("nan", "inf", "-1", "x", "true", "null", "[]", str(10**30), str(10**400)):
        assert main(["run", "experiment=worm_crawl", f"{key}={value}", "output=/nowhere"]) == 2
        told = capsys.readouterr().err.strip()
        assert key in told and "\n" not in told


def test_the_checks_say_what_they_want() -> None:
    for call, told in (
        (
            lambda: numbers.number("a", float("nan"), least=0),
            "a must be a finite number of at least 0, not nan",
        ),
        (lambda: numbers.positive("a", 0), "a must be a number above 0, not 0"),
        (lambda: numbers.positive("a", 3, most=2), "a must be a number above 0 and of at most 2, not 3"),
        (lambda: numbers.whole("a", 9, most=8), "a must be a whole number of at most 8, not 9"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value) == told
    assert numbers.number("a", np.float32(0.5)) == 0.5 and numbers.whole("a", np.int8(3)) == 3
