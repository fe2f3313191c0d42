"""What numbers come to: reductions, ratios, differences, bounds; and the card that shows them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech.cli.main import main
from neuromech.evaluation import tables_in_pages
from neuromech.evaluation.declarations import of
from neuromech.evaluation.evaluate import evaluate
from neuromech.evaluation.questions import Contender, ask, contenders
from neuromech.evaluation.scorecard import Card, Scorecard, by_seed, markdown
from neuromech.evaluation.scorecard_page import page
from neuromech.evaluation.verdicts import judge, number
from neuromech.specs import evaluation as specs
from neuromech.specs.controller import WiredSpec
from neuromech.specs.evaluation import MeasureSpec

RESULTS = {
    "own": [{"x": 1.0}, {"x": 2.0}, {"x": None}, {"x": 6.0}],
    "other": [{"x": 2.0}, {"x": 4.0}],
    "nothing": [{"x": 0.0}],
}


@pytest.mark.parametrize(
    ("said", "value", "sd"),
    [
        ({}, 3.0, pytest.approx(7**0.5)),
        ({"reduce": "median"}, 2.0, None),
        ({"reduce": "max"}, 6.0, None),
        ({"reduce": "min"}, 1.0, None),
        ({"reduce": "share_above", "threshold": 1.5}, pytest.approx(2 / 3), None),
        ({"reduce": "share_below", "threshold": 1.5}, pytest.approx(1 / 3), None),
        ({"against": "other"}, 1.0, None),
        ({"against": "other", "how": "difference"}, 0.0, None),
        ({"against": "nothing"}, None, None),
        ({"against": "not played"}, None, None),
        ({"metric": "y"}, None, None),
    ],
)
def test_one_number_of_the_episodes(said: dict[str, Any], value: Any, sd: Any) -> None:
    found = number(MeasureSpec(**{"metric": "x", **said}), "own", RESULTS)
    assert found.value == value and found.sd == sd and found.met is None
    assert found.count == (0 if said.get("metric") == "y" else 3)


@pytest.mark.parametrize(
    ("bounds", "met"),
    [({"at_least": 3}, True), ({"at_least": 3.1}, False), ({"at_most": 2}, False),
     ({"at_least": 2, "at_most": 4}, True), ({"metric": "y", "at_most": 9}, False)],
)  # fmt: skip
def test_a_number_lies_in_its_bounds_or_is_not_known(bounds: dict[str, Any], met: bool) -> None:
    assert number(MeasureSpec(**{"metric": "x", **bounds}), "own", RESULTS).met is met


def card(results: dict[str, Any], folder: Path, **changed: Any) -> Scorecard:
    """Return the card of two rows and a reference."""
    low, high = {"metric": "speed_mm_s", "at_least": 1}, {"metric": "forward_fraction", "at_least": 0.5}
    row = {"title": "a", "kind": "behaviour", "run": {"experiment": "worm_crawl"}, "measure": [low, high]}
    tree = {
        "title": "Short <b>",
        "seeds": 2,
        "rows": {
            "a": {**row, **changed},
            "b": {**row, "kind": "control", "goal_of_fit": True, "measure": [low]},
            "c": {**row, "measure": [{"metric": "speed_mm_s"}]},
        },
    }
    questions = ask(specs.read(tree), Contender())
    verdicts = judge(questions, results, {})
    return Scorecard(
        "short", "Short <b>", "", folder, {"mine": Card("mine", verdicts, results, of(questions[0]))}
    )


FAST = {"a": [{"speed_mm_s": 2.0, "forward_fraction": 0.0}] * 2, "b": [{"speed_mm_s": 0.5}] * 2,
        "c": [{"speed_mm_s": 3.0}] * 2}  # fmt: skip


@pytest.mark.parametrize(("passes", "passed"), [("all", False), ("any", True)])
def test_all_numbers_or_any_of_them(passes: str, passed: bool, tmp_path: Path) -> None:
    found = card(FAST, tmp_path, passes=passes)
    assert [each.passed for each in found.card().verdicts] == [passed, False, None]
    assert str(found.card().share()) == f"{int(passed)} of 2"
    assert str(found.card().share(goals=False)) == f"{int(passed)} of 1"
    free = f"{int(passed)} of 1 of those that were no goal of a fit"
    assert found.summary().startswith(
        f"mine: {int(passed)} of 2 rows pass, {free}; behaviour {int(passed)} of 1"
    )


def test_the_table_says_what_is_a_goal_and_what_a_reference(tmp_path: Path) -> None:
    lines = markdown(card(FAST, tmp_path)).splitlines()
    assert lines[2] == "| a |  | speed_mm_s 2.00 ± 0.00; forward_fraction 0.00 ± 0.00 | **no** |"
    assert lines[3].startswith("| a † |") and lines[4].endswith("| reference |") and "†" in lines[-1]


def test_the_card_as_data_and_as_a_page(tmp_path: Path) -> None:
    found = card(FAST, tmp_path)
    kept = json.loads(found.write_json().read_text())["controllers"]["mine"]
    assert kept["shares"]["all"] == {"passed": 0, "asked": 2, "rows": 2}
    assert kept["rows"]["a"]["numbers"][0]["value"] == 2.0 and kept["rows"]["a"]["passed"] is False
    assert {each["dimension"] for each in kept["declarations"]} == {
        "neurons covered", "connectivity", "cell types", "neuron model", "plasticity", "neuromodulation",
        "time resolution",
    }  # fmt: skip
    said = {each["dimension"]: each["said"] for each in kept["declarations"]}
    assert said["neurons covered"] == "302" and said["time resolution"].startswith("10 ms in the brain")
    text = page(found)
    assert "Short &lt;b&gt;" in text and text.count("<details") == 3 and "seed=0 video=true" in text


def test_a_table_goes_between_its_marks(tmp_path: Path) -> None:
    opening, closing = tables_in_pages.markers("short")
    text = tmp_path / "a.md"
    text.write_text(f"# A\n{opening}\nold\n{closing}\nend\n")
    tables_in_pages.write(text, card(FAST, tmp_path))
    lines = text.read_text().splitlines()
    assert lines[:2] == ["# A", opening] and lines[-2:] == [closing, "end"] and "old" not in lines
    text.write_text("# A\n")
    with pytest.raises(InputError, match="needs the lines"):
        tables_in_pages.check(text, tables_in_pages.markers("short"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "which evaluation? add evaluation=NAME; there are fly"),
        (["evaluation=wrom"], "unknown evaluation 'wrom'; nearest: worm"),
        (["evaluation=worm", "rows=crwal"], "unknown row 'crwal'; nearest: crawl"),
        (["evaluation=worm", "seeds=0"], "seeds must be a whole number of at least 1, not 0"),
        (["evaluation=worm", "seeds=two"], "seeds must be a whole number of at least 1, not 'two'"),
        (["evaluation=worm", "afresh=1"], "afresh must be true or false, not 1"),
        (["evaluation=worm", "page=nowhere.md"], "cannot read page=nowhere.md"),
        (["evaluation=worm", "clutser=slurm"], "unknown key 'clutser'; nearest: cluster"),
        (["evaluation=worm", "controller=[1]"], "controller must be names"),
        (["evaluation=worm", "controller=worm_conectome"], "nearest: worm_connectome"),
    ],
)
def test_a_wrong_command_is_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", *words]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


VARIED = {
    "title": "Two wirings",
    "seeds": 1,
    "variants": {
        "usual": {"controller.connectome": "cook2019"},
        "old, shuffled": {"controller.connectome": "white1986", "perturb": {"shuffle_wiring": True}},
    },
    "rows": {
        "crawl": {
            "title": "crawl",
            "kind": "behaviour",
            "run": {"experiment": "worm_crawl", "duration_s": 2, "perturb": {"ablate": ["AVB"]}},
            "measure": [{"metric": "speed_mm_s", "at_least": 0}],
        },
        "random": {
            "title": "random muscles",
            "kind": "control",
            "run": {"experiment": "worm_crawl", "controller": "random"},
            "measure": [{"metric": "speed_mm_s"}],
        },
    },
}


def test_variants_lie_over_every_row_but_a_floor() -> None:
    spec = specs.read(VARIED)
    usual, old = (ask(spec, who) for who in contenders(None, spec.variants))
    assert [each.contender.name for each in (usual[0], old[0])] == ["usual", "old, shuffled"]
    assert usual[0].texts[-1] == "controller.connectome=cook2019" and usual[0].address != old[0].address
    run = old[0].first
    assert isinstance(run.controller, WiredSpec) and run.controller.connectome == "white1986"
    assert run.perturb.shuffle_wiring is True and run.perturb.ablate == ("AVB",)
    assert usual[1].address == old[1].address and old[1].first.controller.name == "random"
    with pytest.raises(
        InputError, match="holds usual, old, shuffled beside each other: leave controller out"
    ):
        contenders("worm_connectome", spec.variants)


def test_a_variant_that_makes_no_sense_is_one_line_before_anything_is_played(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(json.dumps({**VARIED, "variants": {"a": {"controller.connectome": "cook2109"}}}))
    with pytest.raises(
        InputError, match="rows.crawl: unknown controller.connectome 'cook2109'; nearest: cook"
    ):
        evaluate(str(file), output=tmp_path / "card")
    assert not (tmp_path / "card").exists()


def test_more_cards_than_fit_make_two_tables(tmp_path: Path) -> None:
    mine = card(FAST, tmp_path).card()
    cards = {name: replace(mine, name=name) for name in "abcd"}
    lines = markdown(Scorecard("short", "", "", tmp_path, cards)).splitlines()
    assert lines[0] == "| run (2 seeds each) | target | a | b | c | d |"
    assert lines[2] == "| a |  | **no** | **no** | **no** | **no** |"
    assert lines[6] == "| numbers | target | a | b | c | d |" and lines[8].count("speed_mm_s 2.00") == 4
    assert lines[-1].startswith("†")


def test_a_row_lists_the_numbers_of_its_seeds_where_it_is_asked_to() -> None:
    row = specs.load("fly_manc").rows["fits_on_shuffled_wiring"]
    text = by_seed(row, [{"axial_speed_mm_s": 1.25}, {"axial_speed_mm_s": None}])
    assert text.splitlines()[0] == "| seed | axial_speed_mm_s |"
    assert text.splitlines()[2:] == ["| 0 | 1.2 |", "| 1 | none |"]
    assert by_seed(specs.load("fly_manc").rows["walk"], [{"axial_speed_mm_s": 1.25}]) == ""
