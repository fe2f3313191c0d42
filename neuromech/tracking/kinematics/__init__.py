"""Posture, legs, tails and paths: what trackers and comparisons measure on."""
