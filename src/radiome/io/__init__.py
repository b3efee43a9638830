"""From bytes to Volume and Mask."""
