# %% [markdown]
# # First episode
#
# You run a worm on a plate with a hill of salt, and look at what it did. The worm has the 302 neurons of *C.
# elegans* and its wiring; nothing in it says "climb".

# %%
import neuromech as nm

result = nm.run("worm_chemotaxis", duration_s=60, seed=0)
result.metrics

# %% [markdown]
# The table has one row per episode. The *chemotaxis index* is 1 - mean(distance to the peak) / distance at
# the start: 1 would be a jump to the peak, 0 is staying at the start's distance.
# [Metrics](../reference/metrics.md) defines all of them.
#
# The report shows the episode on one page: the path on the gradient, speed, curvature, and every neuron.

# %%
result.report()

# %% [markdown]
# [Read a report](read_a_report.md) goes through its panels. The film shows the worm in its world over the
# raster of its neurons:

# %%
result.video()

# %% [markdown]
# The same recording is also a page that one can turn, stop and look into: press Play, drag the plate, choose
# a neuron. `result.view().save(FILE)` writes it for a paper or a lecture.

# %%
result.view()

# %% [markdown]
# Everything that was recorded is an `xarray.Dataset` with named axes and units.

# %%
result.data

# %% [markdown]
# So a question to the data is one line. What did the two salt neurons and the command neuron for backing up
# do?

# %%
result.data["activity"].sel(neuron=["ASEL", "ASER", "AVAL"]).plot.line(x="time", figsize=(8, 3))

# %% [markdown]
# The same run with another seed starts elsewhere and has other noise. Several seeds are one call, and give
# one row each:

# %%
nm.run("worm_chemotaxis", duration_s=60, seeds=range(3), video=False).metrics

# %% [markdown]
# The result was also left on disk. `nm.Result.load(FOLDER)` opens it again, tomorrow or on another machine;
# [What a run leaves](../reference/run_folder.md) describes its files.
#
# **Next:** [Silence a neuron](silence_a_neuron.md).
