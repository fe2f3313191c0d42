# %% [markdown]
# # Imitate a recording
#
# You let a worm's muscles follow a worm that was filmed. The policy that moves them, `worm_imitator`, was
# trained on half a minute of another worm; yours it has never met.
#
# So that this page can run, it first writes a file as DeepLabCut would: a worm that crawls, and makes a turn
# of its body in the middle. **With a file of your own, skip this cell.**

# %%
import numpy as np

time_s, place = np.arange(0, 20, 1 / 15)[:, None], np.linspace(0, 1, 13)
bend = 0.8 + 0.5 * np.sin(0.2 * np.pi * time_s)
angle = bend * np.cos(2 * np.pi * (place / 0.7 - 0.35 * time_s)) + 1.2 * place * np.sin(0.1 * np.pi * time_s)
x, y = (np.cumsum(each, axis=1) / 12 for each in (-np.cos(angle), np.sin(angle)))
parts = [f"p{k}" for k in range(13)]
with open("film.csv", "w") as file:
    for head, values in (("scorer", ["DLC"] * 39), ("bodyparts", np.repeat(parts, 3)),
                         ("coords", ["x", "y", "likelihood"] * 13)):  # fmt: skip
        print(head, *values, sep=",", file=file)
    for k in range(len(time_s)):
        points = np.stack([100 * x[k] + 200, 200 - 100 * y[k], np.full(13, 0.99)], axis=1)
        print(k, *points.ravel().round(3), sep=",", file=file)

# %% [markdown]
# ## From the film to joints
#
# `retarget` finds the joint angles with which the body is in the posture of the filmed animal:

# %%
import neuromech as nm

options = dict(fps=15, mm_per_px=0.01, spine=parts)
movement = nm.retarget("film.csv", "worm", **options)
movement.save("film.npz")
print(movement)

# %% [markdown]
# ## Follow it
#
# The policy is told the angles, now and up to 0.4 s ahead, and excites the muscles. What the body then does
# is the physics':

# %%
result = nm.run(
    "worm_imitation",
    controller="worm_imitator",
    environment={"reference": {"file": "film.npz"}},
    duration_s=19,
)
comparison = nm.compare(result, nm.read("film.csv", **options))
comparison.score, comparison.floors, comparison.ceiling

# %% [markdown]
# The score stands between that of random muscles and that of your recording's two halves. Body angles over
# time, told and made:

# %%
from matplotlib import pyplot as plt

data = result.data
told = data["sense_reference"].sel(reference_channel="bend_12+0s")
made = data["sense_bend"].sel(bend_channel="bend_12") / 25  # curvature to the angle of a joint
plt.figure(figsize=(7, 2.5))
plt.plot(data["time"], told, label="told")
plt.plot(data["time"], made, label="made")
plt.xlabel("time, s")
plt.ylabel("joint in the middle, rad")
_ = plt.legend()

# %% [markdown]
# ## Train your own
#
# With the extra `rl` a policy is trained on a movement within minutes of processor time:
#
# ```python
# told = {"environment.reference.file": "film.npz"}
# trained = nm.train("ppo_imitation", experiment="worm_imitation", **told)
# trained.load(**told).run()
# ```
#
# **Next:** [Imitate a recording](../how-to/imitate.md) says what is rewarded and what else can be imitated;
# [Policies that imitate](../validation/imitation.md) how well it goes where nothing was trained on.
