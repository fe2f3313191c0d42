"""The JSON schemas: they accept what ships, refuse what the checks refuse, and name what is registered."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from neuromech._lib.errors import InputError
from neuromech._lib.numbers import LARGEST
from neuromech.cli import main
from neuromech.specs import compose, content
from neuromech.specs import run as config
from neuromech.specs.schema import KINDS, json_schema
from neuromech.specs.yaml_files import parse, read_yaml
from tests.specs.wrong import FILES, GONE, WRONG

NAMES = {"body": "body", "environment": "environment", "controller": "controller", "experiment": "run"}
LATER = {  # what only Python compares, or looks for among what is registered
    "organ turned round", "touch turned round", "experiment's start", "experiment's command",
    "experiment's environment variable", "experiment's other key", "skin of one landmark",
    "landmarks without a count", "controller's connectome",
}  # fmt: skip


def validator(kind: str) -> jsonschema.Draft202012Validator:
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def schemas() -> dict[str, jsonschema.Draft202012Validator]:
    return {kind: validator(kind) for kind in KINDS}


def test_everything_that_ships_fits_its_schema(
    schemas: dict[str, jsonschema.Draft202012Validator], repository: Path
) -> None:
    files = [(kind, file) for kind in ("body", "environment", "controller")
             for file in sorted(repository.glob(f"*/*/{kind}.yaml"))]  # fmt: skip
    files += [("run", file) for file in sorted((repository / "configs/experiment").glob("*.yaml"))]
    files += [("evaluation", file) for file in sorted((repository / "configs/evaluation").glob("*.yaml"))]
    assert len(files) > 30
    for kind, file in files:
        wrong = [
            f"{file}: {each.json_path}: {each.message}" for each in schemas[kind].iter_errors(read_yaml(file))
        ]
        assert wrong == []


@pytest.mark.parametrize("name", ["worm_touch", "fish_optomotor", "mouse_gaits", "fly_odour"])
def test_the_configuration_that_a_run_leaves_fits_the_schema(
    name: str, schemas: dict[str, jsonschema.Draft202012Validator]
) -> None:
    left = parse(config.dump(compose.load_run([f"experiment={name}"])), "config.yaml")
    schemas["run"].validate(left)


@pytest.mark.parametrize(
    ("section", "change"),
    [(section, change) for name, (section, change, _) in WRONG.items() if name not in LATER],
    ids=[name for name in WRONG if name not in LATER],
)
def test_what_the_checks_refuse_the_schema_refuses_too(
    section: str, change: dict[str, Any], schemas: dict[str, jsonschema.Draft202012Validator]
) -> None:
    tree = copy.deepcopy(FILES[section])
    for key, value in change.items():
        *above, last = key.split(".")
        node = tree
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value
        if value is GONE:
            del node[last]
    if "inf" in str(change):
        pytest.skip("JSON has no such number")
    assert not schemas[NAMES[section]].is_valid(tree)


@pytest.mark.parametrize("section", list(FILES))
def test_what_is_right_fits(section: str, schemas: dict[str, jsonschema.Draft202012Validator]) -> None:
    schemas[NAMES[section]].validate(FILES[section])


def test_every_registered_kind_and_every_meaning_is_in_it() -> None:
    text = json.dumps(json_schema("environment"))
    assert '"const": "gaussian"' in text and '"const": "elongated_body"' in text
    plate = json_schema("environment")["else"]["properties"]["plate"]["anyOf"][0]["properties"]["radius_mm"]
    assert plate == {
        "description": "Its radius.", "exclusiveMinimum": 0, "maximum": LARGEST, "type": "number"
    }  # fmt: skip
    with pytest.raises(InputError, match="unknown schema 'bodi'; nearest: body"):
        json_schema("bodi")


def test_the_command_prints_or_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["schema", "body"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "neuromech body"
    file = tmp_path / "run.json"
    assert main.main(["schema", "run", f"output={file}"]) == 0
    assert json.loads(file.read_text())["title"] == "neuromech run"
    capsys.readouterr()
    for wrong, says in ((["bodi"], "nearest: body"), (["body", "out=a"], "nearest: output"), ([], "kind")):
        assert main.main(["schema", *wrong]) == 2
        errors = capsys.readouterr().err
        assert errors.count("\n") == 1 and says in errors
    assert content.names("environments")
