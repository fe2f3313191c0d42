# %% [markdown]
# # Your own DeepLabCut file
#
# You read keypoints from DeepLabCut, measure them with the same tracker that measures simulated animals, and
# hold a simulation against them.
#
# So that this page can run, it first writes a file as DeepLabCut would: a worm that crawls at exactly 0.5
# Hz, 1 mm long, filmed at 30 frames per second with 0.01 mm per pixel. **With a file of your own, skip this
# cell.**

# %%
import numpy as np

time_s, place = np.arange(0, 30, 1 / 30)[:, None], np.linspace(0, 1, 9)
angle = 0.9 * np.cos(2 * np.pi * (place / 0.65 - 0.5 * time_s))  # direction of the body along its length
x_mm = 0.2 * time_s - np.cumsum(np.cos(angle), axis=1) / 8
y_mm = np.cumsum(np.sin(angle), axis=1) / 8
parts = ["nose", "p1", "p2", "p3", "middle", "p5", "p6", "p7", "tail"]
with open("worm.csv", "w") as file:
    for head, values in (("scorer", ["DLC"] * 27), ("bodyparts", np.repeat(parts, 3)),
                         ("coords", ["x", "y", "likelihood"] * 9)):  # fmt: skip
        print(head, *values, sep=",", file=file)
    for k in range(len(time_s)):
        points = np.stack([100 * x_mm[k] + 200, 200 - 100 * y_mm[k], np.full(9, 0.99)], axis=1)
        print(k, *points.ravel().round(3), sep=",", file=file)

# %% [markdown]
# ## Read it
#
# What the file does not say, you say: how often it was filmed, how large a pixel is, and which keypoints lie
# on the midline from nose to tail. Nothing is guessed.

# %%
import neuromech as nm

rec = nm.read("worm.csv", fps=30, mm_per_px=0.01, spine=parts, likelihood=0.6)
rec

# %% [markdown]
# Forget one, and you are asked for it by name:

# %%
try:
    nm.read("worm.csv", mm_per_px=0.01)
except nm.InputError as error:
    print(error)

# %% [markdown]
# ## Measure it

# %%
nm.track(rec, "undulation")

# %% [markdown]
# The tracker finds the 0.5 Hz that we put in. A metric that a recording does not determine (here the
# chemotaxis index: there is no salt) is `None`, never invented.
#
# ## Hold a simulation against it

# %%
result = nm.run("worm_crawl", duration_s=30, video=False)
nm.compare(result, rec)

# %% [markdown]
# The score stands between its *floor* (the same run with shuffled wiring, or with random muscles) and its
# *ceiling* (the recording against itself, half by half). [Compare with a recording](../how-to/compare.md)
# says how to read it.
#
# SLEAP, Tierpsy, WCON, NWB and others are read the same way: [Read and write other people's
# files](../how-to/files.md).
