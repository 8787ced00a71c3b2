"""A package measured on images of known truth: figures, tables, pictures, a page of them."""
