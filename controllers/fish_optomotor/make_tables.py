"""Write neurons.csv and connections.csv: every row once, for the left and the right side alike.

Run: python controllers/fish_optomotor/make_tables.py
Each neuron stands for a population. Weights are relative strengths, to be multiplied by the gains of
parameters.yaml. The column `source` names the finding that a connection rests on, or says that it is an
assumption of the model; README.md lists the papers and what of each was read. The populations of DECISION are
those of hindbrain_counts.csv: their weights are synapses per receiving cell.
"""

import csv
from pathlib import Path

from neuromech.brain.wiring_tables import write as write_tables

HERE = Path(__file__).parent
SEGMENTS = 10
OTHER = {"L": "R", "R": "L"}
SIDES = {"L": "left", "R": "right"}

NAUMANN = "Naumann 2016 doi:10.1016/j.cell.2016.10.019"
WANG = "Wang 2019 doi:10.1186/s12915-019-0648-2"
CROSSED = "retina crosses: Gebhardt 2019 doi:10.1038/s41467-019-13484-9"
BAHL = "Bahl 2020 doi:10.1038/s41593-019-0534-9"
DUNN = "Dunn 2016 doi:10.7554/eLife.12741"
ORGER = "Orger 2008 doi:10.1038/nn2048"
HUANG = "Huang 2013 PMC3752323"
THIELE = "Thiele 2014 PMC4157661"
CARBO = "Carbo-Tano 2023 Nat Neurosci (MLR recruits V2a reticulospinal neurons)"
PORTUGUES = "Portugues 2015 doi:10.1242/jeb.118299"
SATOU = "Satou 2020 (commissural dI6dmrt3a and V0d neurons inhibit the other side)"
AGHA = "Agha 2024 doi:10.7554/eLife.94349"
BERG = "Berg 2018 doi:10.3389/fncir.2018.00073"
KISHORE = "Kishore 2014 PMC4198544"
COUNTED = "counted: hindbrain_counts.csv (Boulanger-Weill 2025, github jboulanger91/Zebrafish_CLEM)"
SLANGEWAL = "Slangewal 2025 doi:10.1101/2025.08.12.669772"
HEAP = "Heap 2018 doi:10.1016/j.neuron.2018.06.013"
TEMIZER = "Temizer 2015 doi:10.1016/j.cub.2015.06.002"
DUNN_ESCAPE = "Dunn 2016 doi:10.1016/j.neuron.2015.12.021"
BHATTACHARYYA = "Bhattacharyya 2017 doi:10.1016/j.cub.2017.08.012"
MAUTHNER = "Mauthner axons cross and excite motor neurons of the other side: zfin ZDB-IMAGE-241101-20"
MODEL = "model assumption"

# class, type, transmitter. Types with {side} are those of the neuron's side.
SIDEWAYS = ("Mm", "iMm", "oMm", "B", "iB", "oB", "ioB", "S")
CLASSES = (
    [
        (name, "sensory", "glutamate")
        for name in ("DSn", "DSu", "DSt", "DSd", "ON", "OFF", "LUX", "DIM", "EXP")
    ]
    + [(name, "pretectum_{side}", "glutamate") for name in (*SIDEWAYS, "F")]
    + [("BW", "pretectum_{side}", "GABA"), ("LI", "pretectum_{side}", "GABA")]
    + [("PCl", "posterior_commissure", "glutamate"), ("PCm", "posterior_commissure", "GABA")]
    + [(name, "hindbrain", "glutamate") for name in ("FWD", "ARTRm")]
    + [("ARTRl", "hindbrain", "GABA"), ("BI", "hindbrain", "glutamate"), ("VIG", "hindbrain", "glutamate")]
    + [("LUMe", "thalamus", "glutamate"), ("LUMi", "thalamus", "GABA"), ("DRK", "thalamus", "glutamate")]
    + [("DRKi", "thalamus", "GABA")]
    + [("TEC", "tectum", "glutamate"), ("PHP", "escape", "glycine")]
    + [(name, "escape", "glutamate") for name in ("Mth", "MiD")]
    + [(name, "descending", "glutamate") for name in ("nMLF", "mRSN", "vSPN")]
)
# name, class, transmitter, for each side: the populations that were imaged and counted. A class may have two
# kinds of cells, which hear the same and answer with different transmitters.
DECISION = [
    ("RA", "RA", "glutamate"),
    ("iMIe", "iMIe", "glutamate"),
    ("iMIi", "iMIi", "GABA"),
    ("cMI", "cMI", "GABA"),
    ("MON", "MON", "GABA"),
    ("SMIe", "SMI", "glutamate"),
    ("SMIi", "SMI", "GABA"),
]
SPINAL = [("V2a", "spinal", "glutamate"), ("dI6", "spinal", "glycine"), ("MN", "motor", "acetylcholine")]
INHIBITORY = ("GABA", "glycine")

