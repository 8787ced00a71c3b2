"""Images with a record each, in one folder: safe against power loss and full disks.

An image is ``ID.png``, lossless, and its record ``ID.json``; ID is the start of the SHA-256 of its
pixels. The image is written first, so a record always has its image.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import cv2
import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from uniad_desktop.files import write_durably

LONGEST_WAIT_S: Final = 10.0
"""How long a change waits for another program that is changing the same folder."""

_ID = re.compile(r"[0-9a-f]{16}")
_PNG_LEVEL = 1  # lossless at any level; 1 keeps up with the line


class StoreError(Exception):
    """What was taught cannot be kept or read; the message is a sentence for the user."""


class Record(BaseModel):
    """What lies beside an image; `id` and `sha256` are of its pixels."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str
    sha256: str


R = TypeVar("R", bound=Record)


def pixel_hash(image: NDArray[np.uint8]) -> str:
    """SHA-256 (hex) of an image's shape and pixels, whatever file they came in."""
    digest = hashlib.sha256("x".join(map(str, image.shape)).encode() + b":")
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def id_of(sha256: str) -> str:
    """Name of an image's files."""
    return sha256[:16]


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """A frame, (H, W) or (H, W, 3) RGB uint8, as lossless PNG.

    Raises:
        StoreError: it is no frame.
    """
    from uniad_desktop.engine.preprocess import ImageError, check_image  # it loads torch

    try:
        check_image(image)
    except ImageError as error:
        raise StoreError(str(error)) from error
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    if not done:
        raise StoreError("The picture could not be encoded as PNG; take it again.")
    return encoded.tobytes()


def write_file(path: Path, data: bytes) -> None:
    """Writes a file durably, or leaves the former one.

    Raises:
        StoreError: the disk is full or refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, data)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written: {error.strerror or error}. What was there is still "
            "there; free space on the disk or check the access rights, and try again."
        ) from error


def set_file_aside(path: Path) -> Path:
    """Renames a file that cannot be understood to ``NAME.broken.EXT``; no other is overwritten.

    Raises:
        StoreError: it cannot be renamed.
    """
    number = 1
    while True:
        mark = ".broken" if number == 1 else f".broken-{number}"
        aside = path.with_name(f"{path.stem}{mark}{path.suffix}")
        if not aside.exists():
            break
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise StoreError(
            f"{path} is damaged and cannot be set aside: {error.strerror or error}; check the "
            "access rights of the folder."
        ) from error
    return aside


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Makes `folder` and keeps other programs and threads from changing it meanwhile.

    Raises:
        StoreError: it cannot be made, or another program does not let go of it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=LONGEST_WAIT_S)
    except Timeout as error:
        raise StoreError(
            f"Another program is changing {folder} at the moment; wait for it, or close it."
        ) from error
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror or error}; free space, check the access "
            "rights or choose another data folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


class ImageFolder(Generic[R]):
    """The images and records of one folder. Changes are made under `locked`.

    Args:
        folder: where they lie; made when something is written.
        kind: class of the records.
    """

    def __init__(self, folder: Path, kind: type[R]) -> None:
        self.folder = folder
        self._kind = kind

    def image_path(self, image_id: str) -> Path:
        """Where an image lies, or would."""
        return self.folder / f"{image_id}.png"

    def record_path(self, image_id: str) -> Path:
        """Where its record lies, or would."""
        return self.folder / f"{image_id}.json"

    def write_image(self, image_id: str, png: bytes) -> None:
        """Raises StoreError when the disk refuses."""
        path = self.image_path(image_id)
        if not path.exists():
            write_file(path, png)

    def write_record(self, record: R) -> None:
        """Raises StoreError when the disk refuses; a former record stays then."""
        if self._is_newer(record.id):
            raise StoreError(
                f"{self.record_path(record.id)} was made by a newer application; update this one."
            )
        text = record.model_dump_json(indent=2)
        write_file(self.record_path(record.id), text.encode())

    def record(self, image_id: str) -> R | None:
        """The record of an image; None where there is none that can be understood."""
        try:
            found = self._kind.model_validate_json(self.record_path(image_id).read_bytes())
        except (OSError, ValidationError):
            return None
        return found if found.id == image_id and id_of(found.sha256) == image_id else None

    def image(self, image_id: str) -> NDArray[np.uint8]:
        """(H, W) or (H, W, 3) RGB uint8.

        Raises:
            StoreError: it cannot be read.
        """
        path = self.image_path(image_id)
        try:
            data = np.fromfile(path, np.uint8)
            decoded = cv2.imdecode(data, cv2.IMREAD_ANYCOLOR) if data.size else None
        except (OSError, cv2.error):
            decoded = None
        if decoded is None:
            raise StoreError(f"{path} cannot be read; delete the part and take it again.")
        pixels = decoded if decoded.ndim == 2 else cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
        return np.asarray(pixels, np.uint8)

    def records(self) -> tuple[dict[str, R], list[str]]:
        """All records whose image is there, and sentences on those that are in no order."""
        found: dict[str, R] = {}
        problems = []
        for image_id in self._ids("json"):
            record = self.record(image_id)
            if record is None:
                problems.append(
                    f"{self.record_path(image_id)} cannot be understood; delete the part and take "
                    "it again, or update the application if a newer one wrote it."
                )
            elif not self.image_path(image_id).is_file():
                problems.append(
                    f"The image {self.image_path(image_id)} is missing; put it back, or remove "
                    f"{self.record_path(image_id).name}."
                )
            else:
                found[image_id] = record
        return found, problems

    def orphans(self) -> list[str]:
        """Images without a record."""
        recorded = set(self._ids("json"))
        return [one for one in self._ids("png") if one not in recorded]

    def is_tidy(self) -> bool:
        """Whether there is nothing for `tidy` to do."""
        broken = (one for one in self._ids("json") if self.record(one) is None)
        return not self._left_over() and all(self._is_newer(one) for one in broken)

    def tidy(self) -> None:
        """Removes what an interrupted writing left, sets broken records aside. Under the lock.

        Raises:
            StoreError: a broken record cannot be set aside.
        """
        for left in self._left_over():
            with suppress(OSError):
                left.unlink()
        for image_id in self._ids("json"):
            if self.record(image_id) is None and not self._is_newer(image_id):
                set_file_aside(self.record_path(image_id))

    def _is_newer(self, image_id: str) -> bool:
        """Whether a newer application wrote a record, or it cannot be told now."""
        try:
            data = self.record_path(image_id).read_bytes()
            return _Numbered.model_validate_json(data).version > 1
        except FileNotFoundError:
            return False
        except OSError:
            return True
        except ValidationError:
            return False

    def _left_over(self) -> list[Path]:
        return list(self.folder.glob(".*.tmp"))

    def _ids(self, extension: str) -> list[str]:
        paths = sorted(self.folder.glob(f"*.{extension}"))
        return [path.stem for path in paths if _ID.fullmatch(path.stem)]


class _Numbered(BaseModel):
    version: int
