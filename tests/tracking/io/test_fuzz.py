"""A few damaged files of every format; `python -m tests.fuzz` tries ten thousand of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech.tracking.io import FORMATS
from tests.fuzz import __main__ as fuzz
from tests.fuzz import reading, seeds, watching


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
        assert reading.flaw(FORMATS[name].read(write(tmp_path / file), seeds.Given(**said))) == ""


def test_the_table_counts_what_happened(tmp_path: Path) -> None:
    tally = watching.Tally()
    for number, (outcome, lasted, peak) in enumerate(
        [("read", 0.1, 90.0), ("refused", 0.2, 95.0), ("traceback", 0.1, 95.0), ("read", 9.0, 95.0),
         ("refused", 0.1, 2000.0)]
    ):  # fmt: skip
        watching.add(tally, number, outcome, "why", lasted, peak)
    assert [number for number, _ in tally.failures] == [2, 3, 4]
    made = fuzz.table({"wcon": tally})
    assert "| wcon | 5 | 1 | 1 | 1 | 0 | 0 | 1 | 1 | 9.00 | 2000 |" in made
    page = tmp_path / "page.md"
    page.write_text(f"before\n{fuzz.MARKS[0]}\nold\n{fuzz.MARKS[1]}\nafter\n")
    fuzz.write(page, made)
    assert page.read_text() == f"before\n{fuzz.MARKS[0]}\n{made}\n{fuzz.MARKS[1]}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(SystemExit, match="has no"):
        fuzz.write(page, made)
