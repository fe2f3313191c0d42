"""Write neurons.csv and connections.csv: those of fly_walk, and the way from antennae to steering neurons.

Run: python controllers/fly_odour/make_tables.py   (again after any change of fly_walk)
README.md says what was read where.
"""

import csv
import runpy
from pathlib import Path

HERE = Path(__file__).parent
WALK = HERE.parent / "fly_walk"
GAUDRY = "Gaudry 2013 doi:10.1038/nature11747"
MOHAMED = "contralateral inhibition: Mohamed 2019 doi:10.3389/fphys.2019.00851"
OTHER = {"L": "R", "R": "L"}


def tables() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv."""
    neurons, connections = runpy.run_path(str(WALK / "make_tables.py"))["tables"]()
    for side, word in (("L", "left"), ("R", "right")):
        neurons.append(
            [f"ORN_{side}", "ORN", "sensory", "acetylcholine", word, "receptor neurons of an antenna"]
        )
        neurons.append(
            [f"PN_{side}", "PN", "projection", "acetylcholine", word, "olfactory projection neurons"]
        )
        connections.append([f"ORN_{side}", f"PN_{side}", "chemical", 1.0, 1, GAUDRY])
        # Through inhibitory neurons, which are left out: they would have to be linear to a hundredth.
        connections.append([f"ORN_{OTHER[side]}", f"PN_{side}", "chemical", 1.0, -1, MOHAMED])
        connections.append([f"PN_{side}", f"DNa02_{side}", "chemical", 1.0, 1, "added: lateral horn"])
    return neurons, connections


def write(name: str, header: str, table: list[list[object]]) -> None:
    """Write a table to this folder."""
    with (HERE / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(table)


def main() -> None:
    """Write both tables."""
    neurons, connections = tables()
    write("neurons.csv", "name,class,type,transmitter,side,source", neurons)
    write("connections.csv", "pre,post,kind,weight,sign,source", connections)


if __name__ == "__main__":
    main()
