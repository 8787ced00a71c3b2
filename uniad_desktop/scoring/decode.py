"""Reading one file: hash, size, pixels; or a sentence on why not. Loads neither torch nor Qt."""

from __future__ import annotations

import hashlib
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.cameras.image_files import decode_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.scoring.header import HeaderError, check_size, read_header

LARGEST_FILE: Final = 1 << 30


@dataclass(slots=True, eq=False)
class Decoded:
    """What came of reading a file.

    Attributes:
        image: (H, W) or (H, W, 3) RGB uint8; None where `error` says why not.
        sha256: of the file's bytes (hex), or empty.
        modified_ns: of the file, or 0.
        width, height: in pixels, as far as known.
        decode_ms: reading, hashing and decoding.
        error: a sentence for the user, else empty.
    """

    image: NDArray[np.uint8] | None = None
    sha256: str = ""
    modified_ns: int = 0
    width: int = 0
    height: int = 0
    decode_ms: float = 0.0
    error: str = ""


def decode_file(path: Path) -> Decoded:
    """Reads a file; never raises for what is wrong with it."""
    started = time.perf_counter()
    decoded = Decoded()
    shown = str(path).encode("utf-8", "backslashreplace").decode()
    try:
        data = _read(path, decoded)
        decoded.sha256 = hashlib.sha256(data).hexdigest()
        header = read_header(data)
        decoded.width, decoded.height = header.width, header.height
        check_size(header)
        image = decode_image(np.frombuffer(data, np.uint8), path)
        decoded.height, decoded.width = image.shape[:2]  # it may stand upright now
        decoded.image = image
    except HeaderError as error:
        decoded.error = f"{shown} {error}."
    except CameraError as error:
        decoded.error = str(error).encode("utf-8", "backslashreplace").decode()
    except OSError as error:
        decoded.error = f"{shown} cannot be read: {error.strerror or error}."
    except MemoryError:
        decoded.error = f"{shown} needs more memory than there is; use fewer processes (--workers)."
    decoded.decode_ms = (time.perf_counter() - started) * 1e3
    return decoded


def _read(path: Path, decoded: Decoded) -> bytes:
    """The bytes of a file. Raises HeaderError for what is no file or too large, and OSError."""
    about = path.stat()
    decoded.modified_ns = about.st_mtime_ns
    if not stat.S_ISREG(about.st_mode):  # a pipe would be waited for
        raise HeaderError("is no file")
    if about.st_size > LARGEST_FILE:
        raise HeaderError("is larger than 1 GB; no image is read from it")
    return path.read_bytes()
