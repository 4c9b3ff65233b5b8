"""What kinds of things there are, in plain words and human units."""