# pre, post, weight, source; the post neuron is on the same side, or on the other where its name ends in *.
BRAIN = [
    # The left eye's ganglion cells reach the right pretectum. Medial motion is towards the midline: downwards
    # on the retina, as the floor is seen; lateral motion upwards. The left pretectum answers leftward motion.
    *[("DSd", f"{post}*", 1.0, f"{NAUMANN}; {CROSSED}") for post in SIDEWAYS],
    ("DSu", "PCl*", 1.0, f"{NAUMANN} (lateral excitation through the posterior commissure); {CROSSED}"),
    ("DSd", "PCm*", 1.0, f"{NAUMANN} (medial inhibition through the posterior commissure); {CROSSED}"),
    ("DSu", "LI*", 1.0, f"{MODEL}: lateral motion of the crossed eye opposes"),
    *[("PCl", f"{post}*", 1.0, NAUMANN) for post in ("B", "iB", "oB", "ioB", "S")],
    ("PCl", "oMm*", 0.3, f"{MODEL}: outward motion lets oMm fire, lateral motion of one eye does not"),
    *[("PCm", f"{post}*", 1.0, NAUMANN) for post in ("Mm", "oMm", "B", "oB", "S")],
    *[("LI", post, 1.0, f"{MODEL}: of these cells only those with an o answer outward motion")
      for post in ("B", "iB", "Mm", "iMm")],
    ("DSn", "F*", 1.0, f"{WANG} (forward-selective pretectal neurons); {CROSSED}"),
    ("DSt", "BW*", 1.0, f"{WANG} (four directions in the pretectum); {CROSSED}"),
    ("BW", "F", 1.0, f"{MODEL}: opponent directions"),
    # Turning.
    *[(pre, "RA", 1.0, f"{BAHL}; {NAUMANN}; that the counted axons from rostral are the pretectum's {MODEL}")
      for pre in SIDEWAYS],
    ("SMIe", "ARTRm", 1.0, f"{BAHL} (motion evidence reaches a motor command); source and target {MODEL}"),
    ("ARTRm", "ARTRm", 1.0, f"{DUNN} (turn states last); recurrence {MODEL}"),
    ("ARTRm", "ARTRl", 1.0, DUNN),
    ("ARTRl", "ARTRm*", 1.0, f"{DUNN} (suggestive evidence for mutual inhibition)"),
    ("ARTRm", "vSPN", 1.0, f"{DUNN} (projections to premotor neurons); {ORGER}; {HUANG}"),
    # Swimming forward.
    *[(pre, "nMLF", 1.0, f"{NAUMANN} (medial motion: the contralateral nMLF)") for pre in ("Mm", "iMm")],
    *[(pre, "nMLF*", 1.0, f"{NAUMANN} (indirectly the other one)") for pre in ("Mm", "iMm")],
    ("F", "FWD", 1.0, f"{PORTUGUES}; {BAHL}; target {MODEL}"),
    ("F", "FWD*", 1.0, f"{PORTUGUES}; {BAHL}; target {MODEL}"),
    ("BW", "FWD", 1.0, f"{MODEL}: backward motion is evidence against swimming"),
    ("BW", "FWD*", 1.0, f"{MODEL}: backward motion is evidence against swimming"),
    ("FWD", "nMLF", 1.0, f"{ORGER}; {NAUMANN} (forward swimming through the nMLF)"),
    ("FWD", "BI", 1.0, PORTUGUES),
    ("SMIe", "BI", 1.0, f"{BAHL}; source {MODEL}"),
    # A bout.
    ("BI", "BI", 1.0, f"{MODEL}: a burst sustains itself until it tires"),
    ("BI", "BI*", 1.0, f"{MODEL}: both sides of a bout start together"),
    ("BI", "nMLF", 1.0, f"{THIELE} (nMLF activity goes with bouts)"),
    ("BI", "mRSN", 1.0, CARBO),
    ("BI", "vSPN", 1.0, f"{HUANG} (turns are bouts with a changed first cycle)"),
    *[("VIG", f"{post}{where}", 1.0, f"{MODEL}: bouts differ in vigour, on both sides alike")
      for post in ("nMLF", "mRSN", "BI") for where in ("", "*")],
    # Light. The left eye reaches the right thalamus; what is brighter there turns the larva to the left.
    ("LUX", "LUMe*", 1.0, f"{SLANGEWAL} (luminance level); {CROSSED}; target {MODEL}"),
    ("LUX", "LUMi*", 1.0, f"{SLANGEWAL} (luminance level); {CROSSED}; target {MODEL}"),
    ("LUMi", "LUMe*", 1.0, f"{MODEL}: the two sides are held against each other"),
    ("LUMe", "ARTRm*", 1.0, f"{SLANGEWAL} (anterior hindbrain adds motion and light); target cells {MODEL}"),
    ("DIM", "DRK*", 1.0, f"{HEAP} (thalamus responds to drops of luminance); {CROSSED}"),
    ("DRK", "DRKi", 1.0, f"{MODEL}: the two sides compete, so that what dims everywhere turns to one side"),
    ("DRKi", "DRK*", 1.0, f"{MODEL}: the two sides compete, so that what dims everywhere turns to one side"),
    ("DRK", "ARTRm", 1.0, f"{HEAP} (away from what dims); target {MODEL}"),
    ("DRK", "BI", 1.0, f"{MODEL}: a fall of luminance starts a bout"),
    ("DRK", "BI*", 1.0, f"{MODEL}: a fall of luminance starts a bout"),
    # Escape. The left eye reaches the right tectum, that the left Mauthner cell, that the right muscles.
    ("EXP", "TEC*", 1.0, f"{TEMIZER} (looming-selective ganglion cells reach the tectum); {CROSSED}"),
    *[("TEC", f"{post}*", 1.0, f"{DUNN_ESCAPE} (motor output through the hindbrain); side {MODEL}")
      for post in ("Mth", "MiD")],
    ("TEC", "vSPN", 1.0, f"{BHATTACHARYYA} (vSPN of one side in evasions from slow approach); side {MODEL}"),
    ("TEC", "BI", 1.0, f"{MODEL}: evasions are bouts"),
    ("TEC", "BI*", 1.0, f"{MODEL}: evasions are bouts"),
    *[(name, name, 1.0, f"{MODEL}: once over its threshold it fires, all or none")
      for name in ("Mth", "MiD")],
    ("Mth", "PHP", 1.0, f"{MODEL}: one escape, to one side"),
    *[("PHP", f"{post}*", 1.0, f"{MODEL}: one escape, to one side") for post in ("Mth", "MiD")],
    ("Mth", "BI", 1.0, f"{MODEL}: swimming follows the first bend"),
    ("MiD", "BI", 1.0, f"{MODEL}: swimming follows the first bend"),
]  # fmt: skip

