"""Write neurons.csv and connections.csv: what is laid over the tables of fly_walk.

Run: python controllers/fly_cord/make_tables.py
Descending neurons by which a brain reaches the cord, the motor neurons of the proboscis, and for each front
leg a pair of populations that sweep it over the antenna; their weights onto the motor neurons come from
grooming.csv, which fit_grooming.py wrote. README.md says what was read where.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from neuromech.brain.wiring_tables import write as write_tables

HERE = Path(__file__).parent
SIDES = {"L": "left", "R": "right"}
LEGS = {"L": "lf", "R": "rf"}
ALL_LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
RETRACTORS = ("rostrum_retractor", "haustellum_flexor")
CARRYING = ("lm", "lh", "rm", "rh")
HURRIED = ("ST2", "ST3", "ST4", "ST5", "SW1")
STEP = ("SW1", "SW2", "SW3", "ST1", "ST2", "ST3", "ST4", "ST5")
HAMPEL = "Hampel 2015 doi:10.7554/eLife.08758"
MCKELLAR = "McKellar 2020 doi:10.7554/eLife.54978"
RAVBAR = "sweeps at 5-7 Hz: Ravbar 2021 doi:10.25349/d9qw4j"
OURS = "added here"

Row = Sequence[object]


def neurons() -> list[Row]:
    """Rows of neurons.csv."""
    rows: list[Row] = []
    for side, word in SIDES.items():
        leg = LEGS[side]
        rows += [
            [f"oDN1_{side}", "oDN1", "descending", "acetylcholine", word, "walking forwards"],
            [f"aDN1_{side}", "aDN1", "descending", "acetylcholine", word, f"grooms the antenna: {HAMPEL}"],
            [f"aDN2_{side}", "aDN2", "descending", "acetylcholine", word, f"grooms the antenna: {HAMPEL}"],
            [f"GU_{leg}", "GU", "sweep", "acetylcholine", word, f"leg above the antenna; {RAVBAR}"],
            [f"GD_{leg}", "GD", "sweep", "acetylcholine", word, f"leg below the antenna; {RAVBAR}"],
            [f"GX_{leg}", "GX", "interneuron", "GABA", word, f"takes the leg out of the gait; {OURS}"],
            [f"MN9_{side}", "MN9", "motor", "glutamate", word, f"protracts the rostrum: {MCKELLAR}"],
        ]
    for leg in CARRYING:
        word = SIDES[leg[0].upper()]
        rows.append(
            [f"GB_{leg}", "GB", "brace", "acetylcholine", word, f"carries more while others groom; {OURS}"]
        )
    rows.append(["MN_extensor", "MN_extensor", "motor", "glutamate", "midline", f"of the haustellum; {OURS}"])
    rows.append(["MN_retractor", "MN_retractor", "motor", "glutamate", "midline", f"on by itself; {OURS}"])
    return rows


def connections() -> list[Row]:
    """Rows of connections.csv."""
    rows: list[Row] = []
    for side, leg in LEGS.items():
        other = LEGS["R" if side == "L" else "L"]
        for name in ("aDN1", "aDN2"):
            rows += [
                [f"{name}_{side}", f"{to}_{leg}", "chemical", 1.0, 1, f"{HAMPEL}; the cord is ours"]
                for to in ("GU", "GD", "GX")
            ]
            rows += [[f"{name}_{side}", f"GB_{each}", "chemical", 0.5, 1, OURS] for each in CARRYING]
        rows += [
            [f"GU_{leg}", f"GD_{leg}", "chemical", 1.0, -1, OURS],
            [f"GD_{leg}", f"GU_{leg}", "chemical", 1.0, -1, OURS],
            [f"GU_{leg}", f"GU_{other}", "chemical", 0.1, 1, "both legs sweep together; added here"],
            [f"GD_{leg}", f"GD_{other}", "chemical", 0.1, 1, "both legs sweep together; added here"],
        ]
        stilled = ["ST", "PT", *(f"{layer}_{unit}" for layer in ("PF", "PB") for unit in STEP)]
        rows += [[f"GX_{leg}", f"{name}_{leg}", "chemical", 1.0, -1, OURS] for name in stilled]
        rows.append([f"GX_{leg}", f"GI_{leg}", "chemical", 1.0, 1, "lets go of the floor; added here"])
        rows += pattern(leg, ("GU", "GD"))
        for each in ALL_LEGS:
            rows += [[f"oDN1_{side}", f"{u}_{each}", "chemical", 0.5, 1, "as DNp09"] for u in HURRIED]
            rows.append([f"oDN1_{side}", f"WG_{each}", "chemical", 0.5, 1, "as DNp09"])
        rows.append([f"MN9_{side}", "rostrum_protractor", "neuromuscular", 1, 1, MCKELLAR])
        rows.append([f"MN9_{side}", "MN_extensor", "chemical", 0.5, 1, f"what drives MN9; {OURS}"])
        rows.append([f"MN9_{side}", "MN_retractor", "chemical", 0.5, -1, f"what drives MN9; {OURS}"])
    for leg in CARRYING:
        rows += pattern(leg, ("GB",))
    rows.append(["MN_extensor", "haustellum_extensor", "neuromuscular", 1, 1, OURS])
    rows += [["MN_retractor", muscle, "neuromuscular", 1, 1, OURS] for muscle in RETRACTORS]
    return rows


def pattern(leg: str, populations: tuple[str, ...]) -> list[Row]:
    """Rows from grooming populations of a leg to its motor neurons."""
    with (HERE / "grooming.csv").open() as file:
        entries = [e for e in csv.DictReader(file) if e["pre"] in populations and e["muscle"][0] == leg[1]]
    return [
        [f"{e['pre']}_{leg}", f"MN_{leg[0]}{e['muscle']}", "chemical", abs(float(e["weight"])),
         1 if float(e["weight"]) > 0 else -1, "fit_grooming.py"]
        for e in entries
        if float(e["weight"])
    ]  # fmt: skip


def tables() -> tuple[list[Row], list[Row]]:
    """Return the rows of neurons.csv and connections.csv."""
    return neurons(), connections()


if __name__ == "__main__":
    write_tables(HERE, *tables())
