"""Eyes: in which directions their rays look, and what those see."""
