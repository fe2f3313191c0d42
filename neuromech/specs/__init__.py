"""Specifications: where content lies, how a run's configuration is composed, and what it means."""
