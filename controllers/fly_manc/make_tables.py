"""Write neurons.csv and connections.csv from the walking circuit of MANC, muscles.csv and what we added.

Run: NEUROMECH_DATA=FOLDER python controllers/fly_manc/make_tables.py
FOLDER/fly holds manc_walking_neurons.csv.gz and manc_walking_edges.npz. muscles.csv says, once for all legs,
which muscles motor neurons of a type reach. README.md says what was added and why.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
REFERENCE_VOXELS = 666_270_409
"""Size of a neuron that counts as 1: the median of the front-leg neuromere's neurons, as published."""
MANC = "MANC"
ADDED = "added here"
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
SIDES = {"l": "left", "r": "right"}
NICKNAMES = {"IN17A001": "E1", "INXXX466": "E2", "IN16B036": "I1"}
"""What Pugliese et al. 2025 call the three neurons that make the rhythm."""
DESCENDING = {10093: "DNg100_L", 10339: "DNg100_R"}
"""Body ids of the descending neurons by side (Stuerner et al. 2024), and what they are called here."""
AFFERENTS = {"load": "campaniform sensilla of a leg, onto E1 of the same leg"}
WAITING = {
    "wait_same_side": "while E1 of a leg fires, E1 of the next legs of the same side is inhibited",
    "wait_across": "while E1 of a leg fires, E1 of the leg across is inhibited",
}
"""Coupling between legs that the cut lacks."""
ANTAGONISTS = {
    "coxa_swing": "coxa_stance",
    "coxa_stance": "coxa_swing",
    "tr_flex": "tr_extend",
    "tr_extend": "tr_flex",
    "ti_flex": "ti_extend",
    "ti_extend": "ti_flex",
}
"""The pool that is inhibited while motor neurons of a pool fire."""
HELD = {
    "coxa_swing": ("coxa_promotor", "coxa_rotator_front"),
    "coxa_stance": ("coxa_remotor", "coxa_rotator_back"),
    "tr_flex": ("trochanterfemur_levator",),
    "tr_extend": ("trochanterfemur_depressor",),
    "ti_flex": ("tibia_flexor",),
    "ti_extend": ("tibia_extensor",),
    "grip": ("grip",),
}
"""Muscles that the added neurons of posture hold, by the pool whose muscles they are."""
FOLDED = ("rostrum_retractor", "haustellum_flexor")
"""Muscles that fold the proboscis, held by one more neuron of posture: at rest it hangs half out."""
ALONG = "fmh"


def next_legs(leg: str) -> list[str]:
    """The legs in front of and behind a leg, on its side."""
    place = ALONG.index(leg[1])
    return [leg[0] + ALONG[k] for k in (place - 1, place + 1) if 0 <= k < len(ALONG)]


def across(leg: str) -> str:
    """The leg across."""
    return ("r" if leg[0] == "l" else "l") + leg[1]


def muscle_table() -> pd.DataFrame:
    """Which pool and muscles motor neurons of a type belong to."""
    return pd.read_csv(HERE / "muscles.csv")


def named(neurons: pd.DataFrame) -> pd.DataFrame:
    """The neurons of MANC with their names, classes and relative sizes here."""
    pools = dict(muscle_table()[["manc_type", "pool"]].itertuples(index=False))
    seen: Counter[str] = Counter()
    rows = []
    cell: Any
    for cell in neurons.itertuples():
        leg = str(cell.leg).lower() if isinstance(cell.leg, str) else ""
        own = str(cell.type)
        pool = pools.get(own)
        kind = NICKNAMES.get(own, f"{pool}_{leg[1]}" if pool else own)
        stem = f"MN_{leg}_{pool}" if pool else f"{kind}_{leg}"
        seen[stem] += 1
        name = f"{stem}_{seen[stem]}" if pool or seen[stem] > 1 else stem
        name = DESCENDING.get(int(cell.body_id), name)
        side = SIDES[leg[0] if leg else name[-1].lower()]
        size = round(cell.size_voxels / REFERENCE_VOXELS, 5)
        where = [side, leg or "-", cell.body_id, own, size, MANC]
        rows.append([name, kind, cell.role, cell.transmitter, *where])
    return pd.DataFrame(rows, columns=NEURON_COLUMNS)


NEURON_COLUMNS = [
    "name", "class", "type", "transmitter", "side", "leg", "body_id", "manc_type", "size", "source",
]  # fmt: skip
CONNECTION_COLUMNS = ["pre", "post", "kind", "weight", "sign", "source"]


