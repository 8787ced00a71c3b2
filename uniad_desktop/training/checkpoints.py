"""Checkpoints that survive a kill or a power cut: the newest, and the one before it."""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from uniad_desktop.files import write_durably
from uniad_desktop.training.errors import TrainingError

_log = logging.getLogger(__name__)

_MAGIC = b"uniad-desktop checkpoint 1\n"
_DIGEST = 32


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Writes a checkpoint; the former one stays as ``.previous``.

    Args:
        path: the file.
        state: tensors, numbers, texts, dicts and lists of them.

    Raises:
        TrainingError: the disk is full or refuses; the former checkpoint stays.
    """
    body = io.BytesIO()
    torch.save(dict(state), body)
    data = body.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Until the new one is whole, the former one is found under its other name.
        if path.exists():
            path.replace(_previous(path))
        write_durably(path, _MAGIC + hashlib.sha256(data).digest() + data)
    except OSError as error:
        raise TrainingError(
            f"The checkpoint {path} cannot be written: {error.strerror or error}. Free space or "
            "check the rights and start the same command again; the training goes on from the "
            "last checkpoint."
        ) from error


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The newest whole checkpoint, or None where there is none.

    A damaged one is named in the log and the one before it is taken.
    """
    for one in (path, _previous(path)):
        try:
            return _read(one)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
            _log.warning("The checkpoint %s cannot be used (%s).", one, error)
    return None


def set_aside(path: Path) -> None:
    """Keeps a checkpoint of another training as ``.other``, out of the way of a new one."""
    newest = next((one for one in (path, _previous(path)) if one.exists()), None)
    if newest is not None:
        newest.replace(path.with_name(path.name + ".other"))
    _previous(path).unlink(missing_ok=True)


def remove_checkpoint(path: Path) -> None:
    """Removes a checkpoint that nothing will go on from any more, and the one before it."""
    path.unlink(missing_ok=True)
    _previous(path).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    start = len(_MAGIC) + _DIGEST
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it is no checkpoint of this application")
    body = memoryview(data)[start:]
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise ValueError("it is damaged")
    state = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    if not isinstance(state, dict):
        raise ValueError("it holds something else")
    return state


def _previous(path: Path) -> Path:
    return path.with_name(path.name + ".previous")
