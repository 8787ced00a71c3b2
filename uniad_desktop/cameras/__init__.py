"""Cameras: everything that delivers frames."""
