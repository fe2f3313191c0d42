"""Bodies and their surroundings: MuJoCo models, the medium around them, and the step of the physics."""
