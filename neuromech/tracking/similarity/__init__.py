"""How alike a simulated and a recorded animal are: features, dynamics, statistics and one score."""
