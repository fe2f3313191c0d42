"""Bodies in places: MuJoCo models, what surrounds them, and the step of the physics."""
