"""Write neurons.csv and connections.csv: every row once, for the left and the right side alike.

Run: python controllers/fish_oculomotor/make_tables.py
Each neuron stands for a population. No count of synapses is used: weights are 1, to be multiplied by the
gains of parameters.yaml. The column `source` names the finding that a connection rests on, or says that it is
an assumption.
"""

from pathlib import Path

from neuromech.brain.wiring_tables import write as write_tables

HERE = Path(__file__).parent
OTHER = {"L": "R", "R": "L"}
SIDES = {"L": "left", "R": "right"}

CROSSED = "retina crosses: Gebhardt 2019 doi:10.1038/s41467-019-13484-9"
WANG = "Wang 2019 doi:10.1186/s12915-019-0648-2 (four directions in the pretectum)"
TEXTBOOK = (
    "textbook: abducens to the lateral rectus, internuclear neurons across to the medial rectus; from memory"
)
MODEL = "model assumption"

# name, type, transmitter. R of a population is the one that turns both eyes to the right.
CLASSES = [
    ("DSn", "sensory", "glutamate"),
    ("DSt", "sensory", "glutamate"),
    ("PN", "pretectum", "glutamate"),
    ("PT", "pretectum", "glutamate"),
    ("VEL", "velocity", "glutamate"),
    ("VELi", "velocity", "GABA"),
    ("INT", "integrator", "glutamate"),
    ("SAC", "burst", "glutamate"),
    ("SACi", "burst", "GABA"),
    ("ABD", "motor", "acetylcholine"),
    ("AIN", "internuclear", "glutamate"),
    ("OMN", "motor", "acetylcholine"),
]

# pre, post, source; the post neuron is on the same side, or on the other where its name ends in *.
PATHS = [
    # Motion towards the nose for the left eye and towards the tail for the right eye is a turn to the right.
    ("DSn", "PN*", f"{WANG}; {CROSSED}"),
    ("DSt", "PT*", f"{WANG}; {CROSSED}"),
    ("PN", "VEL", f"{MODEL}: turn to the side of the pretectum that sees motion towards the nose"),
    ("PT", "VEL*", f"{MODEL}: the other eye's motion of the same turn"),
    ("PN", "VELi", f"{MODEL}: opponent directions"),
    ("PT", "VELi*", f"{MODEL}: opponent directions"),
    ("VELi", "VEL*", f"{MODEL}: opponent directions, so that forward motion turns no eye"),
    ("VEL", "INT", f"{MODEL}: velocity to position"),
    ("VELi", "INT*", f"{MODEL}: the other side is pulled down as much"),
    ("INT", "SAC*", f"{MODEL}: eyes far to one side are brought back"),
    ("SAC", "SAC", f"{MODEL}: a burst sustains itself until it tires"),
    ("SAC", "SACi", MODEL),
    ("SACi", "SAC*", f"{MODEL}: not to both sides at once"),
    ("SAC", "INT", f"{MODEL}: a quick phase moves the stored position"),
    ("SACi", "INT*", f"{MODEL}: a quick phase moves the stored position"),
    ("INT", "ABD", TEXTBOOK),
    ("INT", "AIN", TEXTBOOK),
    ("AIN", "OMN*", TEXTBOOK),
]
# The lateral rectus turns an eye towards the tail, the medial rectus towards the nose.
MUSCLES = {"ABD": "temporal", "OMN": "nasal"}


def rows() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv."""
    sign = {name: -1 if transmitter == "GABA" else 1 for name, _, transmitter in CLASSES}
    neurons: list[list[object]] = [
        [f"{name}_{side}", name, kind, transmitter, SIDES[side]]
        for name, kind, transmitter in CLASSES
        for side in SIDES
    ]
    connections: list[list[object]] = []
    for pre, post, source in PATHS:
        for side in SIDES:
            target = OTHER[side] if post.endswith("*") else side
            connections.append(
                [f"{pre}_{side}", f"{post.rstrip('*')}_{target}", "chemical", 1.0, sign[pre], source]
            )
    for name, muscle in MUSCLES.items():
        connections += [
            [f"{name}_{side}", f"eye_{SIDES[side]}_{muscle}", "neuromuscular", 1.0, 1, TEXTBOOK]
            for side in SIDES
        ]
    return neurons, connections


def main() -> None:
    """Write both tables."""
    write_tables(HERE, *rows(), further=("side",))


if __name__ == "__main__":
    main()