def added_neurons() -> list[list[object]]:
    """Rows of neurons.csv that are not in MANC's cut."""
    rows: list[list[object]] = []
    for kind, what in AFFERENTS.items():
        for leg in LEGS:
            side, source = SIDES[leg[0]], f"{ADDED}: {what}"
            rows.append([f"{kind}_{leg}", kind, "sensory", "unknown", side, leg, "-", "-", 1, source])
    others = {"let_go": "lets go of the floor while motor neurons lift the trochanter"}
    others |= WAITING
    others |= {
        f"relax_{other}": f"while motor neurons of the pool {pool} fire, those of {other} are inhibited"
        for pool, other in ANTAGONISTS.items()
    }
    others |= {f"hold_{pool}": f"posture: holds the muscles of the pool {pool}" for pool in HELD}
    for kind, what in others.items():
        for leg in LEGS:
            side, source = SIDES[leg[0]], f"{ADDED}: {what}"
            rows.append([f"{kind}_{leg}", kind, "added", "unknown", side, leg, "-", "-", 1, source])
    source = f"{ADDED}: posture: holds the muscles that fold the proboscis"
    rows.append(["hold_proboscis", "hold_proboscis", "added", "unknown", "midline", "-", "-", "-", 1, source])
    return rows


def added_connections(neurons: pd.DataFrame) -> list[list[object]]:
    """Rows of connections.csv that are not in MANC's cut, those onto muscles apart."""
    rows: list[list[object]] = []
    for leg in LEGS:
        rows.append([f"load_{leg}", f"E1_{leg}", "chemical", 1, 1, ADDED])
        rows += [[f"E1_{leg}", f"{kind}_{leg}", "chemical", 1, 1, ADDED] for kind in WAITING]
        rows += [[f"wait_same_side_{leg}", f"E1_{to}", "chemical", 1, -1, ADDED] for to in next_legs(leg)]
        rows.append([f"wait_across_{leg}", f"E1_{across(leg)}", "chemical", 1, -1, ADDED])
        for pool, other in ANTAGONISTS.items():
            relax = f"relax_{other}_{leg}"
            rows += mean_of(motor_neurons(neurons, pool, leg), relax)
            rows += [[relax, name, "chemical", 1, -1, ADDED] for name in motor_neurons(neurons, other, leg)]
        rows += mean_of(motor_neurons(neurons, "tr_flex", leg), f"let_go_{leg}")
        rows.append([f"let_go_{leg}", f"{leg}_grip", "neuromuscular", 1, -1, ADDED])
        for pool, muscles in HELD.items():
            rows += [
                [f"hold_{pool}_{leg}", f"{leg}_{each}", "neuromuscular", 1, 1, ADDED] for each in muscles
            ]
    rows += [["hold_proboscis", muscle, "neuromuscular", 1, 1, ADDED] for muscle in FOLDED]
    return rows


def motor_neurons(neurons: pd.DataFrame, pool: str, leg: str) -> list[str]:
    """Names of the motor neurons of a pool and leg."""
    return list(neurons.name[(neurons["class"] == f"{pool}_{leg[1]}") & (neurons.leg == leg)])


def mean_of(names: list[str], to: str) -> list[list[object]]:
    """Rows of connections by which a neuron follows the mean of others."""
    share = round(1 / len(names), 5)
    return [[name, to, "chemical", share, 1, ADDED] for name in names]


def onto_muscles(neurons: pd.DataFrame) -> list[list[object]]:
    """Rows of connections.csv from motor neurons to muscles, after muscles.csv."""
    reached = muscle_table().groupby("manc_type").muscle.agg(list).to_dict()
    return [
        [name, f"{leg}_{muscle}", "neuromuscular", 1, 1, "muscles.csv"]
        for name, leg, kind in zip(neurons["name"], neurons["leg"], neurons["manc_type"], strict=True)
        for muscle in reached.get(kind, ())
    ]


def wiring(neurons: pd.DataFrame, edges: dict[str, np.ndarray]) -> list[list[object]]:
    """Rows of connections.csv that are MANC's: synapse counts, the sign that of the transmitter."""
    names = neurons.name.to_numpy()
    columns = (edges["pre"], edges["post"], edges["count"], edges["sign"])
    return [
        [names[pre], names[post], "chemical", int(count), int(sign), MANC]
        for pre, post, count, sign in zip(*columns, strict=True)
        if sign
    ]


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    """Write a table to this folder."""
    with (HERE / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Write both tables."""
    data = Path(os.environ["NEUROMECH_DATA"]) / "fly"
    neurons = named(pd.read_csv(data / "manc_walking_neurons.csv.gz"))
    with np.load(data / "manc_walking_edges.npz") as file:
        edges = {name: file[name] for name in file}
    write("neurons.csv", NEURON_COLUMNS, neurons.to_numpy().tolist() + added_neurons())
    rows = wiring(neurons, edges) + onto_muscles(neurons) + added_connections(neurons)
    write("connections.csv", CONNECTION_COLUMNS, rows)


if __name__ == "__main__":
    main()
