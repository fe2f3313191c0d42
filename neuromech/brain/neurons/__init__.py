"""Neuron models: pure `init` and `step` functions over JAX pytrees."""
