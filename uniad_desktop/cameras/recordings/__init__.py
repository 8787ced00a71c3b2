"""Raw frames kept as the camera sent them, and played again."""
