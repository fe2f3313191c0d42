from pathlib import Path

import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.environment import Plate

KINDS = list(content.SECTION)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A user's own content: returns its configs folder."""
    tank = tmp_path / "environments" / "tank"
    tank.mkdir(parents=True)
    (tank / "environment.yaml").write_text(
        "name: tank\nbelt_mm_s: 10\nplate: null\n"
        "stimulus: {kind: gaussian, width_mm: 1e-3, centre_mm: [1, 2]}\n"
    )
    (tmp_path / "configs").mkdir()
    return tmp_path / "configs"


@pytest.mark.parametrize("kind", KINDS)
def test_every_folder_of_the_checkout_is_found_loads_and_says_what_it_is(
    kind: content.Kind, repository: Path
) -> None:
    assert content.names(kind) == sorted(p.name for p in (repository / kind).iterdir() if p.is_dir())
    for name in content.names(kind):
        loaded = content.load(kind, name)
        assert loaded.folder == repository / kind / name
        assert loaded.name == name
        assert content.read_yaml(repository / kind / name / f"{content.SECTION[kind]}.yaml")["name"] == name
        assert loaded.title, f"{kind}/{name} needs a one-line title for 'neuromech list'"


def test_a_users_folder_comes_first(mine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    beside = tmp_path / "environments" / "agar_salt"
    beside.mkdir()
    (beside / "environment.yaml").write_text("name: agar_salt\n")
    assert content.find("environments", "agar_salt", [mine]) == beside
    monkeypatch.setenv("NEUROMECH_CONTENT", str(tmp_path))
    assert content.find("environments", "agar_salt") == beside
    assert "tank" in content.names("environments")


def test_a_runs_keys_are_merged_over_the_folders(mine: Path) -> None:
    plate = {"radius_mm": 3, "stiffness_nN_mm": 2}
    over = {"name": "tank", "belt_mm_s": 5, "plate": plate, "stimulus": {"width_mm": 2}}
    loaded = content.load("environments", "tank", over, [mine])
    assert (loaded.belt_mm_s, loaded.plate) == (5, Plate(3.0, 2.0))
    assert (loaded.stimulus.kind, loaded.stimulus.options["width_mm"]) == ("gaussian", 2)
    assert loaded.stimulus.options["centre_mm"] == (1.0, 2.0)
    assert content.load("environments", "tank", None, [mine]).stimulus.options["width_mm"] == 0.001


def test_a_group_of_another_kind_begins_anew(mine: Path) -> None:
    over = {"stimulus": {"kind": "odour", "length_mm": 2}, "medium": {"law": "air"}}
    loaded = content.load("environments", "tank", over, [mine])
    assert loaded.stimulus.options == {"length_mm": 2.0, "centre_mm": (0.0, 0.0)}
    assert content.load("environments", "tank", {"stimulus": {"kind": "none"}}, [mine]).stimulus.options == {}
    water = content.load("environments", "water", {"medium": {"law": "drag", "normal_mg_s": 6}})
    assert water.medium.options == {"tangential_mg_s": 3.3, "normal_mg_s": 6.0}


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"belt_mm": 1}, "unknown key 'environment.belt_mm'; nearest: environment.belt_mm_s"),
        ({"stimulus": {"widht_mm": 1}}, "nearest: environment.stimulus.width_mm"),
        ({"belt_mm_s": "fast"}, "environment.belt_mm_s must be a number, not 'fast' (in mm/s)"),
        ({"belt_mm_s": True}, "environment.belt_mm_s must be a number, not true"),
        ({"belt_mm_s": float("nan")}, "environment.belt_mm_s must be a finite number, not nan"),
        ({"stimulus": {"flat": 1}}, "environment.stimulus.flat must be true or false, not 1"),
        ({"stimulus": {"centre_mm": 3}}, "environment.stimulus.centre_mm must be 2 numbers in brackets"),
        ({"title": [1]}, "environment.title must be text, not [1]"),
        ({"stimulus": 3}, "environment.stimulus must be a group of keys, not 3"),
        ({"folder": "/"}, "unknown key 'environment.folder'"),
        ({"title": "${oc.env:HOME}"}, "environment.title is '${oc.env:HOME}': nothing is looked up here"),
    ],
)
def test_a_key_or_value_that_does_not_fit_is_refused(mine: Path, over: dict, says: str) -> None:
    with pytest.raises(InputError, match="^[^\n]*$") as refused:
        content.load("environments", "tank", over, [mine])
    assert says in str(refused.value)


def test_an_unknown_folder_names_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown body 'wurm'; nearest: worm"):
        content.find("bodies", "wurm")
    with pytest.raises(InputError):
        content.find("bodies", "../bodies/worm")


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "- 1\n- 2", "\tx: 1", "a: 1\na: 2", "a: ${nothing}"])
def test_yaml_that_cannot_be_read_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InputError, match="^[^\n]+$"):
        content.read_yaml(tmp_path / "x.yaml")
    with pytest.raises(InputError, match="No such file"):
        content.read_yaml(tmp_path / "y.yaml")


def test_the_digest_follows_content_but_not_documentation(tmp_path: Path) -> None:
    folder = tmp_path / "worm"
    folder.mkdir()
    (folder / "body.yaml").write_text("a: 1")
    first = content.digest([folder])
    (folder / "README.md").write_text("words")
    assert content.digest([folder]) == first and len(first) == 16
    (folder / "body.yaml").write_text("a: 2")
    assert content.digest([folder]) != first
