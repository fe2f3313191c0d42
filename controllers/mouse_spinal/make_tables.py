"""Write neurons.csv and connections.csv: every row once, for all limbs, left and right alike.

Run: python controllers/mouse_spinal/make_tables.py
Populations are named class_limb, the limb being that of the population's own girdle and side: fl, fr, hl, hr.
Weights of the circuit of Danner et al. 2017 are the conductances (nS) of the model file that its authors
published with the paper; README.md says what was read where.
"""

import csv
from pathlib import Path

HERE = Path(__file__).parent
LIMBS = ("fl", "fr", "hl", "hr")
SIDES = {"l": "left", "r": "right"}
FORE = ("fl", "fr")

DANNER = "Danner 2017 doi:10.7554/eLife.31050"

# class: (type, transmitter, limbs). {lpn} is descending from the forelimbs, ascending from the hindlimbs.
CLASSES = {
    "RG_F": ("rhythm", "glutamate", LIMBS),
    "RG_E": ("rhythm", "glutamate", LIMBS),
    "InF": ("interneuron", "glycine", LIMBS),
    "InE": ("interneuron", "glycine", LIMBS),
    "V0D": ("commissural", "glycine", LIMBS),
    "V0V": ("commissural", "glutamate", LIMBS),
    "V3": ("commissural", "glutamate", LIMBS),
    "CINi": ("commissural", "glycine", LIMBS),
    "V2a": ("interneuron", "glutamate", LIMBS),
    "InV0V": ("interneuron", "glycine", LIMBS),
    "LPNi": ("descending_LPN", "glycine", FORE),
    "V2a_hom": ("{lpn}_LPN", "glutamate", LIMBS),
    "V2a_diag": ("interneuron", "glutamate", LIMBS),
    "V0V_diag": ("{lpn}_LPN", "glutamate", LIMBS),
    "V0D_diag": ("descending_LPN", "glycine", FORE),
}
BRAINSTEM = {"alpha": "glutamate", "tonic": "glutamate"}
INHIBITORY = ("glycine",)

# pre, post, weight (nS), what it does. The post population is of the same limb (=), of the other side (x), of
# the other girdle (h, homolateral), or diagonal (d).
CIRCUIT = (
    ("RG_F", "InF", "=", 4.0, "flexor and extensor centres inhibit each other"),
    ("RG_E", "InE", "=", 4.0, "flexor and extensor centres inhibit each other"),
    ("InF", "RG_E", "=", 10.0, "flexor and extensor centres inhibit each other"),
    ("InE", "RG_F", "=", 0.8, "flexor and extensor centres inhibit each other"),
    ("RG_F", "V0D", "=", 7.0, "left-right alternation, slow"),
    ("V0D", "RG_F", "x", 0.7, "left-right alternation, slow"),
    ("RG_F", "V2a", "=", 10.0, "left-right alternation, fast"),
    ("V2a", "V0V", "=", 10.0, "left-right alternation, fast"),
    ("V0V", "InV0V", "x", 6.0, "left-right alternation, fast"),
    ("InV0V", "RG_F", "=", 0.7, "left-right alternation, fast"),
    ("RG_E", "CINi", "=", 4.0, "left-right, from the extensor centre"),
    ("CINi", "RG_F", "x", 0.3, "left-right, from the extensor centre"),
    ("RG_F", "V3", "=", 3.5, "left-right synchrony"),
    ("V3", "RG_F", "x", 0.3, "left-right synchrony"),
)
FORE_HIND = (  # only from the forelimbs, only from the hindlimbs, or both
    (FORE, "RG_F", "LPNi", "=", 7.0, "fore and hind alternate"),
    (FORE, "LPNi", "RG_F", "h", 0.1, "fore and hind alternate"),
    (LIMBS, "RG_E", "V2a_hom", "=", 5.0, "fore and hind alternate"),
    (FORE, "V2a_hom", "RG_F", "h", 0.1, "fore and hind alternate"),
    (("hl", "hr"), "V2a_hom", "RG_F", "h", 1.25, "fore and hind alternate"),
    (LIMBS, "RG_F", "V2a_diag", "=", 5.0, "diagonal synchrony"),
    (LIMBS, "V2a_diag", "V0V_diag", "=", 9.0, "diagonal synchrony"),
    (FORE, "V0V_diag", "RG_F", "d", 0.2, "diagonal synchrony"),
    (("hl", "hr"), "V0V_diag", "RG_F", "d", 0.65, "diagonal synchrony"),
    (FORE, "RG_F", "V0D_diag", "=", 5.0, "diagonal alternation, slow"),
    (FORE, "V0D_diag", "RG_F", "d", 0.75, "diagonal alternation, slow"),
)
# Drives: the command, the population, weight (nS), sign. Those to V3 and V0V_diag exist in the paper's model
# with weight 0 (inputs that its authors switch on in some simulations); a table holds no weight of 0.
DRIVES = (
    ("alpha", "RG_F", 1.0, 1, LIMBS),
    ("tonic", "RG_E", 1.0, 1, LIMBS),
    ("alpha", "V0V", 1.5, -1, LIMBS),
    ("alpha", "V0D", 7.5, -1, LIMBS),
    ("alpha", "V0D_diag", 7.5, -1, FORE),
)


def other(limb: str, way: str) -> str:
    """The limb that is meant from ``limb``: = itself, x across, h homolateral, d diagonal."""
    girdle, side = limb
    across, girdles = {"l": "r", "r": "l"}, {"f": "h", "h": "f"}
    return (girdles[girdle] if way in "hd" else girdle) + (across[side] if way in "xd" else side)


def rows() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv."""
    neurons: list[list[object]] = []
    connections: list[list[object]] = []
    for name, transmitter in BRAINSTEM.items():
        neurons.append([name, name, "brainstem", transmitter, "both", f"{DANNER}: drive"])
    for name, (kind, transmitter, limbs) in CLASSES.items():
        for limb in limbs:
            lpn = "descending" if limb in FORE else "ascending"
            neurons.append(
                [f"{name}_{limb}", name, kind.format(lpn=lpn), transmitter, SIDES[limb[1]], DANNER]
            )
    circuit = [(LIMBS, *row) for row in CIRCUIT]
    for limbs, pre, post, way, weight, role in (*circuit, *FORE_HIND):
        sign = -1 if CLASSES[pre][1] in INHIBITORY else 1
        for limb in limbs:
            connections.append(
                [f"{pre}_{limb}", f"{post}_{other(limb, way)}", "chemical", weight, sign, f"{DANNER}: {role}"]
            )
    for pre, post, weight, sign, limbs in DRIVES:
        for limb in limbs:
            connections.append([pre, f"{post}_{limb}", "chemical", weight, sign, f"{DANNER}: drive"])
    return neurons, connections


def write(name: str, header: str, table: list[list[object]]) -> None:
    """Write a table to this folder."""
    with (HERE / name).open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(table)


def main() -> None:
    """Write both tables."""
    neurons, connections = rows()
    write("neurons.csv", "name,class,type,transmitter,side,source", neurons)
    write("connections.csv", "pre,post,kind,weight,sign,source", connections)


if __name__ == "__main__":
    main()
