"""A comparison from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import neuromech as nm


def test_a_run_beside_an_animal(simulation: Path, worm: Path, tmp_path: Path) -> None:
    found = nm.compare(nm.Result.load(simulation), worm)
    assert found.score is not None and 0 < found.score < 1 and set(found.floors) == {"shuffled", "random"}
    assert found.ceiling is not None and found.ceiling > found.score
    assert "animal: median (5-95 %)" in found.features.columns and len(found.features) > 5
    assert found._repr_html_().startswith("<!doctype html>")
    assert {path.name for path in found.write(tmp_path)} == {"comparison.json", "comparison.html"}


def test_an_animal_that_was_read_already(simulation: Path, worm: Path) -> None:
    animal = nm.read(worm)
    assert nm.compare(simulation, animal).score == nm.compare(simulation, [worm]).score


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"skip_s": -1.0}, "skip_s must be a number of at least 0"),
        ({"fsp": 20.0}, "unknown option 'fsp'"),
        ({"animal": "nowhere.wcon"}, "nowhere.wcon"),
        ({"simulated": "nowhere"}, "no folder or file nowhere"),
    ],
)
def test_what_is_wrong_is_one_line(
    simulation: Path, worm: Path, changes: dict[str, object], message: str
) -> None:
    given = {"simulated": simulation, "animal": worm, **changes}
    with pytest.raises(nm.InputError, match=message) as caught:
        nm.compare(given.pop("simulated"), given.pop("animal"), **given)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