CROSSING = [
    ("Mth", "MN", 1.0, MAUTHNER),
    ("MiD", "MN", 1.0, f"as Mth: {MODEL}"),
    ("Mth", "dI6", 1.0, f"{MODEL}: inhibition across the cord, as of CoLo cells"),
]
DESCENDING = [
    ("nMLF", "V2a", range(1, SEGMENTS + 1), 1.0, f"{BERG}; {THIELE} (ipsilateral tail)"),
    ("mRSN", "V2a", range(1, SEGMENTS + 1), 1.0, CARBO),
    ("vSPN", "MN", range(1, SEGMENTS + 1), 1.0, f"{ORGER}; {HUANG}; target cells {MODEL}"),
]
REACH = {1: 1.0, 2: 0.5}  # descending V2a axons: segments further back, weight


def counted(typing: str = "predicted") -> list[tuple[str, str, bool, float]]:
    """Return (pre, post, whether it crosses, synapses per receiving cell) of the counted populations.

    Of `typing` "predicted" the receiving cells are known only where their activity was imaged, too: as many
    cells are taken as would have the same number of input synapses each.
    """
    with (HERE / "hindbrain_counts.csv").open() as file:
        table = list(csv.DictReader(file))
    cells = {row["post"]: int(row["imaged"]) for row in table if row["side"] == "cells"}
    inputs = {row["post"]: row for row in table if row["side"] == "all inputs"}
    kinds = {name: [each for each, kind, _ in DECISION if kind == name] for name in cells}
    found = []
    for row in table:
        if row["pre"] and int(row[typing]):
            post = row["post"]
            each = int(inputs[post]["imaged"]) / cells[post] / int(inputs[post][typing])
            weight = round(int(row[typing]) * each, 4)
            found += [(row["pre"], name, row["side"] == "other", weight) for name in kinds[post]]
    return found


