"""What a body moves through: air, a resistive gel, or water that is pushed away."""
