"""Media in which a body moves: air, a resistive gel, and water with inertia."""
