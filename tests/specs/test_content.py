from pathlib import Path

import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content

KINDS = list(content.SECTION)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A user's own content: returns its configs folder."""
    tank = tmp_path / "environments" / "tank"
    tank.mkdir(parents=True)
    (tank / "environment.yaml").write_text(
        "name: tank\ndepth_mm: 10\nflow: null\nmode: auto\nlit: true\nsize: [1, 2]\n"
        "stimulus: {speed: 1e-3, kind: flat}\n"
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
        assert Path(loaded["folder"]) == repository / kind / name
        assert loaded["name"] == name
        assert content.read_yaml(repository / kind / name / f"{content.SECTION[kind]}.yaml")["name"] == name
        assert loaded.get("title"), f"{kind}/{name} needs a one-line title for 'neuromech list'"


def test_a_users_folder_comes_first(mine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    beside = tmp_path / "environments" / "agar_salt"
    beside.mkdir()
    (beside / "environment.yaml").write_text("name: agar_salt\n")
    assert content.find("environments", "agar_salt", [mine]) == beside
    monkeypatch.setenv("NEUROMECH_CONTENT", str(tmp_path))
    assert content.find("environments", "agar_salt") == beside
    assert "tank" in content.names("environments")


def test_a_runs_keys_are_merged_over_the_folders(mine: Path) -> None:
    over = {"name": "tank", "depth_mm": 5, "mode": 3.5, "flow": 2, "stimulus": {"speed": 2}}
    loaded = content.load("environments", "tank", over, [mine])
    assert (loaded["depth_mm"], loaded["mode"], loaded["flow"], loaded["lit"]) == (5, 3.5, 2, True)
    assert loaded["stimulus"] == {"speed": 2, "kind": "flat"}
    assert content.load("environments", "tank", None, [mine])["stimulus"]["speed"] == 0.001


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"dept_mm": 1}, "unknown key 'environment.dept_mm'; nearest: environment.depth_mm"),
        ({"stimulus": {"sped": 1}}, "nearest: environment.stimulus.speed"),
        ({"depth_mm": "deep"}, "environment.depth_mm must be a number"),
        ({"depth_mm": True}, "environment.depth_mm must be a number"),
        ({"depth_mm": float("nan")}, "environment.depth_mm must be a finite number"),
        ({"lit": 1}, "environment.lit must be true or false"),
        ({"size": 3}, "environment.size must be a list"),
        ({"mode": [1]}, "environment.mode must be a word or a number"),
        ({"stimulus": 3}, "environment.stimulus is a group"),
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
