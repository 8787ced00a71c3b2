"""What ends a training before its time."""

from __future__ import annotations


class TrainingError(Exception):
    """Training cannot go on; the message is a sentence for the user."""


class TrainingStopped(Exception):  # noqa: N818 - asked for, not an error
    """The user stopped the training; what was done so far is kept on disk."""
