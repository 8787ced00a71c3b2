"""Files of backbone weights: read without running code, written all or nothing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

_WRAPPERS = ("state_dict", "model")
_PREFIXES = ("module.", "pyramid.", "backbone.")


class WeightsError(Exception):
    """Backbone weights cannot be had, read or written; the message is a sentence for the user."""


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Reads a safetensors file, or a state dict saved by timm or torch.

    Args:
        path: the file. What it is, is seen from its bytes, not from its name.

    Returns:
        Tensors by name, without wrappers (``state_dict``, ``model``) and prefixes (``module.``,
        ``backbone.``), and the metadata of a safetensors file, else nothing.

    Raises:
        WeightsError: there is no such file, or it is something else, damaged, or would run code.
    """
    if not path.is_file():
        raise WeightsError(f"There is no weights file {path}; check the path.")
    try:
        if _is_safetensors(path):
            with safe_open(path, framework="pt") as file:
                metadata = dict(file.metadata() or {})
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return _plain(path, tensors), metadata
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read: {error.strerror or error}; check the access rights."
        ) from error
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is no plain state dict: it is damaged, or holds objects that would run code "
            "when read. Save it again with torch.save(model.state_dict(), FILE)."
        ) from error
    except (
        SafetensorError,
        RuntimeError,
        ValueError,
        EOFError,
        KeyError,
        zipfile.BadZipFile,
        UnicodeDecodeError,
        AttributeError,
        TypeError,
        IndexError,
    ) as error:
        raise WeightsError(
            f"{path} cannot be read as weights ({type(error).__name__}): it is damaged or cut "
            "short, or neither a safetensors file nor a state dict saved by torch. Copy it again."
        ) from error
    return _plain(path, loaded), {}


def write_state(path: Path, state: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Writes a safetensors file under a temporary name, flushes it and renames it.

    Raises:
        WeightsError: the disk refuses; a former file is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Cloned: safetensors refuses tensors that share memory, as those of torch files may.
        tensors = {
            name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()
        }
        safetensors.torch.save_file(tensors, temporary, dict(metadata))
        temporary.chmod(0o644)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush_folder(path.parent)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise WeightsError(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}; free space, "
            "check the rights or choose another folder."
        ) from error


def state_hash(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over names, types, shapes and bytes of all tensors, hex."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _is_safetensors(path: Path) -> bool:
    """Whether a file begins as one: the length of a JSON header, then the header itself."""
    with path.open("rb") as file:
        head = file.read(9)
    return len(head) == 9 and head[8:] == b"{"


def _plain(path: Path, loaded: object) -> dict[str, Tensor]:
    for _ in _WRAPPERS:
        if isinstance(loaded, Mapping):
            inner = next((loaded[key] for key in _WRAPPERS if key in loaded), None)
            loaded = inner if isinstance(inner, Mapping) else loaded
    if not isinstance(loaded, Mapping):
        raise WeightsError(
            f"{path} holds no state dict but a {type(loaded).__name__}; save it with "
            "torch.save(model.state_dict(), FILE)."
        )
    state = {str(name): tensor for name, tensor in loaded.items() if isinstance(tensor, Tensor)}
    if not state:
        raise WeightsError(f"{path} holds no tensors; choose a file of weights.")
    for prefix in (*_PREFIXES, *_PREFIXES):
        kept = {
            name.removeprefix(prefix): tensor
            for name, tensor in state.items()
            if name.startswith(prefix)
        }
        state = kept or state
    return state


def _flush_folder(folder: Path) -> None:
    """Makes the rename itself durable; Windows has no such call and needs none."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
