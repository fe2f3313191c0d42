"""What `make bench` says of the flies, of measurements that were made up."""

import os
from pathlib import Path

import pytest

from neuromech.specs.compose import options
from tests import scripts

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "speed.py"


@pytest.mark.thorough
def test_the_fly_on_its_nerve_cord_stands_beside_the_one_without(monkeypatch: pytest.MonkeyPatch) -> None:
    # The script makes its process use one core; this process is that of other tests, too.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    speed = scripts.load(FILE)
    assert set(speed.FLIES) <= set(options("experiment"))
    played = {"fly_walk": 2.0, "fly_manc_walk": 3.0, "fly_optomotor": 1.0}  # s simulated in 1 s
    flies = {name: speed.Closed({}, seconds, 1.0) for name, seconds in played.items()}
    without = speed.beside_flies(flies, 4.0, {"why": "not here"})
    assert [row[2:] for row in without] == [(2.0, 4.0), (3.0, 2.0), (1.0, 2.0)]
    assert "MANC" in without[1][0] and {row[1] for row in without} == {"x real time"}
    with_peer = speed.beside_flies(flies, 4.0, {"version": "2", "step_ms": 0.1, "walk": 0.5, "bare": 1.0})
    assert with_peer[:3] == without and [row[2:] for row in with_peer[3:]] == [(2.0, 0.5), (4.0, 1.0)]
