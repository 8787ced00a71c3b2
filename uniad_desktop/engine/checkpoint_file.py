"""A checkpoint of somebody else: told from other files, and read without running anything."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from uniad_desktop.engine.package import PackageError
from uniad_desktop.engine.pickled_tensors import DAMAGE, code_in, load_tensors

LARGEST_FILE = 2 << 30
_OLD_TORCH = b"l\xfc\x9cF\xf9 j\xa8P\x19."
"""torch's magic number, with which a file of torch before 1.6 begins, as it is pickled."""
_PICKLE = b"\x80"


class CheckpointError(PackageError):
    """A file is no checkpoint that can be imported; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was read.

    Attributes:
        path: the file.
        sha256: of its bytes, hex.
        state: tensors by name, as they are in the file.
        arch: the training script's own configuration, plain values, or None.
        epoch: how many epochs it was trained, or None where it does not say.
    """

    path: Path
    sha256: str
    state: Mapping[str, Tensor] = field(repr=False)
    arch: object = field(default=None, repr=False)
    epoch: int | None = None


def read_checkpoint(path: Path | str) -> Checkpoint:
    """Reads a file that `torch.save` wrote: a state dict, or a dict with one as ``state_dict``.

    Raises:
        CheckpointError: the file is missing, too large, damaged or something else, or would run
            code.
    """
    path = Path(path)
    data = _read(path)
    _refuse_other_formats(path, data)
    try:
        content = load_tensors(data)
    except DAMAGE as error:
        _refuse_code(path, data)
        raise CheckpointError(
            f"{path} is damaged, not complete or saved in an unusual way ({_first_line(error)}); "
            "copy or download it again."
        ) from error
    return _checkpoint(path, hashlib.sha256(data).hexdigest(), content)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise CheckpointError(
                f"{path} is no file but a folder or a device; give the checkpoint file itself, "
                "such as ckpt.pth.tar."
            )
        if size > LARGEST_FILE:
            raise CheckpointError(
                f"{path} has {size / 1e9:.1f} GB; a checkpoint of UniAD has far less than "
                f"{LARGEST_FILE / 1e9:.1f} GB. Choose another file."
            )
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read: {error.strerror or error}; check the name and the rights."
        ) from error
    if not data:
        raise CheckpointError(f"{path} is empty; copy or download it again.")
    return data


def _refuse_other_formats(path: Path, data: bytes) -> None:
    if data.startswith(b"PK\x03\x04"):
        _refuse_other_zips(path, data)
    elif not data.startswith(_PICKLE) or _OLD_TORCH not in data[:32]:
        if data.startswith(_PICKLE):
            _refuse_code(path, data)
        raise CheckpointError(
            f"{path} is not a torch checkpoint but something else; choose the file that the "
            "training script saved, such as ckpt.pth.tar."
        )


def _refuse_other_zips(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if sum(entry.file_size for entry in entries) > LARGEST_FILE:
                raise CheckpointError(
                    f"{path} unpacks to more than {LARGEST_FILE / 1e9:.1f} GB; choose another file."
                )
            if any("/code/" in f"/{name}" for name in names):
                raise CheckpointError(
                    f"{path} is a TorchScript program, not a checkpoint: it holds code to run. "
                    "Import the checkpoint that the training script saved."
                )
            if not any(name.endswith("data.pkl") for name in names):
                raise CheckpointError(
                    f"{path} is a zip archive but not a torch checkpoint; unpack it, and import "
                    "the checkpoint file inside."
                )
            damaged = archive.testzip()
    except DAMAGE as error:
        raise CheckpointError(
            f"{path} is damaged or not complete (as a zip archive it cannot be read); copy or "
            "download it again."
        ) from error
    if damaged is not None:
        raise CheckpointError(
            f"{path} is damaged (the checksum of '{damaged}' in it is wrong); copy or download it "
            "again."
        )


def _refuse_code(path: Path, data: bytes) -> None:
    """Says so where a pickle would call or create anything but tensors and plain values.

    Raises:
        CheckpointError: it would.
    """
    asked = code_in(data)
    if asked:
        raise CheckpointError(
            f"{path} tries to run code while it is read ({', '.join(asked[:3])}); nothing of it "
            "was run and nothing was imported. Ask its maker for a file that holds only tensors, "
            "or get it from another source."
        )


def _checkpoint(path: Path, sha256: str, content: object) -> Checkpoint:
    if not isinstance(content, Mapping):
        raise CheckpointError(
            f"{path} holds no named weights but a {type(content).__name__}; choose the file that "
            "the training script saved."
        )
    nested = isinstance(content.get("state_dict"), Mapping)
    named = content["state_dict"] if nested else content
    tensors = {k: v for k, v in named.items() if isinstance(k, str) and _is_plain_tensor(v)}
    if not tensors or len(tensors) != len(named):
        raise CheckpointError(
            f"{path} holds no 'state_dict' of named tensors; choose the file that the training "
            "script saved."
        )
    epoch = content.get("epoch") if nested else None
    return Checkpoint(
        path=path,
        sha256=sha256,
        state=tensors,
        arch=content.get("arch") if nested else None,
        epoch=epoch if isinstance(epoch, int) else None,
    )


def _is_plain_tensor(value: object) -> bool:
    return (
        isinstance(value, Tensor)
        and value.device.type == "cpu"
        and value.layout is torch.strided
        and not value.is_quantized
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
