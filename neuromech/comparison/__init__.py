"""A simulated animal beside a recorded one: the score with its controls, the page, and the film."""
