"""Procedurally drawn parts: what the simulated camera sees, good and defective."""

from uniad_desktop.simulator.parts.render import (
    DEFECT_KINDS,
    PRODUCTS,
    Part,
    render_part,
    render_random_part,
)

__all__ = ["DEFECT_KINDS", "PRODUCTS", "Part", "render_part", "render_random_part"]
