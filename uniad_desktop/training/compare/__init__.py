"""Variants of a model trained side by side on one data set, and what their comparison shows."""
