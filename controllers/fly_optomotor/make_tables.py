"""Write optic_lobe.csv from the wiring that the flyvis wheel carries.

Run: python controllers/fly_optomotor/make_tables.py PATH/fib25-fib19_v2.2.json
The file is data of the flyvis package (MIT; Lappalainen et al. 2024, doi:10.1038/s41586-024-07939-3):
synapses per target cell from every cell type at every relative column, reconstructed in two
electron-microscopic volumes of the optic lobe (Takemura et al. 2015, doi:10.1073/pnas.1509820112; Shinomiya
et al. 2019, doi:10.7554/eLife.40025), and signs from transmitters.
"""

import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(source: Path) -> None:
    """Write one row for every pair of types and relative column."""
    wiring = json.loads(source.read_text())
    rows = [
        (edge["src"], edge["tar"], u, v, round(count, 3), int(edge["alpha"]))
        for edge in wiring["edges"]
        for (u, v), count in edge["offsets"]
    ]
    with (HERE / "optic_lobe.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["pre", "post", "du", "dv", "synapses", "sign"])
        writer.writerows(rows)
    types = [node["name"] for node in wiring["nodes"]]
    print(len(types), "types,", len(wiring["edges"]), "pairs,", len(rows), "rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
