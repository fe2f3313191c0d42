"""An experiment as an environment for reinforcement learning: Gymnasium and dm_env."""
