import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "control_table.py"


@pytest.fixture
def table(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("control_table", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "control_table", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "STORE", tmp_path / "controls.json")
    monkeypatch.setattr(module, "asked", lambda row: "content")
    monkeypatch.setattr(module, "program", lambda: "old")
    return module


def stored(table, row):
    store = table.Store((row,), afresh=False)
    for seed in range(3):
        store.add("crawl", seed, {"speed_mm_s": 0.1 * seed})


@pytest.mark.parametrize(("again", "left"), [({"speed_mm_s": 0.0}, []), ({"speed_mm_s": 1e-16}, [1, 2])])
def test_after_a_change_of_code_a_row_stands_only_if_its_first_seed_is_the_same(
    table, monkeypatch, again, left
):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    stored(table, row)
    monkeypatch.setattr(table, "program", lambda: "new")
    store = table.Store((row,), afresh=False)
    assert [job[3] for job in store.outdated((row,))] == [0]
    store.confirm("crawl", 0, again)
    assert store.outdated((row,)) == []
    assert [job[3] for job in store.missing((row,), 3)] == left


def test_a_change_of_content_drops_a_row(table, monkeypatch):
    row = table.Row("crawl", "crawl", "", ("experiment=worm_crawl",), ())
    stored(table, row)
    monkeypatch.setattr(table, "asked", lambda row: "other content")
    store = table.Store((row,), afresh=False)
    assert store.outdated((row,)) == [] and len(store.missing((row,), 3)) == 3


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
