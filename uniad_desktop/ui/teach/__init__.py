"""The Teach page: products, parts, training, limits."""
