"""The `neuromech` command, one file for each of its commands."""
