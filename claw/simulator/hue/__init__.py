"""A Hue bridge and its lamps."""
