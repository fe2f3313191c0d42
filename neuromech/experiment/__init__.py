"""Experiments: what a run is made of, how its episodes are played, and what it leaves behind."""
