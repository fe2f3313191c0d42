"""Experiments as environments for reinforcement learning, for Gymnasium and for dm_env."""
