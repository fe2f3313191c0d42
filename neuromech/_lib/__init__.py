"""What every part of the program uses: errors, shape aliases, texts on disk, progress, interrupts."""
