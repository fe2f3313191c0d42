# %% [markdown]
# # Add an animal
#
# You write a body, a brain and an experiment, and run them. No code of neuromech is touched: content is
# folders. The animal is a crawler of nine segments with two muscles on each of its eight joints, and two
# neurons on each joint that inhibit each other and tire.
#
# The folder is called `my`, and looks like neuromech's own.

# %%
from pathlib import Path


def write(name, text):
    """Write a file of the folder."""
    file = Path("my") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


# %% [markdown]
# ## The body
#
# A body is a MuJoCo model in mm, mg and s. The nose points to +x. This one is a chain of capsules: every
# segment carries the next one, with a hinge between them. Its landmarks are sites called `spine_00` (nose)
# to `spine_18` (tail).

# %%
JOINTS, LENGTH = 8, 1 / 9  # a segment is a ninth of a millimetre long

ROOT = """<joint name="root_x" type="slide" axis="1 0 0"/><joint name="root_y" type="slide" axis="0 1 0"/>
<joint name="root_yaw" type="hinge" axis="0 0 1"/>"""


def segment(k):
    """Return segment k and everything behind it."""
    hinge = f'<joint name="bend_{k}" pos="{LENGTH / 2} 0 0" axis="0 0 1" stiffness="290" damping="9"/>'
    sites = [(2 * k, LENGTH / 2), (2 * k + 1, 0.0)] + ([(2 * k + 2, -LENGTH / 2)] if k == JOINTS else [])
    place = f"{-LENGTH} 0 0" if k else "0 0 0.05"
    return f"""<body name="segment_{k}" pos="{place}">{hinge if k else ROOT}
<geom type="capsule" size="0.05" fromto="{-LENGTH / 2} 0 0 {LENGTH / 2} 0 0" density="1.05" contype="0"
conaffinity="0"/>{"".join(f'<site name="spine_{n:02d}" pos="{x} 0 0"/>' for n, x in sites)}
{segment(k + 1) if k < JOINTS else ""}</body>"""


def muscle(side, k):
    """Return a muscle that bends joint k to its side, and follows its excitation within 0.1 s."""
    gear = -1 if side == "left" else 1
    return f"""<general name="{side}_{k}" joint="bend_{k}" gear="{gear}" ctrlrange="0 1" actrange="0 1"
dyntype="filterexact" dynprm="0.1" gainprm="250"/>"""


muscles = "\n".join(muscle(side, k) for side in ("left", "right") for k in range(1, JOINTS + 1))
write(
    "bodies/crawler/crawler.xml",
    f"""<mujoco model="crawler">
<compiler autolimits="true"/><option gravity="0 0 0"/>
<worldbody>{segment(0)}</worldbody>
<actuator>{muscles}</actuator>
</mujoco>""",
)

# %% [markdown]
# You can look at it with MuJoCo's own viewer: `python -m mujoco.viewer
# --mjcf=my/bodies/crawler/crawler.xml`.
#
# `body.yaml` says what its parts mean: how long it is, which tracker measures it, which joints hold its
# place, which bodies feel the agar, and what it senses.

# %%
write(
    "bodies/crawler/body.yaml",
    """\
title: A crawler of nine segments
model: crawler.xml
length_mm: 1.0
tracker: undulation
root: {x: root_x, y: root_y, yaw: root_yaw}
landmarks: {prefix: spine_, count: 19}  # nose to tail
segments: {names: {prefix: segment_, count: 9, digits: 1}, length_mm: 0.111, tangent: [1, 0, 0]}
senses:
  bend: {kind: joint, unit: rad, joints: {prefix: bend_, first: 1, count: 8, digits: 1}}
skin: {kind: tube, landmarks: {prefix: spine_, count: 19}, colour: [0.45, 0.62, 0.55],
       radius_mm: [0.03, 0.045, 0.05, 0.05, 0.05, 0.05, 0.05, 0.045, 0.03, 0.015]}
""",
)

# %% [markdown]
# ## The brain
#
# Two tables. On every joint, a left and a right neuron inhibit each other; each excites its neighbour
# behind, and drives the muscle of its side.

# %%
neurons, rows = [], []
for k in range(1, JOINTS + 1):
    neurons += [f"L{k},L,motor,acetylcholine", f"R{k},R,motor,acetylcholine"]
    rows += [f"L{k},R{k},chemical,1,-1", f"R{k},L{k},chemical,1,-1"]
    rows += [f"L{k},left_{k},neuromuscular,1,1", f"R{k},right_{k},neuromuscular,1,1"]
    if k < JOINTS:
        rows += [f"L{k},L{k + 1},chemical,1,1", f"R{k},R{k + 1},chemical,1,1"]
write("controllers/crawler_cord/neurons.csv", "\n".join(["name,class,type,transmitter", *neurons]))
write("controllers/crawler_cord/connections.csv", "\n".join(["pre,post,kind,weight,sign", *rows]))

# %% [markdown]
# The parameters are shared by class. `L>R` is the gain of all connections from left to right neurons;
# neurons tire with a time constant of 0.8 s, and the first left one gets a little more drive, so that the
# two sides do not stay alike.

# %%
write(
    "controllers/crawler_cord/controller.yaml",
    """\
title: Two neurons on each joint of a crawler
model: rate
groups: {}
encoding: {}
display: {traces: [L1, R1, L4, R4], groups: {left: [L], right: [R]}}
""",
)
write(
    "controllers/crawler_cord/parameters.yaml",
    """\
fits: []
parameters:
  scale_pA: 20.0
  tau_ms: {'*': 150.0}
  adapt_ms: {'*': 800.0}
  adapt_pA: {'*': 60.0}
  threshold_pA: {'*': 0.0}
  peak_Hz: {'*': 100.0}
  bias_pA: {'*': 40.0, L1: 42.0}
  noise_pA: {'*': 0.5}
  chemical_pA: {'*>*': 10.0, L>R: 40.0, R>L: 40.0}
  neuromuscular: {'*': 1.0}
  tone: 0.0
""",
)

# %% [markdown]
# ## The experiment
#
# It puts the body onto agar, in a world that is there already.

# %%
write(
    "configs/experiment/crawler.yaml",
    """\
# @package _global_
title: A crawler on agar
body: crawler
environment: {name: agar_salt, stimulus: {kind: none}, task: {reward: forward}}
controller: {name: crawler_cord}
clock: {physics_s: 0.005, control_s: 0.01, record_s: 0.05, brain_substeps: 1}
duration_s: 20.0
start: {distance_mm: 0, heading: 0}
""",
)

# %%
# !neuromech run --config-dir my/configs experiment=crawler video=false output=crawl

# %%
Path("crawl/report.png")

# %% [markdown]
# It crawls: the wave runs from head to tail because every neuron is woken by the one before it.
#
# ## Everything else works as well
#
# Perturbations, comparisons, Gymnasium environments, videos and training know the new animal. Without the
# left neurons it does not get on:

# %%
# !neuromech run --config-dir my/configs experiment=crawler video=false 'perturb.ablate=[L]' output=one_side

# %% [markdown]
# A mistake is one line with the nearest name that would be right:

# %%
# !!neuromech run --config-dir my/configs experiment=crawler 'perturb.ablate=[L9]'

# %% [markdown]
# [Write a body](../how-to/write_a_body.md), [an environment](../how-to/write_an_environment.md) and [a
# controller](../how-to/write_a_controller.md) list all keys. [Use your own content
# folder](../how-to/content.md) says where such a folder may lie.
