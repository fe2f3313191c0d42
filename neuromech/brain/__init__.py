"""Wiring and neurons: connectomes, their surgery, parameters shared by class, and isolated circuits."""
