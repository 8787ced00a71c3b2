"""Reports on paper and as PDF, and exports from the window."""
