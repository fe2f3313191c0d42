"""Shape aliases, so that every module spells an array the same way.

Units are mm, mg, s (force nN); neural quantities are mV, pA, nS. The checks behind these aliases run
in the tests only (jaxtyping with beartype); at run time they are documentation.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Bool, Float, Float32, Int

Scalar = Float[np.ndarray, ""] | float | int
"""One number: Python's or a zero-dimensional array."""
Times = Float[np.ndarray, "time"]
"""Sample times, s."""
Points = Float[np.ndarray, "point xyz"]
"""Positions of one instant, mm."""
Path2D = Float[np.ndarray, "time 2"]
"""A path seen from above, mm."""
Landmarks = Float[np.ndarray, "time landmark 3"]
"""Named points of the body through a recording, mm."""
Midline = Float[np.ndarray, "time point 2"]
"""The body's midline seen from above, from nose to tail, mm."""
Curvatures = Float[np.ndarray, "time position"]
"""Curvature along the body, 1/mm, left (counter-clockwise) positive."""
Excitation = Float32[np.ndarray, "muscle"]
"""One excitation per muscle in body.yaml's order, 0 to 1."""
Activity = Float[np.ndarray, "neuron"]
"""One value per neuron (mV for graded models, Hz for rate and spiking ones)."""
Signal = Float[np.ndarray, "time"]
"""One quantity through time, in the unit that the function names."""
Flags = Bool[np.ndarray, "time"]
"""Whether each sample belongs to something."""
Indices = Int[np.ndarray, "item"]
"""Positions in another array."""
Weights = Float[Array, "post pre"]
"""A wiring matrix on the accelerator, weight of pre onto post."""
Potentials = Float[Array, "neuron"]
"""Membrane potentials on the accelerator, mV."""
Image = np.ndarray
"""A picture, (height, width, 3) uint8."""
Observation = dict[str, np.ndarray]
"""What the animal senses: one float32 array (channel,) for each sense, by name."""
