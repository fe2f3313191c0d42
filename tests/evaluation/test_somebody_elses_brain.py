"""Anyone's controller is put through the worm's evaluation; a bad one fails where it should."""

from pathlib import Path
from typing import Any

import pytest

import neuromech as nm
from neuromech.evaluation.evaluate import evaluate
from neuromech.evaluation.scorecard import Scorecard, markdown
from tests.evaluation import jax_brains

pytestmark = pytest.mark.thorough
ROWS = ("crawl", "swim", "no_avb", "head_touch", "untouched")  # the last is the control of the one before


@pytest.fixture(scope="module")
def card(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    brains = {
        "tutorial": nm.functions(jax_brains.init, jax_brains.step),
        "trembles": nm.functions(jax_brains.init, jax_brains.tremble),
        "breaks": jax_brains.Breaks(),
    }
    folder = tmp_path_factory.mktemp("card")
    return evaluate(
        "worm", controller=brains, rows=ROWS, seeds=1, output=folder, cluster=cluster.scheduler_address
    )


def passed(card: Scorecard, name: str) -> dict[str, bool | None]:
    return {each.key: each.passed for each in card.card(name).verdicts}


def test_the_brain_of_the_tutorial_crawls_and_feels_nothing(card: Scorecard) -> None:
    expected = {"crawl": True, "swim": False, "no_avb": None, "head_touch": False, "untouched": True}
    assert passed(card, "tutorial") == expected


def test_a_bad_brain_fails_where_it_should(card: Scorecard) -> None:
    expected = {"crawl": False, "swim": False, "no_avb": None, "head_touch": False, "untouched": True}
    assert passed(card, "trembles") == expected
    speed = next(n for n in card.card("trembles").verdicts[0].numbers if n.spec.metric == "speed_mm_s")
    assert speed.value is not None and speed.value < 0.02


def test_rows_that_cannot_be_asked_say_why(card: Scorecard) -> None:
    why = {each.key: each.why for each in card.card("tutorial").verdicts}
    assert "this controller is your own" in why["no_avb"] and why["crawl"] == ""
    assert "RuntimeError: no idea what to do" in card.card("breaks").verdicts[0].why
    assert passed(card, "breaks") == dict.fromkeys(ROWS)


def test_what_cannot_be_asked_is_no_pass(card: Scorecard) -> None:
    share = card.card("tutorial").share()
    assert (share.passed, share.asked, share.rows) == (2, 4, 5) and str(share) == "2 of 5 (1 cannot be asked)"
    assert card.card("breaks").share().passed == 0


def test_they_stand_side_by_side(card: Scorecard) -> None:
    head = markdown(card).splitlines()[0]
    assert head == "| run (1 seeds each) | target | tutorial | shown | trembles | shown | breaks | shown |"
    page = (card.folder / "scorecard.html").read_text()
    assert page.count("<details") == 3 * len(ROWS) and "src='http" not in page
    assert set(card.table["controller"]) == {"tutorial", "trembles", "breaks"}


def test_a_changed_object_plays_its_first_seed_again(card: Scorecard, cluster: Any) -> None:
    again = evaluate(
        "worm", controller={"tutorial": nm.functions(jax_brains.init, jax_brains.tremble)},
        rows=["crawl"], seeds=1, output=card.folder, cluster=cluster.scheduler_address,
    )  # fmt: skip
    assert again.played == 1
    before, now = (each.card("tutorial").results["crawl"][0] for each in (card, again))
    assert before["speed_mm_s"] != now["speed_mm_s"]


@pytest.mark.parametrize(
    ("controller", "said"),
    [
        ("worm_conectome", "unknown controller 'worm_conectome'; nearest: worm_connectome"),
        (["random", "random"], "controller must name different controllers, not random, random"),
        ({"../x": jax_brains.Breaks()}, "a controller's name must be letters"),
    ],
)
def test_who_is_no_controller(controller: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(nm.InputError, match=said.replace("'", ".").replace("(", ".")):
        evaluate("worm", controller=controller, rows=["crawl"], output=tmp_path)


def test_a_class_is_no_controller_and_the_rows_say_so(cluster: Any, tmp_path: Path) -> None:
    card = evaluate(
        "worm", controller=jax_brains.Breaks, rows=["crawl"], seeds=1, output=tmp_path,
        cluster=cluster.scheduler_address,
    )  # fmt: skip
    assert "write Breaks()" in card.card().verdicts[0].why


def test_what_has_no_neurons_cannot_be_ablated(cluster: Any, tmp_path: Path) -> None:
    card = evaluate(
        "worm", controller="random", rows=["no_avb"], seeds=1, output=tmp_path,
        cluster=cluster.scheduler_address,
    )  # fmt: skip
    (crawl, no_avb) = card.card("random").verdicts
    assert crawl.passed is False and no_avb.passed is None
    assert no_avb.why == "perturb acts on neurons, and random has none"
