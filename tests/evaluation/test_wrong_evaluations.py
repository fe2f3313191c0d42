"""An evaluation may come from a stranger: what is wrong in it is one line, before anything is played."""

import copy
from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech.evaluation.questions import Contender, ask
from neuromech.specs import evaluation as specs
from neuromech.specs.yaml_files import dump_yaml
from tests.evaluation.wrong_evaluations import GONE, RIGHT, WRONG


def read(tree: Any, folder: Path) -> None:
    """Do what `evaluate` does before it plays anything."""
    file = folder / "mine.yaml"
    file.write_text(dump_yaml(tree))
    for question in ask(specs.load(str(file)), Contender()):
        question.check()


def test_the_right_one_is_right(tmp_path: Path) -> None:
    read(RIGHT, tmp_path)


@pytest.mark.parametrize(("place", "value", "said"), WRONG, ids=[f"{k}" for k in range(len(WRONG))])
def test_a_mistake_is_one_line(place: tuple[Any, ...], value: Any, said: str, tmp_path: Path) -> None:
    tree = copy.deepcopy(RIGHT)
    node = tree
    for key in place[:-1]:
        node = node[key]
    if value is GONE:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    with pytest.raises(InputError) as caught:
        read(tree, tmp_path)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: !!python/object/apply:os.system ['touch owned']\n", "could not determine a constructor"),
        ("title: a\ntitle: b\n", "duplicate key title"),
        ("- a list\n", "must hold 'key: value' lines"),
        ("title: &a [*a]\n", "within itself"),
        ("title: 'open\n", "line 2"),
    ],
)
def test_a_file_that_is_no_plain_data_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        specs.load(str(file))
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "owned").exists() and not Path("owned").exists()


def test_there_is_no_such_evaluation() -> None:
    with pytest.raises(InputError, match="unknown evaluation 'wrom'; nearest: worm"):
        specs.load("wrom")
