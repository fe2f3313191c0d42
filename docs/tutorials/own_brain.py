# %% [markdown]
# # Your own JAX brain
#
# You put two functions of your own in the place of the worm's brain. The result is recorded, tracked, scored
# and filmed like any other, and the brain that is replaced is neither built nor compiled.
#
# A brain is `init(key, body) -> state` and `step(state, observation) -> (state, excitation, activity)`.
# Both are pure JAX functions; a state is whatever JAX calls a pytree. The body tells the names of its
# muscles, senses and landmarks as data.

# %%
import neuromech as nm

exp = nm.Experiment.load("worm_crawl", duration_s=20)
exp.body.muscle_table.head()

# %%
exp.body.sense_table

# %% [markdown]
# ## The brain
#
# This one has one oscillator for each place along the body: a wave of bending that runs from head to tail,
# whose left and right, or here dorsal and ventral, alternate.

# %%
import jax.numpy as jnp


def init(key, body):
    """Return the phase of the wave; the key would draw noise."""
    return jnp.zeros(())


muscles = exp.body.muscle_table
dorsal = jnp.where(muscles["side"].str.startswith("dorsal").to_numpy(), 1.0, -1.0)
x_mm = muscles["x_mm"].to_numpy()
place = (x_mm.max() - x_mm) / (x_mm.max() - x_mm.min())  # nose 0, tail 1


def step(state, observation):
    """Advance the wave by one control step of 10 ms: 0.5 Hz, 1.6 waves on the body."""
    phase = state + 2 * jnp.pi * 0.5 * 0.01
    wave = jnp.sin(phase - 2 * jnp.pi * 1.6 * place)
    return phase, jnp.clip(0.35 * dorsal * wave, 0, 1), wave[:24]


exp.controller = nm.functions(init, step)
result = exp.run()
result.metrics

# %%
result.report()

# %% [markdown]
# The speed comes from the body and the agar: nothing in the brain knows about either.
#
# ## Close the loop
#
# The observation is a dict of arrays, one per sense. Here the wave slows down where salt is high, so that
# the worm stays there:

# %%
exp = nm.Experiment.load("worm_chemotaxis", duration_s=60, **{"start.distance_mm": 1.0})


def slower(state, observation):
    """Advance the wave by up to one step, less where it is salty."""
    phase = state + 2 * jnp.pi * 0.5 * 0.01 / (1 + observation["salt"][0] / 10)
    wave = jnp.sin(phase - 2 * jnp.pi * 1.6 * place)
    return phase, jnp.clip(0.35 * dorsal * wave, 0, 1), wave[:24]


exp.controller = nm.functions(init, slower)
exp.run(video=False).metrics

# %% [markdown]
# Because `init` and `step` are pure, they can be run side by side with `jax.vmap` and differentiated with
# `jax.grad`.
#
# An object with `reset(seed)` and `act(observation)` works, too: see [Write a
# controller](../how-to/write_a_controller.md).
