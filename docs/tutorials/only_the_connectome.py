# %% [markdown]
# # Only the connectome
#
# You open the wiring of an animal as tables and matrices, without a body, and without importing the physics.

# %%
import neuromech as nm

worm = nm.Connectome.load("worm_connectome")
neurons, connections = worm.to_pandas()
connections.sort_values("weight", ascending=False).head()

# %% [markdown]
# Each connection has a kind, a weight (counted contacts), a sign, and the source of the sign.

# %%
neurons["type"].value_counts()

# %% [markdown]
# ## As a matrix
#
# `adjacency` gives one kind as a labelled array, presynaptic neuron first.

# %%
chemical = worm.adjacency("chemical")
chemical.sel(pre="ASEL").to_series().nlargest(8)

# %%
import matplotlib.pyplot as plt
import numpy as np

plt.figure(figsize=(6, 6))
plt.imshow(np.log1p(abs(chemical)), cmap="Greys")
plt.xlabel("to")
plt.ylabel("from")

# %% [markdown]
# ## Change it
#
# `ablate` and `shuffle` return a new wiring. A shuffle keeps every neuron's numbers of partners (Maslov &
# Sneppen 2002):

# %%
shuffled = worm.shuffle(seed=0)
same = (shuffled.adjacency("chemical") != 0).sum("post") == (chemical != 0).sum("post")
print("neurons with as many partners as before:", int(same.sum()), "of", same.size)

# %%
without = worm.ablate(["AVA"])  # both neurons of the class
for wiring in (worm, without):
    print(len(wiring.neurons), "neurons,", int(wiring.adjacency("chemical").sum()), "contacts")

# %% [markdown]
# ## The other animals
#
# Every controller with tables opens the same way.

# %%
for name in ("worm_connectome", "fish_optomotor", "mouse_spinal", "fly_walk"):
    neurons, connections = nm.Connectome.load(name).to_pandas()
    print(f"{name:16} {len(neurons):4} neurons, {len(connections):5} connections")

# %% [markdown]
# What the weights and signs mean differs between animals: [Animals](../animals/index.md) says for each what
# was counted, what is from the literature, and what is ours.
