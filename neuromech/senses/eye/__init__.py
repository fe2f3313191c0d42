"""Eyes: the directions of their rays, and the luminance along them."""
