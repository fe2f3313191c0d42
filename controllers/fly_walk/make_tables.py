"""Write neurons.csv and connections.csv: every row once, for all six legs, left and right alike.

Run: python controllers/fly_walk/make_tables.py
Populations are named class_leg: lf, lm, lh, rf, rm, rh (left, right; front, middle, hind). Weights are
relative; the gains (pA) by pairs of classes stand in parameters.yaml. Those from the premotor populations to
the motor neurons come from pattern.csv, which fit_pattern.py wrote. README.md says what was read where.
"""

import csv
from pathlib import Path

from neuromech.brain.wiring_tables import write as write_tables

HERE = Path(__file__).parent
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
SIDES = {"l": "left", "r": "right"}
SWING = ("SW1", "SW2", "SW3")
STANCE = ("ST1", "ST2", "ST3", "ST4", "ST5")
STEP = (*SWING, *STANCE)
LANDED = ("ST1", "ST2")
"""Which units say that a leg has just come down."""
PARKED = {"lf": "ST2", "rm": "ST2", "lh": "ST2", "rf": "ST5", "lm": "ST5", "rh": "ST5"}
"""The unit that WK wakes in a leg where none is on, so that two tripods begin apart."""

CRUSE = "rules of Cruse 1990, quoted by DeAngelis 2019 doi:10.7554/eLife.46409"
DEANGELIS = "stance duration sets speed: DeAngelis 2019 doi:10.7554/eLife.46409"
FENG = "Feng 2020 doi:10.1038/s41467-020-19936-x"
YANG = "Yang 2024 doi:10.1016/j.cell.2024.08.033"
OURS = "added here"

DESCENDING = {
    "DNp09": "walking forwards: named after P9",
    "DNa01": "sustained steering",
    "DNa02": f"steering, attenuates strides on the inside of a turn: {YANG}",
    "MDN": f"walking backwards: {FENG}",
}
# class: (type, transmitter, source), one population per leg
CLASSES = {
    **{unit: ("rhythm", "acetylcholine", OURS) for unit in STEP},
    **{f"PF_{unit}": ("premotor", "acetylcholine", OURS) for unit in STEP},
    **{f"PB_{unit}": ("premotor", "acetylcholine", OURS) for unit in STEP},
    "WK": ("interneuron", "acetylcholine", "wakes a ring of which no unit is on"),
    "FI": ("interneuron", "GABA", f"{FENG}; {OURS}"),
    "BE": ("interneuron", "acetylcholine", f"{FENG}; {OURS}"),
    "GI": ("interneuron", "GABA", "lets go of the floor in swing"),
    "TI": ("interneuron", "GABA", f"{YANG}; {OURS}"),
    "PT": ("premotor", "acetylcholine", "always on: posture"),
    "ST": ("premotor", "acetylcholine", "on unless the animal is told to walk: standing"),
    "SI": ("interneuron", "GABA", "stills walking while the animal stands"),
    "WG": ("interneuron", "GABA", "ends standing when the animal is told to walk"),
    "CS": ("sensory", "acetylcholine", "load: campaniform sensilla"),
}
ROWS = {"f": 0, "m": 1, "h": 2}


def behind(leg: str) -> str | None:
    """The leg behind on the same side."""
    return {"f": f"{leg[0]}m", "m": f"{leg[0]}h"}.get(leg[1])


def ahead(leg: str) -> str | None:
    """The leg in front on the same side."""
    return {"m": f"{leg[0]}f", "h": f"{leg[0]}m"}.get(leg[1])


def across(leg: str) -> str:
    """The leg of the same segment on the other side."""
    return f"{'r' if leg[0] == 'l' else 'l'}{leg[1]}"


def rhythm(leg: str) -> list[list[object]]:
    """Rows of the ring of one leg: each unit keeps itself on, wakes the next and stills the one before."""
    rows: list[list[object]] = []
    for k, unit in enumerate(STEP):
        after = STEP[(k + 1) % len(STEP)]
        rows.append([f"{unit}_{leg}", f"{unit}_{leg}", "chemical", 1.3, 1, OURS])
        rows.append([f"{unit}_{leg}", f"{after}_{leg}", "chemical", 1.0, 1, OURS])
        rows.append([f"{after}_{leg}", f"{unit}_{leg}", "chemical", 1.5, -1, OURS])
    rows.append([f"WK_{leg}", f"{PARKED[leg]}_{leg}", "chemical", 1.2, 1, OURS])
    rows += [[f"{unit}_{leg}", f"WK_{leg}", "chemical", 1.0, -1, OURS] for unit in STEP]
    return rows


def coordination(leg: str) -> list[list[object]]:
    """Rows from the neighbours: no swing while they swing, swing as soon as they have landed."""
    rows: list[list[object]] = []
    for other, weight in ((behind(leg), 1.0), (ahead(leg), 0.3), (across(leg), 0.7)):
        if other:
            rows += [
                [f"{unit}_{other}", f"SW1_{leg}", "chemical", weight, -1, f"rule 1, {CRUSE}"]
                for unit in SWING
            ]
    for other, weight in ((behind(leg), 0.4), (across(leg), 0.12)):
        if other:
            rows += [
                [f"{unit}_{other}", f"{late}_{leg}", "chemical", weight, 1, f"rule 2, {CRUSE}"]
                for unit in LANDED
                for late in ("ST5", "SW1")
            ]
    return rows


