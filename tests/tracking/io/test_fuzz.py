"""A few damaged files of every format; `python -m tests.fuzz` tries ten thousand of each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech.tracking.io import FORMATS
from tests.fuzz import configuring, kept, reading, seeds, table, watching


def test_every_format_is_fuzzed() -> None:
    assert set(seeds.SEEDS) == set(FORMATS)


@pytest.mark.parametrize("name", [name for name in seeds.SEEDS if name != "nwb"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(st.integers(0, 2**40))
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, name: str, number: int) -> None:
    outcome, about = reading.attempt(name, number, tmp_path)
    assert outcome in ("read", "refused"), about


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(st.integers(0, 2**40))
def test_a_damaged_nwb_file_is_read_or_refused_in_one_line(tmp_path: Path, number: int) -> None:
    pytest.importorskip("pynwb", reason="the extra nwb is not installed")
    outcome, about = reading.attempt("nwb", number, tmp_path)
    assert outcome in ("read", "refused"), about


def test_the_valid_files_are_read(tmp_path: Path) -> None:
    """Were they not, the fuzz would try nothing but one error."""
    for name, (file, write, said) in seeds.SEEDS.items():
        if name == "nwb":
            pytest.importorskip("pynwb", reason="the extra nwb is not installed")
        assert reading.flaw(FORMATS[name].read(write(tmp_path / file), seeds.ReaderOptions(**said))) == ""


def test_the_table_counts_what_happened(tmp_path: Path) -> None:
    tally = watching.Tally()
    for number, (outcome, lasted, peak) in enumerate(
        [("read", 0.1, 90.0), ("refused", 0.2, 95.0), ("traceback", 0.1, 95.0), ("read", 9.0, 95.0),
         ("refused", 0.1, 2000.0)]
    ):  # fmt: skip
        watching.add(tally, number, outcome, "why", lasted, peak)
    assert [number for number, _ in tally.failures] == [2, 3, 4]
    kills = watching.Tally(Counter(whole=24, wrong=1, partial=7))
    kept.save({"wcon": tally, "run": kills}, tmp_path / "kept.json")
    found = kept.load(tmp_path / "kept.json")
    assert found == {"wcon": tally, "run": kills}
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.MARKS[0]}\nold\n{table.MARKS[1]}\nafter\n")
    table.write(page, found)
    written = page.read_text()
    assert written.startswith("before\n") and written.endswith(f"\n{table.MARKS[1]}\nafter\n")
    assert "| wcon | 5 | 1 | 1 | 1 | 0 | 0 | 1 | 1 | 0.20 | 95 |\n" in written and "old" not in written
    assert "| run | 25 | 24 | 1 | 7 |" in written
    page.write_text("no marks")
    with pytest.raises(SystemExit, match="has no"):
        table.write(page, found)


def test_what_failed_can_be_tried_again_and_steps_add_up() -> None:
    first = watching.Tally(
        Counter(read=3, traceback=1, hang=1), 0.4, 300.0, [(2, "traceback: x"), (4, "hang: y")]
    )
    again = kept.without(first, [2, 4])
    assert again == watching.Tally(Counter(read=3), 0.4, 300.0, [])
    both = kept.joined(again, watching.Tally(Counter(refused=2), 0.5, 400.0, []))
    assert both == watching.Tally(Counter(read=3, refused=2), 0.5, 400.0, [])


def test_keys_of_a_configuration_with_values_that_nobody_means(tmp_path: Path) -> None:
    """A few of each row, spread over its keys and values."""
    for row in configuring.ROWS:
        if row.endswith("played"):
            continue  # each is built, which takes long
        for number in range(0, configuring.count(row), configuring.count(row) // 12):
            outcome, about = configuring.attempt(row, number, tmp_path)
            assert outcome in ("read", "refused"), (row, number, about)
