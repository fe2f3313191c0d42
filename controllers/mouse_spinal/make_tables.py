"""Write neurons.csv and connections.csv: every row once, for all limbs, left and right alike.

Run: python controllers/mouse_spinal/make_tables.py
Populations are named class_limb, the limb being that of the population's own girdle and side: fl, fr, hl, hr.
Weights of the circuit of Danner et al. 2017 are the conductances (nS) of the model file that its authors
published with the paper; README.md says what was read where.
"""

from pathlib import Path

from pattern_layers import LAYERS

from neuromech.brain.wiring_tables import write as write_tables

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

# Below the rhythm generators: what we added (README.md says what for).
SPEEDS = (
    "added; a module for each range of speeds: Ampatzis 2014 doi:10.1016/j.neuron.2014.07.018 (zebrafish)"
)
TWO_LEVELS = "added; two levels: McCrea & Rybak 2008 PMC2214837"
AFFERENT = "added; load and hip position: Ekeberg & Pearson 2005 doi:10.1152/jn.00065.2005"
BALANCE = "added; vestibular extension: Murray 2018 doi:10.1016/j.celrep.2018.01.009"
SHAPING = (  # within a limb: pre, post, weight (nS); @ is what the layer appends
    ("RG_F", "PF_lift@", 10.0), ("RG_F", "PF_swing@", 10.0), ("RG_F", "InPF_F@", 10.0),
    ("InPF_F@", "PF_lift@", 12.0), ("InE", "PF_swing@", 20.0), ("InE", "InPF_F@", 20.0),
    ("RG_E", "PF_touch@", 10.0), ("RG_E", "PF_stance@", 10.0), ("RG_E", "InPF_E@", 10.0),
    ("InPF_E@", "PF_touch@", 12.0), ("InF", "PF_stance@", 20.0), ("InF", "InPF_E@", 20.0),
    ("PF_swing@", "PF_reach@", 10.0), ("PF_stance@", "PF_push@", 10.0),
)  # fmt: skip
LATE = (("InF", "PF_late@", 20.0), ("InE", "PF_late@", 20.0))
FOLLOWING = ("reach", "push")  # these follow another phase
SAGITTAL = {
    "f": ("shoulder_flexor", "shoulder_extensor", "elbow_flexor", "elbow_extensor", "wrist_flexor",
          "wrist_extensor"),
    "h": ("hip_flexor", "hip_extensor", "knee_flexor", "knee_extensor", "ankle_flexor", "ankle_extensor"),
}  # fmt: skip
LATERAL = {
    "f": ("shoulder_out_abductor", "shoulder_out_adductor"),
    "h": ("hip_out_abductor", "hip_out_adductor"),
}
AGAINST_GRAVITY = {  # these the labyrinths extend; load and stretch raise them
    "f": ("elbow_extensor",),
    "h": ("knee_extensor", "ankle_extensor"),
}
LOADED = {
    "f": ("shoulder_extensor", "elbow_extensor", "wrist_flexor"),
    "h": ("hip_extensor", "knee_extensor", "ankle_extensor"),
}
AXIAL = (
    "thoracic_bend_left", "thoracic_bend_right", "lumbar_bend_left", "lumbar_bend_right", "thoracic_flexor",
    "thoracic_extensor", "lumbar_flexor", "lumbar_extensor", "neck_turn_left", "neck_turn_right",
    "neck_raiser", "neck_lowerer",
)  # fmt: skip
# Fibres and their relays; left is the side that goes down (or to which the animal turns).
LABYRINTH = (
    "tilt_left", "tilt_right", "roll_left", "roll_right", "nose_down", "nose_up", "pitch_down", "pitch_up",
    "yaw_left", "yaw_right",
)  # fmt: skip


