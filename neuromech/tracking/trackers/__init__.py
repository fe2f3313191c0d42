"""Trackers, one for each way of moving: its states, its metrics and their units."""
