"""Sources of the simulated camera's GenTL producer: C files and the table of its features."""
