"""Write neurons.csv and connections.csv of the fly that follows an odour up the wind, left and right alike.

Usage: python controllers/fly_odour/make_tables.py
"""

from __future__ import annotations

from pathlib import Path

from neuromech.brain.wiring_tables import write as write_tables

HERE = Path(__file__).resolve().parent
OTHER = {"L": "R", "R": "L"}
SIDE = {"L": "left", "R": "right"}
GAUDRY = "Gaudry 2013 doi:10.1038/nature11747"
YOROZU = "Yorozu 2009 doi:10.1038/nature07843"
SUVER = "Suver 2019 doi:10.1016/j.neuron.2019.03.012"
MATHESON = "Matheson 2022 doi:10.1038/s41467-022-32247-7"
SALVADO = "Alvarez-Salvado 2018 doi:10.7554/eLife.37815"
ADDED = "added here"

# name, type, transmitter, source; one on each side.
PAIRED = (
    ("ORN", "sensory", "acetylcholine", "receptor neurons of an antenna"),
    ("PN", "projection", "acetylcholine", "olfactory projection neurons"),
    ("PM", "projection", "acetylcholine", f"{ADDED}: remembers on which side it smelled"),
    ("JOE", "sensory", "acetylcholine", f"Johnston's organ, arista pushed to the head: {YOROZU}"),
    ("JOC", "sensory", "acetylcholine", f"Johnston's organ, arista pulled from the head: {YOROZU}"),
    ("APN", "wind", "acetylcholine", f"deflection of the antenna of its side: {SUVER}"),
    ("WPN", "wind", "acetylcholine", f"wind from its side, of both antennae: {SUVER}"),
    ("UW", "odour_wind", "acetylcholine", f"wind from its side while it smells, as hDeltaC: {MATHESON}"),
    ("SR", "search", "GABA", f"{ADDED}: turns to its side when the odour was lost"),
)
SINGLE = (
    ("OD", "odour", "acetylcholine", f"odour on both sides, whatever the wind: {MATHESON}"),
    ("OM", "odour", "acetylcholine", f"{ADDED}: remembers that it smelled"),
    ("LOST", "odour", "acetylcholine", f"the odour was lost: {SALVADO}"),
    ("STOP", "odour", "GABA", f"{ADDED}: an odour as strong as at its source"),
)
# pre, post, sign, source; s is the side, o the other, both or neither may be named.
ROWS = (
    ("ORN_s", "PN_s", 1, GAUDRY),
    ("ORN_o", "PN_s", -1, "contralateral inhibition: Mohamed 2019 doi:10.3389/fphys.2019.00851"),
    ("PN_s", "DNa02_s", 1, "added: lateral horn"),
    ("PN_s", "PM_s", 1, ADDED),
    ("JOE_s", "APN_s", 1, SUVER),
    ("JOC_s", "APN_s", -1, ADDED),
    ("APN_s", "WPN_s", 1, SUVER),
    ("APN_o", "WPN_s", -1, f"difference of the antennae: {SUVER}"),
    ("ORN_s", "OD", 1, ADDED),
    ("ORN_s", "STOP", 1, ADDED),
    ("OD", "OM", 1, ADDED),
    ("OM", "LOST", 1, ADDED),
    ("OD", "LOST", -1, ADDED),
    ("WPN_s", "UW_s", 1, f"wind pathway: {MATHESON}"),
    ("OD", "UW_s", 1, f"odour pathway: {MATHESON}"),
    ("UW_s", "DNa02_s", 1, f"{ADDED}: lateral accessory lobe"),
    ("UW_s", "DNa02_o", -1, ADDED),
    ("LOST", "SR_s", 1, f"search after the odour: {SALVADO}"),
    ("PM_s", "SR_s", 1, ADDED),
    ("SR_s", "SR_o", -1, ADDED),
    ("SR_s", "DNa02_s", 1, ADDED),
    ("LOST", "DNp09_s", -1, f"slower in search: {SALVADO}"),
    ("STOP", "DNp09_s", -1, ADDED),
)


def tables() -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the rows of neurons.csv and connections.csv, left and right alike, without their heads."""
    neurons = [
        (f"{name}_{side}", name, kind, transmitter, SIDE[side], source)
        for side in "LR"
        for name, kind, transmitter, source in PAIRED
    ]
    neurons += [(name, name, kind, transmitter, "", source) for name, kind, transmitter, source in SINGLE]
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for side in "LR":
        for pre, post, sign, source in ROWS:
            ends = [end.replace("_s", f"_{side}").replace("_o", f"_{OTHER[side]}") for end in (pre, post)]
            found[ends[0], ends[1]] = (*ends, "chemical", "1.0", str(sign), source)
    return neurons, list(found.values())


def main() -> None:
    """Write both tables."""
    write_tables(HERE, *tables())


if __name__ == "__main__":
    main()
