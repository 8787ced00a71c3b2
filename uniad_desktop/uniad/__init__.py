"""UniAD as in the paper (arXiv 2206.03687), in pure torch."""
