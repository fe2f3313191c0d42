"""Labelled arrays on disk: one episode, one netCDF file.

A recording holds, along an unlimited time axis, the landmarks of the body (mm), its joint positions, muscle
excitations (0 to 1), neural activity (mV or Hz), what each sense received and the stimulus. Times are
float64 seconds; everything else is float32.
"""

from neuromech.recording.layout import FORMAT, Layout
from neuromech.recording.reader import load
from neuromech.recording.recorder import KILLED, Recorder

__all__ = ["FORMAT", "KILLED", "Layout", "Recorder", "load"]
