from pathlib import Path

import pytest

from tests import scripts

FILE = Path(__file__).resolve().parents[3] / "docs" / "validation" / "scripts" / "control_table.py"


@pytest.fixture
def table(monkeypatch, tmp_path):
    module = scripts.load(FILE)
    monkeypatch.setattr(module, "STORE", tmp_path / "controls.json")
    monkeypatch.setattr(module, "made_by", lambda row: "old")
    return module


def stored(table, row):
    store = table.Store((row,), afresh=False)
    for seed in range(3):
        store.add("crawl", seed, {"speed_mm_s": 0.1 * seed})


@pytest.mark.parametrize(("again", "left"), [({"speed_mm_s": 0.0}, []), ({"speed_mm_s": 1e-16}, [1, 2])])
def test_after_a_change_of_code_or_content_a_row_stands_only_if_its_first_seed_is_the_same(
    table, monkeypatch, again, left
):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    stored(table, row)
    monkeypatch.setattr(table, "made_by", lambda row: "new")
    store = table.Store((row,), afresh=False)
    assert [job[3] for job in store.outdated((row,))] == [0]
    store.confirm("crawl", 0, again)
    assert store.outdated((row,)) == []
    assert [job[3] for job in store.missing((row,), 3)] == left


def test_a_row_of_which_something_else_is_asked_is_dropped(table):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    stored(table, row)
    for other in (
        table.Row("crawl", "crawl", "", ("experiment=worm_crawl", "duration_s=9"), ()),
        table.Row("crawl", "crawl", "", row.run, (), (1.0, 2.0)),
    ):
        store = table.Store((other,), afresh=False)
        assert store.outdated((other,)) == [] and len(store.missing((other,), 3)) == 3


def test_who_made_a_row_depends_on_the_program_its_content_and_its_configuration(table, monkeypatch):
    from neuromech.specs import content

    monkeypatch.undo()
    crawl = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    before = table.made_by(crawl)
    assert table.made_by(crawl) == before
    assert table.made_by(table.Row("crawl", "crawl", "", ("experiment=worm_swim",), ())) != before
    monkeypatch.setattr(content, "digest", lambda folders: "other")
    assert table.made_by(crawl) != before
    monkeypatch.undo()
    monkeypatch.setattr(table, "program", lambda: "other")
    assert table.made_by(crawl) != before


def test_what_no_episode_runs_is_named_as_it_lies_on_disk(table):
    package = table.HERE.parents[2] / "neuromech"
    assert [name for name in table.ASIDE if not (package / name).exists()] == []


def test_afresh_drops_everything(table):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    stored(table, row)
    assert len(table.Store((row,), afresh=True).missing((row,), 3)) == 3


def test_a_row_keeps_what_is_asked_of_it_whatever_others_ask(table):
    speed, share = table.Check("speed_mm_s"), table.Check("duty_factor", of="walk")
    walk = table.Row("walk", "", "", (), (speed,))
    rows = (
        walk,
        table.Row("slow", "", "", (), (share,)),
        table.Row("smell", "", "", (), (table.Check("x"),)),
    )
    assert table.looked_at(rows, "walk") == {"speed_mm_s", "duty_factor"}
    assert table.looked_at(rows, "slow") == {"duty_factor"}


def test_the_order_of_the_measures_does_not_matter(table, monkeypatch):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    store = table.Store((row,), afresh=False)
    for seed in range(2):
        store.add("crawl", seed, {"speed_mm_s": 0.1, "fell": 0.0})
    monkeypatch.setattr(table, "made_by", lambda row: "new")
    store = table.Store((row,), afresh=False)
    store.confirm("crawl", 0, {"fell": 0.0, "speed_mm_s": 0.1})
    assert store.missing((row,), 2) == []
