"""The worm's connectomes: which contact comes from which data set, how counts are scaled, what is told."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from neuromech.brain.connectome import Connectome
from neuromech.specs import content
from tests import scripts
from tests.controllers.worm import FOLDER

OTHERS = ("white1986", "witvliet2021_7", "witvliet2021_8")
Row = dict[str, str]
Ends = tuple[str, str, str]


def rows(file: str) -> list[Row]:
    with (FOLDER / file).open(newline="") as lines:
        return list(csv.DictReader(lines))


def table(name: str) -> dict[Ends, Row]:
    """Return a table of connections, each by its ends and kind."""
    given = rows("connections.csv" if name == "cook2019" else f"connections_{name}.csv")
    found = {(row["pre"], row["post"], row["kind"]): row for row in given}
    assert len(found) == len(given)
    return found


def total(some: dict[Ends, Row], keys: set[Ends]) -> float:
    return sum(float(some[key]["weight"]) for key in keys)


def test_the_list_of_the_controller_is_that_of_the_tables() -> None:
    listed = content.wired("worm_connectome").connectomes
    assert set(listed) == {"cook2019", *OTHERS} == {row["connectome"] for row in rows("connectomes.csv")}
    assert content.wired("worm_connectome").connections == "connections.csv"
    for name in listed:
        wiring = Connectome.load("worm_connectome", connectome=name)
        assert wiring.neurons == Connectome.load("worm_connectome").neurons and len(wiring.muscles) == 95


@pytest.mark.parametrize("name", OTHERS)
def test_what_a_data_set_does_not_speak_of_is_that_of_cook(name: str) -> None:
    found, cook = table(name), table("cook2019")
    theirs = {key: row for key, row in found.items() if row["counted_in"] == "cook2019"}
    assert {row["counted_in"] for row in found.values()} == {"cook2019", name} and len(theirs) > 500
    assert all(row["weight"] == row["count"] == cook[key]["weight"] for key, row in theirs.items())
    assert all(row["sign"] == cook[key]["sign"] for key, row in found.items() if key in cook)
    if name != "white1986":  # outputs of the command neurons leave them behind the brain
        for cell in ("AVAL", "AVBR", "AVDL", "AVER"):
            sent = {key for key in found if key[0] == cell and key[2] == "chemical"}
            assert sent == {key for key in cook if key[0] == cell and key[2] == "chemical"}
            assert sent <= theirs.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_pairs_that_both_connect_have_the_same_total_weight(name: str) -> None:
    found, cook = table(name), table("cook2019")
    for said in rows("connectomes.csv"):
        if said["connectome"] != name:
            continue
        of_kind = {key for key in found if key[2] == said["kind"]}
        own = {key for key in of_kind if found[key]["counted_in"] == name}
        assert len(own) == int(said["own_connections"]) and len(of_kind) == int(said["connections"])
        assert sum(int(found[key]["count"]) for key in own) == int(said["own_contacts"])
        assert float(said["share_of_weight"]) == pytest.approx(
            total(found, own) / total(found, of_kind), abs=6e-4
        )
        if not own:  # White's muscles have no names
            assert (name, said["kind"], said["factor"]) == ("white1986", "neuromuscular", "")
            continue
        factor, both = float(said["factor"]), own & cook.keys()
        assert len(both) == int(said["pairs_in_both"])
        assert total(found, both) == pytest.approx(total(cook, both), rel=1e-3)
        assert all(abs(float(found[k]["weight"]) - factor * int(found[k]["count"])) < 6e-4 for k in own)


def test_the_notes_hold_the_numbers_of_the_table() -> None:
    notes = (FOLDER / "README.md").read_text().splitlines()
    about = rows("connectomes.csv")
    assert len(about) == 12
    for row in about:
        kind, count = row["kind"].replace("_", " "), int(row["connections"])
        (line,) = (
            each for each in notes if each.startswith(f"| `{row['connectome']}` | {kind} | {count:,} |")
        )
        assert f"| {int(row['own_contacts']):,} |" in line
        assert line.endswith(f"| {float(row['share_of_weight']):.0%} |")


@pytest.mark.parametrize(("number", "differ"), [(7, 0), (8, 57)])
def test_counts_are_those_of_another_copy_of_the_data(number: int, differ: int, data: Path) -> None:
    """Another package has the same counts; of data set 8 it has a slightly different version."""
    name, neurons = f"witvliet2021_{number}", {row["name"] for row in rows("neurons.csv")}
    own = {
        key[:2]: int(row["count"])
        for key, row in table(name).items()
        if row["counted_in"] == name and row["kind"] == "chemical"
    }
    with gzip.open(data / "worm" / f"aconnectome_witvliet_2020_{number}.csv.gz", "rt") as file:
        theirs = {
            (row["pre"], row["post"]): int(row["synapses"])
            for row in csv.DictReader(file, delimiter="\t")
            if row["type"] == "chemical" and {row["pre"], row["post"]} <= neurons
        }
    apart = [abs(own.get(pair, 0) - theirs.get(pair, 0)) for pair in own.keys() | theirs.keys()]
    assert len(own) > 1900 and sum(map(bool, apart)) == differ and max(apart) <= 4


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
    made, told = script.connection_rows(cells, 3, rules, cook, ("other", other))
    found = {(row["pre"] + row["post"], row["kind"]): (row["weight"], row["counted_in"]) for row in made}
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