# Seeing the world turn: what we added of the optokinetic pathway to the neck, the eye of each class in its
# name.
KRETSCHMER = "ON direction-selective ganglion cells drive head and eye alike: Kretschmer 2017 PMC5498731"
NOT = "ipsiversive motion, from the other eye: NOT-DTN of mammals, PMC6729421 (ferret)"
NECK = "added; vestibular and prepositus neurons between NOT and the neck: model assumption"
HALT = "V2a stop neurons of the medulla depress rhythm generation: Bouvier 2015 PMC4899047"
IN_STEP = "added; finds that the hind flexor centres burst together: model assumption"
TURNING = "added; V2a neurons of the medulla turn a mouse to their side: Cregg 2020, Nature Neuroscience"
STANDING = "added; postural tone of the legs from the brain stem: model assumption"
# Which pattern layer is on: slow by its own command, brisk and fast from some alpha on, fast also while the
# hind legs swing together; these excite themselves, so that they are on or off, and silence those before
# them. With their inhibitory relays all also speak to motor neurons for as long as they are on.
SPEED = {
    **dict.fromkeys(("slow", "brisk", "fast"), "glutamate"),
    **dict.fromkeys(("InSlow", "InBrisk", "InFast"), "glycine"),
}
GATES = (
    ("alpha", "brisk", 1), ("brisk", "brisk", 1), ("alpha", "fast", 1), ("fast", "fast", 1),
    ("brisk", "slow", -1), ("fast", "slow", -1), ("fast", "brisk", -1),
    ("slow", "InSlow", 1), ("brisk", "InBrisk", 1), ("fast", "InFast", 1),
)  # fmt: skip
TOGETHER = (  # coincidence looks for bursts of both hind legs, in_step keeps that for some strides
    *((f"RG_F_{limb}", "coincidence", 1) for limb in ("hl", "hr")),
    *((f"InE_{limb}", "coincidence", -1) for limb in ("hl", "hr")),
    ("coincidence", "in_step", 1), ("in_step", "fast", 1),
)  # fmt: skip
SEEING = (  # class, type, transmitter, source
    ("DSn", "retina", "glutamate", KRETSCHMER), ("DSt", "retina", "glutamate", KRETSCHMER),
    ("NOT", "pretectum", "glutamate", NOT), ("VN", "vestibular", "glutamate", NECK),
    ("InVN", "vestibular", "glycine", NECK),
)  # fmt: skip
OPTOKINETIC = (  # pre, post (* of the other side), sign, source
    ("DSn", "NOT*", 1, NOT), ("NOT", "VN", 1, NECK), ("VN", "MN_neck_turn", 1, NECK),
    ("VN", "InVN*", 1, NECK), ("InVN", "MN_neck_turn", -1, NECK),
)  # fmt: skip


def other(limb: str, way: str) -> str:
    """The limb that is meant from `limb`: = itself, x across, h homolateral, d diagonal."""
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


