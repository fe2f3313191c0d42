"""Evaluations: what a controller does in many experiments, beside what the animal does and beside controls."""
