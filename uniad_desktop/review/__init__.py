"""Looking at what was inspected: sources, judging again, other limits, back to teaching. No Qt."""
