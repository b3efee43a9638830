"""From Volume and Mask to a prepared Region."""
