"""Statistical process control: is the process still what it was? Pure numbers; no Qt, no files."""