def rows() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv."""
    neurons: list[list[object]] = []
    connections: list[list[object]] = []
    kinds = {name: transmitter for name, _, transmitter in [*CLASSES, *DECISION, *SPINAL]}

    def sign(name: str) -> int:
        return -1 if kinds[name] in INHIBITORY else 1

    for name, kind, transmitter in CLASSES:
        for side in SIDES:
            neurons.append([f"{name}_{side}", name, kind.format(side=SIDES[side]), transmitter, SIDES[side]])
    for name, kind, transmitter in DECISION:
        for side in SIDES:
            neurons.append([f"{name}_{side}", kind, "decision", transmitter, SIDES[side]])
    for name, kind, transmitter in SPINAL:
        for side in SIDES:
            for k in range(1, SEGMENTS + 1):
                neurons.append([f"{name}_{k:02d}{side}", name, kind, transmitter, SIDES[side]])
    for pre, post, weight, source in BRAIN:
        for side in SIDES:
            target = OTHER[side] if post.endswith("*") else side
            connections.append(
                [f"{pre}_{side}", f"{post.rstrip('*')}_{target}", "chemical", weight, sign(pre), source]
            )
    for pre, post, crosses, weight in counted():
        for side in SIDES:
            target = OTHER[side] if crosses else side
            connections.append(
                [f"{pre}_{side}", f"{post}_{target}", "chemical", weight, sign(pre), COUNTED]
            )  # fmt: skip
    for side in SIDES:
        for pre, post, reached, weight, source in DESCENDING:
            connections += [
                [f"{pre}_{side}", f"{post}_{k:02d}{side}", "chemical", weight, 1, source] for k in reached
            ]
        for pre, post, weight, source in CROSSING:
            target = OTHER[side]
            connections += [
                [f"{pre}_{side}", f"{post}_{k:02d}{target}", "chemical", weight, 1, source]
                for k in range(1, SEGMENTS + 1)
            ]
        for k in range(1, SEGMENTS + 1):
            here, across = f"{k:02d}{side}", f"{k:02d}{OTHER[side]}"
            connections += [
                [
                    f"V2a_{here}",
                    f"V2a_{k + back:02d}{side}",
                    "chemical",
                    weight,
                    1,
                    f"{AGHA} (descending V2a); reach {MODEL}",
                ]
                for back, weight in REACH.items()
                if k + back <= SEGMENTS
            ]
            antiphase = f"{SATOU}; {KISHORE} (inhibition in antiphase)"
            muscle = f"{SIDES[side]}_{k:02d}"
            connections += [
                [f"V2a_{here}", f"MN_{here}", "chemical", 1.0, 1, f"{BERG}; {AGHA}"],
                [f"V2a_{here}", f"dI6_{here}", "chemical", 1.0, 1, f"{SATOU}; drive by V2a {MODEL}"],
                [f"dI6_{here}", f"V2a_{across}", "chemical", 1.0, -1, SATOU],
                [f"dI6_{here}", f"dI6_{across}", "chemical", 1.0, -1, SATOU],
                [f"dI6_{here}", f"MN_{across}", "chemical", 1.0, -1, antiphase],
                [f"MN_{here}", muscle, "neuromuscular", 1.0, 1, f"{MODEL}: a segment's own muscle"],
            ]  # fmt: skip
    return neurons, connections


def main() -> None:
    """Write both tables."""
    write_tables(HERE, *rows(), further=("side",))


if __name__ == "__main__":
    main()