def added() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows of pattern formation, motor neurons and senses; their strengths are in
    parameters.yaml.
    """
    neurons: list[list[object]] = []
    connections: list[list[object]] = []

    def link(pre: str, post: str, source: str, weight: float = 1.0, sign: int = 1) -> None:
        connections.append([pre, post, "chemical", weight, sign, source])

    for limb in LIMBS:
        girdle, side = limb[0], SIDES[limb[1]]
        for layer, (turns_on, phases) in LAYERS.items():
            source = SPEEDS if layer else TWO_LEVELS
            for name in ("InPF_F", "InPF_E"):
                neurons.append(
                    [f"{name}{layer}_{limb}", f"{name}{layer}", "pattern", "glycine", side, source]
                )
            for pre, post, weight in (*SHAPING, *(LATE if "late" in phases else ())):
                pre, post = (f"{each.replace('@', layer)}_{limb}" for each in (pre, post))
                link(pre, post, source, weight, -1 if pre.startswith("In") else 1)
            for phase in phases:
                name = f"PF_{phase}{layer}"
                neurons.append([f"{name}_{limb}", name, "pattern", "glutamate", side, source])
                neurons.append([f"In{name}_{limb}", f"In{name}", "pattern", "glycine", side, source])
                link(f"{name}_{limb}", f"In{name}_{limb}", source, 10.0)
                for muscle in (*SAGITTAL[girdle], *LATERAL[girdle]):
                    link(f"{name}_{limb}", f"MN_{muscle}_{limb}", source)
                    link(f"In{name}_{limb}", f"MN_{muscle}_{limb}", source, sign=-1)
                if phase not in FOLLOWING:
                    for other_one in sorted({each for each, _ in LAYERS.values()} - {turns_on}):
                        link(other_one, f"{name}_{limb}", SPEEDS, sign=-1)
                    link("alpha", f"{name}_{limb}", source)
        link("tonic", f"PF_late_slow_{limb}", SPEEDS, 2.0)
        for name in ("load", "hip_back"):
            neurons.append([f"{name}_{limb}", name, "sensory", "glutamate", side, AFFERENT])
        for post in ("RG_E", "InE"):
            link(f"load_{limb}", f"{post}_{limb}", AFFERENT)
        link(f"hip_back_{limb}", f"RG_F_{limb}", AFFERENT)
        for muscle in (*SAGITTAL[girdle], *LATERAL[girdle]):
            neurons.append(
                [f"MN_{muscle}_{limb}", f"MN_{muscle}", "motor", "acetylcholine", side, TWO_LEVELS]
            )
        for muscle in LOADED[girdle]:
            link(f"load_{limb}", f"MN_{muscle}_{limb}", AFFERENT)
        for muscle in AGAINST_GRAVITY[girdle]:
            neurons.append([f"Ia_{muscle}_{limb}", f"Ia_{muscle}", "sensory", "glutamate", side, AFFERENT])
            link(f"Ia_{muscle}_{limb}", f"MN_{muscle}_{limb}", AFFERENT)
            falling = ("nose_down", "pitch_down") if girdle == "f" else ("nose_up", "pitch_up")
            for fibre in (f"tilt_{side}", f"roll_{side}", *falling):
                link(fibre, f"MN_{muscle}_{limb}", BALANCE)
        away, towards = LATERAL[girdle]
        across = SIDES[other(limb, "x")[1]]
        for fibre in ("tilt", "roll"):
            link(f"{fibre}_{across}", f"MN_{away}_{limb}", BALANCE)
            link(f"{fibre}_{side}", f"MN_{towards}_{limb}", BALANCE)
    for fibre in LABYRINTH:
        side = fibre.split("_")[1] if fibre.endswith(("left", "right")) else "both"
        neurons.append(
            [fibre, fibre.split("_")[0] if side != "both" else fibre, "sensory", "glutamate", side, BALANCE]
        )
    for muscle in AXIAL:
        side = muscle.split("_")[-1] if muscle.endswith(("left", "right")) else "both"
        label = "_".join(muscle.split("_")[:-1]) if side != "both" else muscle
        neurons.append([f"MN_{muscle}", f"MN_{label}", "motor", "acetylcholine", side, TWO_LEVELS])
    for part in ("thoracic", "lumbar"):
        for side in ("left", "right"):
            link(f"yaw_{side}", f"MN_{part}_bend_{side}", BALANCE)
    for name, _, kind, *_ in neurons:
        if kind == "motor":
            connections.append([name, str(name)[3:], "neuromuscular", 1.0, 1, TWO_LEVELS])
    return neurons, connections


def seeing() -> tuple[list[list[object]], list[list[object]]]:
    """Return the rows from the two retinae to the neck, and of standing; parameters.yaml has strengths."""
    neurons: list[list[object]] = []
    connections: list[list[object]] = []
    for name, kind, transmitter, source in SEEING:
        for side in SIDES.values():
            neurons.append([f"{name}_{side}", name, kind, transmitter, side, source])
    neurons.append(["stand", "stand", "reticulospinal", "glutamate", "both", STANDING])
    for side in SIDES.values():
        neurons.append([f"turn_{side}", "turn", "reticulospinal", "glutamate", side, TURNING])
        for part in ("thoracic", "lumbar"):
            connections.append([f"turn_{side}", f"MN_{part}_bend_{side}", "chemical", 1.0, 1, TURNING])
    neurons.append(["halt", "halt", "reticulospinal", "glycine", "both", HALT])
    for name, transmitter in SPEED.items():
        neurons.append([name, name, "reticulospinal", transmitter, "both", SPEEDS])
    for name in ("coincidence", "in_step"):
        neurons.append([name, name, "pattern", "glutamate", "both", IN_STEP])
    for rows_of, source in ((GATES, SPEEDS), (TOGETHER, IN_STEP)):
        for pre, post, sign in rows_of:
            connections.append([pre, post, "chemical", 1.0, sign, source])
    for limb in LIMBS:
        for centre in ("RG_F", "RG_E"):
            connections.append(["halt", f"{centre}_{limb}", "chemical", 1.0, -1, HALT])
        for muscle in (*SAGITTAL[limb[0]], *LATERAL[limb[0]]):
            connections.append(["stand", f"MN_{muscle}_{limb}", "chemical", 1.0, 1, STANDING])
            for name, transmitter in SPEED.items():
                sign = -1 if transmitter in INHIBITORY else 1
                connections.append([name, f"MN_{muscle}_{limb}", "chemical", 1.0, sign, SPEEDS])
    for pre, post, sign, source in OPTOKINETIC:
        for side, across in (("left", "right"), ("right", "left")):
            target = across if post.endswith("*") else side
            connections.append(
                [f"{pre}_{side}", f"{post.rstrip('*')}_{target}", "chemical", 1.0, sign, source]
            )
    return neurons, connections


def tables() -> tuple[list[list[object]], list[list[object]]]:
    """Return all rows of both tables: the circuit, what moves the legs, what turns the head."""
    parts = (rows(), added(), seeing())
    return [row for part in parts for row in part[0]], [row for part in parts for row in part[1]]


def main() -> None:
    """Write both tables."""
    write_tables(HERE, *tables())


if __name__ == "__main__":
    main()
