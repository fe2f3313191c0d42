# %% [markdown]
# # Train a controller
#
# You let evolution search eight gains of the worm's brain so that it climbs salt. Wiring and signs stay as
# they are; the start is a worm that crawls and hardly heeds its senses. This takes a small budget, so that
# the page builds quickly; [Trained controllers](../validation/policies.md) has real ones.

# %%
import neuromech as nm

trained = nm.train(
    "evolution", experiment="worm_chemotaxis", steps=3, seed=0, evaluate=False, output="climber"
)

# %% [markdown]
# Every generation is logged, with each term of the reward on its own:

# %%
trained.curve.tail(3)

# %% [markdown]
# ## Use it
#
# What training leaves is a controller like any other: a folder with a YAML file and plain numbers. It runs
# in every experiment of its body, takes perturbations, and can be held against a recorded animal.

# %%
trained.load(duration_s=60).run().metrics

# %% [markdown]
# ## With networks
#
# With the extra `rl` (Stable-Baselines3 and torch) networks are trained the same way: on muscles, or on the
# command neurons of the animal's own brain.
#
# ```python
# nm.train("ppo", experiment="fish_rheotaxis")                         # senses to muscles
# nm.train("ppo", experiment="worm_chemotaxis", learner="descending")  # currents into command neurons
# ```
#
# Any other library meets the same animals as Gymnasium environments:

# %%
import gymnasium

env = gymnasium.make("neuromech/WormChemotaxis-v0")
observation, info = env.reset(seed=0)
print({name: values.shape for name, values in observation.items()}, env.action_space)

# %% [markdown]
# **Next:** [Train a controller](../how-to/train.md) lists the settings; [Use a Gymnasium
# environment](../how-to/gymnasium.md) the ids and rewards.
