"""Training: fitting the class-shared parameters of a brain."""
