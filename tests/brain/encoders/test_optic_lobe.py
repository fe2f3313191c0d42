from pathlib import Path

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.encoders import optic_lobe
from neuromech.senses.eye.lattice import hexagon
from neuromech.specs import content

FILE = content.find("controllers", "fly_optomotor") / "optic_lobe.csv"
ROWS = "pre,post,du,dv,synapses,sign\n"


@pytest.fixture(scope="module")
def table() -> optic_lobe.Table:
    return optic_lobe.read(FILE)


def test_the_committed_table_is_the_published_one(table: optic_lobe.Table, data: Path) -> None:
    import json

    published = json.loads((data / "fly" / "fib25-fib19_v2.2.json").read_text())
    assert set(table.types) == {node["name"] for node in published["nodes"]}
    rows = {
        (edge["src"], edge["tar"], *map(int, place)): edge["alpha"] * count
        for edge in published["edges"]
        for place, count in edge["offsets"]
    }
    told = {
        (*table.pairs[pair], *map(int, offset)): sign * synapses
        for pair, offset, sign, synapses in zip(
            table.pair, table.offset, table.sign, table.synapses, strict=True
        )
    }
    assert told.keys() == rows.keys()
    assert all(told[key] == pytest.approx(rows[key], abs=1e-3) for key in rows)


def test_a_shuffle_keeps_who_talks_to_whom(table: optic_lobe.Table) -> None:
    other = table.shuffled(0)
    assert other.pairs == table.pairs and np.array_equal(other.synapses, table.synapses)
    assert not np.array_equal(other.offset, table.offset)
    assert sorted(map(tuple, other.offset)) == sorted(map(tuple, table.offset))
    assert np.array_equal(table.shuffled(1).offset, table.shuffled(1).offset)


def parameters(table: optic_lobe.Table) -> dict:
    return {
        "frame_s": 0.01,
        "light": ["R1"],
        "tau_s": dict.fromkeys(table.types, 0.05),
        "rest": dict.fromkeys(table.types, 0.5),
        "strength": {f"{a}>{b}": 0.01 for a, b in table.pairs},
    }


def test_weights_are_synapses_times_sign_times_strength(table: optic_lobe.Table) -> None:
    lobe = optic_lobe.build(table, parameters(table), hexagon(1))
    assert np.asarray(lobe.weight) == pytest.approx(0.01 * table.sign * table.synapses, rel=1e-5)
    assert np.asarray(lobe.light).sum() == 1


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("tau_s", "T4z", 1.0, "T4"),
        ("rest", "T4a", None, "rest has no value for T4a"),
        ("tau_s", "T4a", 0.0, "tau_s"),
        ("strength", "R1>L1", -1.0, "strength"),
        ("light", None, ["R11"], "R1"),
    ],
)
def test_wrong_parameters_are_named(
    table: optic_lobe.Table, section: str, key: str | None, value: object, message: str
) -> None:
    given = parameters(table)
    if key is None:
        given[section] = value
    elif value is None:
        del given[section][key]
    else:
        given[section][key] = value
    with pytest.raises(InputError, match=message):
        optic_lobe.build(table, given, hexagon(0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pre,post\nA,B\n", "no column du"),
        (ROWS + "A,B,0,0,x,1\n", "x"),
        (ROWS + "A,B,0,0,nan,1\n", "synapses"),
        (ROWS + "A,B,0,0,3,2\n", "sign"),
        (ROWS, "no column pre"),
    ],
)
def test_damaged_tables_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "optic_lobe.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        optic_lobe.read(file)


def test_a_lobe_begins_adapted_to_what_it_sees_first(table: optic_lobe.Table) -> None:
    columns = hexagon(1)
    learned = optic_lobe.Learned(table, optic_lobe.build(table, parameters(table), columns), 0.01)
    lobe = optic_lobe.OpticLobe.of(learned, len(columns), table.numbers(["R1", "Mi1"]), [])
    step = eqx.filter_jit(lobe.step)
    light, other = (jnp.linspace(low, 1.0, 7) for low in (0.2, 0.9))
    memory, first = step(lobe.init(), light, jnp.float32(0.002))
    for _ in range(30):
        memory, later = step(memory, light, jnp.float32(0.002))
    assert np.asarray(later) == pytest.approx(np.asarray(first), abs=1e-5)
    for _ in range(30):
        memory, later = step(memory, other, jnp.float32(0.002))
    assert np.abs(np.asarray(later - first)).max() > 0.1
