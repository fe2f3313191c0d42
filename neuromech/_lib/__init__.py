"""What every part of the house leans on: errors, shape aliases, texts on disk, progress, interrupts."""
