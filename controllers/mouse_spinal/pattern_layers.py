"""The pattern layers of the mouse's spinal cord: their names, their phases, and what turns each on."""

SIX = ("lift", "swing", "reach", "touch", "stance", "push")
"""Phases of a stride; lift and touch are transients at the onsets of swing and stance."""
LAYERS = {"": ("brisk", SIX), "_slow": ("slow", (*SIX, "late")), "_fast": ("fast", SIX)}
"""By what is appended to the names of a layer's populations: the population of the brain stem that turns the
layer on, and its phases. There is one of brisk strides, one of slow ones, whose stance lasts and has a last
phase of its own, and one of fast ones."""
