"""The worm's connectomes: which contact comes from which data set, how counts are scaled, what is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from neuromech.brain.connectome import Connectome
from neuromech.specs import content
from tests import scripts
from tests.controllers.worm import FOLDER

OTHERS = ("white1986", "witvliet2021_7", "witvliet2021_8")
ENDS = ["pre", "post", "kind"]


def table(name: str) -> pd.DataFrame:
    """Return a table of connections, each found by its ends and kind."""
    file = "connections.csv" if name == "cook2019" else f"connections_{name}.csv"
    rows = pd.read_csv(FOLDER / file, keep_default_na=False).set_index(ENDS)
    assert rows.index.is_unique
    return rows


def about() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "connectomes.csv").set_index(["connectome", "kind"])


def test_the_list_of_the_controller_is_that_of_the_tables() -> None:
    listed = content.wired("worm_connectome").connectomes
    assert set(listed) == {"cook2019", *OTHERS} == set(about().index.get_level_values("connectome"))
    assert content.wired("worm_connectome").connections == "connections.csv"
    for name in listed:
        wiring = Connectome.load("worm_connectome", connectome=name)
        assert wiring.neurons == Connectome.load("worm_connectome").neurons and len(wiring.muscles) == 95


@pytest.mark.parametrize("name", OTHERS)
def test_what_a_data_set_does_not_speak_of_is_that_of_cook(name: str) -> None:
    rows, cook = table(name), table("cook2019")
    theirs = rows[rows["counted_in"] == "cook2019"]
    assert set(rows["counted_in"]) == {"cook2019", name}
    assert (theirs["weight"] == cook.loc[theirs.index, "weight"]).all() and len(theirs) > 500
    signs = rows.index.intersection(cook.index)
    assert (rows.loc[signs, "sign"] == cook.loc[signs, "sign"]).all()
    if name != "white1986":  # outputs of the command neurons leave them behind the brain
        for cell in ("AVAL", "AVBR", "AVDL", "AVER"):
            sent = rows.loc[cell].query("kind == 'chemical'")
            assert len(sent) and (sent["counted_in"] == "cook2019").all()
            assert len(sent) == len(cook.loc[cell].query("kind == 'chemical'"))


@pytest.mark.parametrize("name", OTHERS)
def test_pairs_that_both_connect_have_the_same_total_weight(name: str) -> None:
    rows, cook = table(name), table("cook2019")
    for kind, said in about().loc[name].iterrows():
        own = rows[(rows["counted_in"] == name) & (rows.index.get_level_values("kind") == kind)]
        of_kind = rows[rows.index.get_level_values("kind") == kind]
        assert len(own) == said["own_connections"] and len(of_kind) == said["connections"]
        assert own["count"].sum() == said["own_contacts"]
        if not len(own):
            assert name == "white1986" and kind == "neuromuscular" and np.isnan(said["factor"])
            continue
        assert own["weight"].to_numpy() == pytest.approx((own["count"] * said["factor"]).to_numpy(), abs=6e-4)
        both = own.index.intersection(cook.index)
        assert len(both) == said["pairs_in_both"]
        assert own.loc[both, "weight"].sum() == pytest.approx(cook.loc[both, "weight"].sum(), rel=1e-3)
        share = own["weight"].sum() / of_kind["weight"].sum()
        assert said["share_of_weight"] == pytest.approx(share, abs=6e-4)


def test_the_notes_hold_the_numbers_of_the_table() -> None:
    notes = (FOLDER / "README.md").read_text()
    lines = list(pd.read_csv(FOLDER / "connectomes.csv").itertuples())
    assert len(lines) == 12
    for row in lines:
        shown = f"| `{row.connectome}` | {str(row.kind).replace('_', ' ')} | {row.connections:,} |"
        (line,) = (each for each in notes.splitlines() if each.startswith(shown))
        assert f"| {row.own_contacts:,} |" in line and f"| {row.share_of_weight:.0%} |" in line


@pytest.mark.parametrize(("number", "differ"), [(7, 0), (8, 57)])
def test_counts_are_those_of_another_copy_of_the_data(number: int, differ: int, data: Path) -> None:
    """Another package has the same counts; of data set 8 it has a slightly different version."""
    other = pd.read_csv(data / "worm" / f"aconnectome_witvliet_2020_{number}.csv.gz", sep="\t")
    name = f"witvliet2021_{number}"
    rows = table(name)
    own = rows[(rows["counted_in"] == name) & (rows.index.get_level_values("kind") == "chemical")]
    neurons = set(Connectome.load("worm_connectome").neurons)
    chemical = other[(other["type"] == "chemical") & other["pre"].isin(neurons) & other["post"].isin(neurons)]
    theirs = chemical.set_index(["pre", "post"])["synapses"]
    one, two = theirs.align(own["count"].droplevel("kind"), fill_value=0)
    assert len(one) > 1900 and (one != two).sum() == differ and (one - two).abs().max() <= 4


def test_the_rule_on_four_cells() -> None:
    """Neurons a, b, c and a muscle m: the other data set has a send to b, and saw nothing else."""
    script = scripts.load(FOLDER / "make_tables.py")
    cells = [{"name": name, "class": name, "type": "motor", "transmitter": "glutamate"} for name in "abc"]
    cells.append({"name": "m", "class": "muscle", "type": "muscle"})
    rules = [{"pre": "*", "post": "*", "sign": "1", "source": ""}]

    def counts(chemical: dict[str, int], gap: dict[str, int]) -> object:
        found = []
        for given in (chemical, gap):
            matrix = np.zeros((4, 4), int)
            for (pre, post), number in given.items():
                matrix["abcm".index(pre), "abcm".index(post)] = number
            found.append(matrix)
        one, two = found[0], found[1] + found[1].T
        return script.Counts(one, two, one.any(axis=1), one.any(axis=0), two.any(axis=1))

    cook = counts({"ab": 4, "ac": 6, "cb": 2, "bm": 5, "am": 3}, {"ab": 3, "bc": 8})
    other = counts({"ab": 2, "bm": 10}, {"ab": 6})
    rows, told = script.connection_rows(cells, 3, rules, cook, ("other", other))
    found = {(row["pre"] + row["post"], row["kind"]): (row["weight"], row["counted_in"]) for row in rows}
    assert found == {
        ("ab", "chemical"): (4, "other"),  # 2 counted, times 2
        ("ac", "chemical"): (6, "cook2019"),  # nobody was seen to send to c
        ("cb", "chemical"): (2, "cook2019"),  # c was not seen to send
        ("ab", "gap_junction"): (3, "other"),
        ("bc", "gap_junction"): (8, "cook2019"),
        ("bm", "neuromuscular"): (5, "other"),  # 10 counted, times 0.5; a was seen to send, and not to m
    }
    assert [row["factor"] for row in told] == [2.0, 0.5, 0.5]
    assert [row["share_of_weight"] for row in told] == [round(4 / 12, 3), round(3 / 11, 3), 1.0]
