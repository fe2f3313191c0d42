"""Every mistake in a spec is one line that names its key, from Python and on the command line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.specs.compose import load_run
from neuromech.specs.yaml_files import dump_yaml
from tests.specs.wrong import FILES, GONE, OVERRIDES, PENDULUM, WRONG

PLACES = {
    "body": "bodies/pendulum/body.yaml",
    "environment": "environments/place/environment.yaml",
    "controller": "controllers/mine/controller.yaml",
    "experiment": "configs/experiment/mine.yaml",
}


def write(root: Path, section: str = "", change: dict[str, Any] | None = None) -> Path:
    """Write the content with one change; returns the folder of configurations."""
    for each, file in PLACES.items():
        tree = copy.deepcopy(FILES[each])
        for key, value in (change or {}).items() if each == section else ():
            *above, last = key.split(".")
            node = tree
            for part in above:
                node = node.setdefault(part, {})
            if value is GONE:
                del node[last]
            else:
                node[last] = value
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump_yaml(tree))
    (root / "bodies/pendulum/pendulum.xml").write_text(PENDULUM)
    return root / "configs"


def check(configs: Path, says: str, overrides: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Look whether both ways in say the same one line."""
    with pytest.raises(InputError) as refused:
        load_run(["experiment=mine", *overrides], [configs])
    line = str(refused.value)
    assert "\n" not in line and says in line, line
    assert main.main(["run", "experiment=mine", *overrides, "--config-dir", str(configs)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"neuromech: {' '.join(line.split())}\n")


def test_the_content_without_a_mistake_is_a_run(tmp_path: Path) -> None:
    run = load_run(["experiment=mine"], [write(tmp_path)])
    assert (run.body.name, run.environment.name, run.controller.name) == ("pendulum", "place", "mine")


@pytest.mark.parametrize(("section", "change", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_file(
    section: str, change: dict[str, Any], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(write(tmp_path, section, change), says, [], capsys)


@pytest.mark.parametrize(("override", "says"), OVERRIDES.values(), ids=OVERRIDES)
def test_a_wrong_override(
    override: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(write(tmp_path), says, [override], capsys)


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) + len(OVERRIDES) >= 60
