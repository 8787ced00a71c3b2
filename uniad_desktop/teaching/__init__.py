"""Teaching: products, what was collected of them, fine-tuning, limits, checks, versions."""
