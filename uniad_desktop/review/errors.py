"""What goes wrong in review."""

from __future__ import annotations


class ReviewError(Exception):
    """Something cannot be reviewed; the message is a sentence for the user."""
