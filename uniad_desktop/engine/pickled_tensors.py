"""Pickles of torch, read without calling anything that they name.

Such files can ask for any function to be called while they are read. torch's restricted reader
calls none but those that rebuild tensors. The few plain classes that the authors' training script
stores beside its weights are given stand-ins that hold values and do nothing.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
import warnings
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch

_LARGEST_PICKLE = 64 << 20

DAMAGE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    MemoryError,
    OSError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
)
"""What torch's reader raises on bytes that mean nothing to it."""


def load_tensors(data: bytes) -> object:
    """What `torch.save` wrote, with tensors on the CPU and stand-ins for the harmless rest.

    Raises:
        Exception: one of `DAMAGE`, where the bytes are damaged or ask for code to be run.
    """
    with warnings.catch_warnings(), torch.serialization.safe_globals(_stand_ins()):
        warnings.simplefilter("ignore")  # of unusual pickles, which are refused or fine
        content: object = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return content


class _Inert:
    """Takes the place of a value that is not needed, and keeps nothing of it."""

    def __new__(cls, *_: object) -> _Inert:
        return super().__new__(cls)

    def __init__(self, *_: object) -> None:
        """Any arguments will do."""

    def __setstate__(self, state: object) -> None:
        """Nothing is kept."""


def _plain_dict(_: type, *__: object) -> OrderedDict[str, object]:
    return OrderedDict()


_HARMLESS = (
    "argparse.Namespace",
    "numpy.dtype",
    "numpy.ndarray",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
)

_DATA = {
    *_HARMLESS,
    "easydict.EasyDict",
    "collections.OrderedDict",
    "collections.Counter",
    "_codecs.encode",
    "builtins.set",
    "builtins.complex",
    "builtins.bytearray",
    "torch.nn.parameter.Parameter",
    "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage",
    "torch._tensor._rebuild_from_type_v2",
}


def _stand_ins() -> list[Any]:
    """Classes of the names that the authors' files mention, made anew for one reading."""
    names = dict.fromkeys(_HARMLESS, _Inert)
    made = [
        type(name.rpartition(".")[2], (base,), {"__module__": name.rpartition(".")[0]})
        for name, base in names.items()
    ]
    # Their configuration is an EasyDict: a dict, and that is what is made of it.
    easy = type("EasyDict", (), {"__module__": "easydict", "__new__": _plain_dict})
    return [*made, easy]


def code_in(data: bytes) -> list[str]:
    """Names of what the pickles would call or create, other than tensors and plain values."""
    return [name for name in dict.fromkeys(_names_in(data)) if not _is_data(name)]


def _is_data(name: str) -> bool:
    module, _, last = name.rpartition(".")
    if module == "torch":
        kind = getattr(torch, last, None)
        return last.endswith("Storage") or last == "Size" or isinstance(kind, torch.dtype)
    return name in _DATA or name.startswith("torch._utils._rebuild_")


def _names_in(data: bytes) -> Iterator[str]:
    """Every global that the pickles of a checkpoint name, as far as they can be taken apart."""
    stream = io.BytesIO(data)
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(stream) as archive:
                name = next(n for n in archive.namelist() if n.endswith("data.pkl"))
                with archive.open(name) as packed:
                    stream = io.BytesIO(packed.read(_LARGEST_PICKLE))
        except (StopIteration, *DAMAGE):
            return
    texts: list[str] = []
    try:
        while True:
            for operation, argument, _ in pickletools.genops(stream):
                if operation.name in ("GLOBAL", "INST"):
                    yield str(argument).replace(" ", ".")
                elif operation.name == "STACK_GLOBAL":
                    yield ".".join(texts[-2:])
                elif "UNICODE" in operation.name:
                    texts.append(str(argument))
    except DAMAGE:
        return
