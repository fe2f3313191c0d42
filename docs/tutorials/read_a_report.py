# %% [markdown]
# # Read a report
#
# Every run leaves a picture, `report.png`: one episode on one page. Here is that of two minutes of a worm on
# a salt gradient.

# %%
# !neuromech run experiment=worm_chemotaxis duration_s=120 video=false output=climb

# %%
from pathlib import Path

Path("climb/report.png")

# %% [markdown]
# ## Panel by panel
#
# - **Path**, top left: where the nose went, dark at the start and light at the end, on the concentration of
#   salt. Black bars are the body at the start and at the end.
# - **Key numbers**, below: the metrics of this episode, beside the published range of the real animal where
#   there is one. A number outside its range is not an error, but a difference to think about.
# - **Distance to the peak and what was sensed**, top right: the salt at the nose, and how far the peak was.
# - **Speed along the body axis**: positive forwards. The coloured band says which state the tracker saw:
#   forward, reversal, turn, pause.
# - **Curvature along the body**: time from left to right, nose on top. Waves that run to the tail are
#   stripes that slant down to the right; their number from nose to tail is the number of waves on the body.
# - **All neurons**: each from its rest to its peak, in the groups of the controller, time as above.
#
# A panel whose data were not recorded is left out. For larvae there are the angle of the tail and the bouts
# over the published densities, for animals on legs the feet on the ground.
#
# ## The other files

# %%
# !ls climb

# %% [markdown]
# `summary.json` has every metric with its mean and standard deviation over the episodes, and says what made
# them.

# %%
import json

summary = json.loads(Path("climb/summary.json").read_text())
print("content", summary["content_hash"], "seed", summary["seed"], "ended", summary["ended"])
summary["metrics"]["chemotaxis_index"]

# %% [markdown]
# `episode_000.nc` holds everything that was recorded, with named axes and units. Here are the salt at the
# nose, and the two neurons that taste it: ASEL answers when it rises, ASER when it falls.

# %%
import matplotlib.pyplot as plt
import xarray as xr

episode = xr.open_dataset("climb/episode_000.nc", engine="h5netcdf").sel(time=slice(20, 60))
figure, axes = plt.subplots(2, 1, figsize=(8, 4), sharex=True, layout="constrained")
episode["sense_salt"].plot(ax=axes[0])
episode["activity"].sel(neuron=["ASEL", "ASER"]).plot.line(ax=axes[1], x="time")
axes[0].set_title("salt at the nose")
axes[1].set_title("the neurons that taste it")

# %% [markdown]
# `config.yaml` holds everything needed to run it again: `neuromech run --config-dir climb`. [What a run
# leaves](../reference/run_folder.md) describes every file.
