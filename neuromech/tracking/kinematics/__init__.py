"""Kinematics of posture, legs, tails and paths, which trackers and comparisons measure."""