def commands(leg: str) -> list[list[object]]:
    """Rows from the descending neurons to a leg."""
    rows: list[list[object]] = []
    for side in "LR":
        for unit in ("ST2", "ST3", "ST4", "ST5", "SW1"):
            rows.append([f"DNp09_{side}", f"{unit}_{leg}", "chemical", 0.5, 1, DEANGELIS])
            rows.append([f"MDN_{side}", f"{unit}_{leg}", "chemical", 0.5, 1, FENG])
        for name in ("DNp09", "MDN"):
            rows.append([f"{name}_{side}", f"WG_{leg}", "chemical", 0.5, 1, OURS])
        rows.append([f"MDN_{side}", f"FI_{leg}", "chemical", 0.5, 1, FENG])
        rows.append([f"MDN_{side}", f"BE_{leg}", "chemical", 0.5, 1, FENG])
    rows.append([f"WG_{leg}", f"ST_{leg}", "chemical", 1.0, -1, OURS])
    rows.append([f"ST_{leg}", f"SI_{leg}", "chemical", 1.0, 1, OURS])
    rows.append([f"SI_{leg}", f"PT_{leg}", "chemical", 1.0, -1, OURS])
    side = leg[0].upper()
    rows.append([f"DNa01_{side}", f"TI_{leg}", "chemical", 1.0, 1, YANG])
    rows.append([f"DNa02_{side}", f"TI_{leg}", "chemical", 1.0, 1, YANG])
    rows.append([f"CS_{leg}", f"SW1_{leg}", "chemical", 1.0, -1, "load delays the swing"])
    return rows


def premotor(leg: str) -> list[list[object]]:
    """Rows of the two premotor layers, forwards and backwards, of which MDN chooses."""
    rows: list[list[object]] = []
    for unit in STEP:
        rows.append([f"{unit}_{leg}", f"PF_{unit}_{leg}", "chemical", 1.0, 1, OURS])
        rows.append([f"{unit}_{leg}", f"PB_{unit}_{leg}", "chemical", 1.0, 1, OURS])
        rows.append([f"FI_{leg}", f"PF_{unit}_{leg}", "chemical", 1.0, -1, OURS])
        rows.append([f"SI_{leg}", f"PF_{unit}_{leg}", "chemical", 1.0, -1, OURS])
        rows.append([f"BE_{leg}", f"PB_{unit}_{leg}", "chemical", 1.0, 1, OURS])
        rows.append([f"TI_{leg}", f"PF_{unit}_{leg}", "chemical", 1.0, -1, YANG])
    return rows


def grip(leg: str) -> list[list[object]]:
    """Rows of a foot's grip: on unless the leg swings, whichever way it walks."""
    name = f"MN_{leg}_grip"
    rows: list[list[object]] = [[f"{on}_{leg}", name, "chemical", 1.0, 1, OURS] for on in ("PT", "ST")]
    rows += [[f"GI_{leg}", name, "chemical", 4.0, -1, OURS]]
    rows += [[f"{unit}_{leg}", f"GI_{leg}", "chemical", 1.0, 1, OURS] for unit in ("SW1", "SW2")]
    return rows


def motor() -> tuple[list[list[object]], list[list[object]]]:
    """Neurons and connections of pattern.csv: a motor neuron per muscle, and what drives it."""
    neurons: list[list[object]] = []
    rows: list[list[object]] = []
    with (HERE / "pattern.csv").open() as file:
        for entry in csv.DictReader(file):
            part, muscle, pre, weight = (
                entry["segment"],
                entry["muscle"],
                entry["pre"],
                float(entry["weight"]),
            )
            for side in "lr":
                leg = f"{side}{part}"
                name = f"MN_{leg}_{muscle}"
                neuron: list[object] = [name, f"MN_{part}_{muscle}", "motor", "glutamate", SIDES[side], OURS]
                if neuron not in neurons:
                    neurons.append(neuron)
                    rows.append([name, f"{leg}_{muscle}", "neuromuscular", 1, 1, OURS])
                if weight:
                    rows.append([f"{pre}_{leg}", name, "chemical", weight, 1, "fit_pattern.py"])
    return neurons, rows


def tables() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv."""
    neurons: list[list[object]] = []
    connections: list[list[object]] = []
    for name, role in DESCENDING.items():
        for side in "LR":
            neurons.append([f"{name}_{side}", name, "descending", "acetylcholine", SIDES[side.lower()], role])
    for name, (kind, transmitter, source) in CLASSES.items():
        for leg in LEGS:
            neurons.append([f"{name}_{leg}", name, kind, transmitter, SIDES[leg[0]], source])
    for leg in LEGS:
        connections += rhythm(leg) + coordination(leg) + commands(leg) + premotor(leg) + grip(leg)
    merged: dict[tuple[object, object], list[object]] = {}
    for row in connections:
        pair = (row[0], row[1])
        if pair in merged:  # the table holds a pair of neurons once
            total = float(merged[pair][3]) * int(merged[pair][4]) + float(row[3]) * int(row[4])  # type: ignore
            merged[pair][3], merged[pair][4] = round(abs(total), 4), 1 if total > 0 else -1
        else:
            merged[pair] = row
    motors, wires = motor()
    return neurons + motors, [row for row in merged.values() if row[3]] + wires


def main() -> None:
    """Write both tables."""
    write_tables(HERE, *tables())


if __name__ == "__main__":
    main()
