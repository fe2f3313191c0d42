"""Evaluations: what a controller does in many experiments, beside the animal and beside controls."""
