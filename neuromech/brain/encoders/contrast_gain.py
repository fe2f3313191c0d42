"""Contrast gain control before an optic lobe: each column's contrast, divided by that of its surround.

Drews et al. 2020 (doi:10.1016/j.cub.2019.10.035; the summary and the authors' published program were read)
found that cells of the fly's motion pathway are compressed by the contrast around them: fast, pooled over
space, by feedback. Their model, which this is, is tanh(x / (s + pooled |x|)), without a delay. The luminance
against which contrast is measured is pooled over the same surround, as the gain for luminance is that Gür et
al. 2024 (doi:10.1038/s41467-024-52724-5; abstract read) found in Drosophila. In the animal both are the work
of lamina and medulla; here they are done once, on the light, before the cells of the table.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.senses.eye import lattice
from neuromech.specs.encoder_keys import ContrastGainSpec

GREY = 0.5
"""What a column without contrast passes on: the grey on which a lobe learns."""
DARK = 1e-3
"""A background below this counts as this: in the dark nothing has a contrast."""

Light = Float[Array, "column batch"]


class ContrastGain(eqx.Module):
    """From the luminance of every column to GREY (1 + tanh(c / (semisaturation + pooled |c|))).

    c = (luminance - background) / background is a column's contrast.

    Parameters
    ----------
    pool : (column, column) weights of each column's surround, a Gaussian; its rows add up to 1.
    background_s, semisaturation : as in `ContrastGainSpec`.
    """

    pool: Float[Array, "column column"]
    background_s: Float[Array, ""]
    semisaturation: Float[Array, ""]

    def init(self, light: Light) -> Light:
        """Return the background of a lobe that has long seen the same light."""
        return self.pool @ light

    def step(self, background: Light, light: Light, step_s: Any) -> tuple[Light, Light]:
        """Return the background after `step_s` of constant light, and what the lobe gets, 0 to 1."""
        background += -jnp.expm1(-step_s / self.background_s) * (self.pool @ light - background)
        contrast = (light - background) / jnp.maximum(background, DARK)
        around = self.pool @ jnp.abs(contrast)
        return background, GREY * (1.0 + jnp.tanh(contrast / (self.semisaturation + around)))

    def watch(self, film: Float[Array, "time column batch"], step_s: float) -> Array:
        """Return what the lobe gets of a film, (time, column, batch), adapted to its first picture."""

        def advance(background: Light, light: Light) -> tuple[Light, Light]:
            return self.step(background, light, step_s)

        return jax.lax.scan(advance, self.init(film[0]), film)[1]


def build(spec: ContrastGainSpec, columns: np.ndarray) -> ContrastGain:
    """Return the gain control of an eye of `columns` (column, 2)."""
    places = lattice.places(columns)
    far = np.linalg.norm(places[:, None] - places[None], axis=2)
    weight = np.exp2(-((2 * far / spec.surround_columns) ** 2))
    return ContrastGain(
        pool=jnp.asarray(weight / weight.sum(axis=1, keepdims=True), jnp.float32),
        background_s=jnp.float32(spec.background_s),
        semisaturation=jnp.float32(spec.semisaturation),
    )
