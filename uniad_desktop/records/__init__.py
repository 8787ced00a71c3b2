"""Records: what was inspected, kept on disk."""
