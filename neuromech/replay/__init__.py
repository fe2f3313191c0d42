"""Bodies that are moved as a recorded animal moved, to check them and their water."""
