"""Numbers of a controller, or of a network, trained by a policy gradient on the reward of an experiment.

What is drawn at random are the numbers and not the actions (parameter-exploring policy gradients, Sehnke et
al. 2010, doi:10.1016/j.neunet.2009.12.004): a candidate keeps its own through an episode, so that the noise
needs no way back through body and world. Candidates come in pairs on either side of the centre, and count by
the rank of their reward, as in Salimans et al. 2017 (arXiv:1703.03864). Adam steps the centre.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.controllers.policy_plan import OF_CONTROLLERS
from neuromech.training.evolution import learn
from neuromech.training.learners import Learner
from neuromech.training.train_spec import PolicyGradientSpec


class PolicyGradient:
    """A centre that climbs the expected reward of a Gaussian about it, whose width stays.

    Parameters
    ----------
    start : the centre, (number,).
    given : population, width and rate.
    seed : not used: `ask` draws from NumPy's global generator, as every `Strategy`.

    Raises
    ------
    InputError
        The population is odd.
    """

    def __init__(self, start: np.ndarray, given: PolicyGradientSpec, seed: int) -> None:
        if given.population % 2:
            raise InputError(f"algorithm.population must be even, for pairs, not {given.population}")
        self.popsize, self.sigma = given.population, float(given.sigma)
        self._rule = optax.adam(given.rate)
        self._mean = jnp.asarray(start, jnp.float32)
        self._state = self._rule.init(self._mean)

    @property
    def mean(self) -> np.ndarray:
        """The centre, (number,)."""
        return np.asarray(self._mean, float)

    def ask(self) -> list[np.ndarray]:
        """Return pairs of candidates on either side of the centre, (number,) each."""
        centre = self.mean
        away = self.sigma * np.random.standard_normal((self.popsize // 2, len(centre)))
        return [centre + side * each for each in away for side in (1.0, -1.0)]

    def tell(self, points: list[np.ndarray], costs: list[float]) -> None:
        """Step the centre along the gradient that the costs of these candidates say."""
        away = jnp.asarray(np.array(points) - self.mean, jnp.float32)
        downhill = -_uphill(away, jnp.asarray(costs, jnp.float32), jnp.float32(self.sigma))
        change, self._state = self._rule.update(downhill, self._state)
        moved = optax.apply_updates(self._mean, change)
        assert isinstance(moved, jax.Array)
        self._mean = moved


@jax.jit
def _uphill(
    away: Float[Array, "candidate number"], costs: Float[Array, " candidate"], sigma: Float[Array, ""]
) -> Float[Array, " number"]:
    """Return the gradient of the expected utility, ranks from -1/2 (dearest) to 1/2, with the centre."""
    ranks = jnp.argsort(jnp.argsort(-costs)) / (len(costs) - 1) - 0.5
    return ranks @ away / (len(costs) * sigma**2)


POLICY_GRADIENT = Learner(
    partial(learn, spec=PolicyGradientSpec, make=PolicyGradient),
    (*OF_CONTROLLERS, "muscles"),
    "episodes tried",
)
"""A policy gradient trains numbers of a controller, or of a network that moves the muscles."""
