# %% [markdown]
# # Silence a neuron
#
# You take neurons out, silence them for a while, or make them fire, and compare with the intact animal.
# Nothing on disk is changed: a perturbation is a keyword of the run.
#
# ## Without the salt neurons
#
# ASEL and ASER are the two neurons with which *C. elegans* tastes salt.

# %%
import matplotlib.pyplot as plt

import neuromech as nm

intact = nm.run("worm_chemotaxis", duration_s=150, seed=0, video=False)
blind = nm.run("worm_chemotaxis", duration_s=150, seed=0, video=False, ablate=["ASEL", "ASER"])

# %%
figure, axis = plt.subplots(figsize=(5, 5))
for name, result in (("intact", intact), ("ASEL and ASER ablated", blind)):
    nose = result.data["landmarks"].sel(landmark="spine_00")
    axis.plot(nose.sel(xyz="x"), nose.sel(xyz="y"), label=name)
axis.plot(0, 0, "k+", ms=12)
axis.set(xlabel="mm", ylabel="mm", aspect="equal")
axis.legend()

# %% [markdown]
# The cross is the peak of the salt. Is that because the worm can no longer crawl? No: its speed is hardly
# changed.

# %%
print("intact ", intact.metrics.loc["speed_mm_s", "mean"], "mm/s")
print("ablated", blind.metrics.loc["speed_mm_s", "mean"], "mm/s")

# %% [markdown]
# One seed is an anecdote. [The worm's controls](../validation/worm.md) have twenty, and every other
# perturbation beside it.
#
# ## Silence for three seconds
#
# AVB drives forward crawling. A silenced neuron releases nothing for a while, and then works as before:

# %%
paused = nm.run(
    "worm_crawl", duration_s=20, video=False, silence=[dict(neurons=["AVB"], start_s=8, stop_s=12)]
)
paused.data["activity"].sel(neuron=["AVBL", "AVAL", "DB3"]).plot.line(x="time", figsize=(8, 3))

# %% [markdown]
# ## Make it fire
#
# AVA makes the worm back up. Give it 30 pA for two seconds:

# %%
backing = nm.run(
    "worm_crawl",
    duration_s=20,
    video=False,
    stimulate=[dict(neurons=["AVA"], start_s=8, stop_s=10, current_pA=30)],
)
backing.report()

# %% [markdown]
# The band below the speed turns red while the worm goes backwards.
#
# ## Names
#
# A name may be a neuron (`AVAL`), a class (`AVA`, both sides), a type (`sensory`) or a group of the
# controller. A name that does not exist is answered with the nearest ones:

# %%
try:
    nm.run("worm_crawl", ablate=["AVX"])
except nm.InputError as error:
    print(error)

# %% [markdown]
# **Next:** [Perturb a brain](../how-to/perturb.md) lists all perturbations, [Your own JAX
# brain](own_brain.md) replaces the whole brain.
