"""Tails of larvae: CSV, replays, and tables of bouts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.replay import bouts as replay
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import tail
from neuromech.tracking.trackers import bouts
from tests import poses
from tests.larva import Swim, tail_and_head

TIMES = np.arange(0, 3.0, 0.002)
ANGLE, HEAD = tail_and_head(TIMES, [Swim(0.5, turn_deg=40.0), Swim(1.6, turn_deg=-20.0)])
SAID = ReaderOptions(fps=500.0, mm_per_px=0.05)


def test_a_csv_shows_the_bouts_in_mm(tmp_path: Path) -> None:
    path = poses.tail_csv(tmp_path / "a.csv", ANGLE, HEAD / [0.05, 0.05, 1.0])
    with pytest.raises(InputError, match="does not say the unit of its lengths; add unit=NAME"):
        recorded.read(path, SAID)
    found = bouts.detect(tail.read(recorded.read(path, ReaderOptions(fps=500.0, mm_per_px=0.05, unit="px"))))
    assert [round(bout.turn_deg) for bout in found] == [40, -20]
    assert found[0].displacement_mm == pytest.approx(3.0, abs=0.05)


def test_y_downwards_mirrors_the_turns(tmp_path: Path) -> None:
    path = poses.tail_csv(tmp_path / "a.csv", -ANGLE, HEAD * [1, -1, -1])
    said = ReaderOptions(fps=500.0, unit="mm", y_down=True)
    found = bouts.detect(tail.read(recorded.read(path, said)))
    assert [round(bout.turn_deg) for bout in found] == [40, -20]


@pytest.mark.parametrize(
    ("missing", "message"), [("head_y", "no column head_y"), ("head_angle", "head_angle")]
)
def test_columns_that_lack(tmp_path: Path, missing: str, message: str) -> None:
    path = poses.tail_csv(tmp_path / "a.csv", ANGLE, HEAD, missing)
    with pytest.raises(InputError, match=message):
        recorded.read(path, ReaderOptions(fps=500.0, unit="mm"))


def test_a_column_of_nothing(tmp_path: Path) -> None:
    angle = ANGLE.copy()
    angle[:, 4] = np.nan
    with pytest.raises(InputError, match="column tail_angle_4 has no value"):
        recorded.read(poses.tail_csv(tmp_path / "a.csv", angle, HEAD), ReaderOptions(fps=500.0, unit="mm"))


ROW = "start_s,duration_ms,tail_beat_hz,max_tail_angle_deg,displacement_mm,turn_deg"


def test_a_table_of_bouts(tmp_path: Path) -> None:
    rows = [f"{k * 0.7},200,{'' if k == 3 else 25},90,3,{10 * k}" for k in range(12)]
    (tmp_path / "a.csv").write_text("\n".join([ROW, *rows]))
    found = recorded.read(tmp_path / "a.csv")
    assert found.sizes == {"bout": 12} and np.isnan(found["bout_tail_beat_hz"].values).sum() == 1
    (tmp_path / "b.csv").write_text("\n".join([ROW, *rows]).replace(",200,", ",,"))
    with pytest.raises(InputError, match="column duration_ms holds values that are not finite"):
        recorded.read(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text("\n".join([ROW, *reversed(rows)]))
    with pytest.raises(InputError, match="times do not increase"):
        recorded.read(tmp_path / "c.csv")


def test_the_larvas_files(data: Path) -> None:
    table = recorded.read(data / "fish" / "bouts.csv")
    assert table.sizes["bout"] == 410 and np.isnan(table["bout_tail_beat_hz"].values).sum() == 1
    assert float(np.median(table["bout_displacement_mm"].values)) == pytest.approx(3.77, abs=0.01)
    assert recorded.read(data / "fish" / "replay_bouts.npz").attrs["frame"] == "excerpts"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(cut=st.floats(0.3, 1.0), flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4))
def test_a_damaged_archive_is_read_or_refused(
    tmp_path: Path, cut: float, flips: list[tuple[float, int]]
) -> None:
    np.savez_compressed(tmp_path / "a.npz", fps=700.0, tail_angle_00=ANGLE[:80], head_00=HEAD[:80])
    good = bytearray((tmp_path / "a.npz").read_bytes())
    for place, value in flips:
        good[int(place * (len(good) - 1))] = value
    (tmp_path / "b.npz").write_bytes(good[: int(cut * len(good))])
    for read in (
        lambda: recorded.load("tail_bouts", tmp_path / "b.npz"),
        lambda: replay.load(tmp_path / "b.npz"),
    ):
        try:
            read()
        except InputError as error:
            assert "\n" not in str(error)
