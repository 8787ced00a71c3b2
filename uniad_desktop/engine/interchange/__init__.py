"""Models for other programs: one graph from a frame of any size to map and score."""
