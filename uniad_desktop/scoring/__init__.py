"""Judging many image files again with any model: parallel reading, one model, results on disk."""
