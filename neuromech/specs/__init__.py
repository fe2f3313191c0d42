"""What a run is made of: where content lies, how a configuration is composed, and what it means."""
