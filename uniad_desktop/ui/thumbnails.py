"""Small pictures of image files, decoded on a thread and kept up to a number of bytes."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.ui.pictures import scaled_picture

log = logging.getLogger(__name__)

MOST_BYTES = 64 << 20
_JPEG = (".jpg", ".jpeg")
_BROKEN_BYTES = 1024  # what an entry without a picture counts, so that those are bounded too


def small_picture(path: Path, side: int) -> QImage:
    """An image file fitted into a square of `side` pixels, never enlarged; any thread.

    Raises:
        CameraError: the file cannot be read or understood.
    """
    image = _reduced_jpeg(path, side)
    if image is None:
        image = read_image(path)
    height, width = image.shape[:2]
    small = scaled_picture(image, min(side, width), min(side, height))
    return small.convertToFormat(QImage.Format.Format_RGB32)  # quick to paint


def _reduced_jpeg(path: Path, side: int) -> NDArray[np.uint8] | None:
    """A JPEG decoded at an eighth of its size; None where that is too small, or no JPEG."""
    if path.suffix.lower() not in _JPEG:
        return None
    try:
        data = np.fromfile(path, np.uint8)
        decoded = cv2.imdecode(data, cv2.IMREAD_REDUCED_COLOR_8) if data.size else None
    except (OSError, cv2.error):
        return None  # the reader of whole images says what is wrong
    if decoded is None or max(decoded.shape) < side:
        return None
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class Thumbnails:
    """Asked for what is seen now; what is not seen any more is not decoded.

    All but the decoding happens on the Qt thread.

    Args:
        side: of the square that a picture fits into, in pixels.
        most_bytes: that are kept; those seen longest ago go first.
        decode: makes a picture of a path and a side, on the thread; may raise CameraError.
    """

    def __init__(
        self,
        side: int,
        most_bytes: int = MOST_BYTES,
        decode: Callable[[Path, int], QImage] = small_picture,
    ) -> None:
        self.side = side
        self._most_bytes, self._decode = most_bytes, decode
        self._kept: OrderedDict[Path, QImage] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._wanted: deque[Path] = deque()
        self._decoding: Path | None = None
        self._done: list[tuple[Path, QImage]] = []
        self._working = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="ui-thumbnails")
        self._closed = False
        self._generation = 0  # what was begun before `forget_all` is not kept

    @property
    def kept_bytes(self) -> int:
        """Bytes of the pictures being kept."""
        return self._bytes

    @property
    def waiting(self) -> int:
        """How many pictures are still to be made or taken."""
        with self._lock:
            return len(self._wanted) + (self._decoding is not None) + len(self._done)

    def get(self, path: Path) -> QImage | None:
        """The picture; a null one where the file is no readable image, None before it is there."""
        image = self._kept.get(path)
        if image is not None:
            self._kept.move_to_end(path)
        return image

    def want(self, paths: Sequence[Path]) -> None:
        """Says which are seen now, the most urgent first; what was wanted before is dropped."""
        for path in paths:
            if path in self._kept:
                self._kept.move_to_end(path)
        with self._lock:
            ready = {path for path, _ in self._done}
            self._wanted = deque(
                path
                for path in dict.fromkeys(paths)
                if path not in self._kept and path != self._decoding and path not in ready
            )
            if self._closed or self._working or not self._wanted:
                return
            self._working = True
        self._worker.submit(self._work)

    def beat(self) -> list[Path]:
        """Takes what was made since the last call; returns the paths."""
        with self._lock:
            done, self._done = self._done, []
        for path, image in done:
            former = self._kept.pop(path, None)
            if former is not None:
                self._bytes -= _size(former)
            self._kept[path] = image
            self._bytes += _size(image)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return [path for path, _ in done]

    def forget_broken(self) -> None:
        """Tries again those that could not be read, when they are wanted next."""
        for path in [path for path, image in self._kept.items() if image.isNull()]:
            self._bytes -= _size(self._kept.pop(path))

    def forget_all(self) -> None:
        """Makes every picture again, when it is wanted next."""
        with self._lock:
            self._generation += 1
            self._wanted.clear()
            self._done.clear()
        self._kept.clear()
        self._bytes = 0

    def close_down(self) -> None:
        """Ends the thread after the picture being decoded now."""
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _work(self) -> None:
        """Decodes until nothing is wanted; on the thread."""
        while True:
            with self._lock:
                if not self._wanted:
                    self._working = False
                    return
                path = self._decoding = self._wanted.popleft()
                generation = self._generation
            image = QImage()  # a null picture, which the grid draws as unreadable
            try:
                image = self._decode(path, self.side)
            except CameraError as error:
                log.debug("No thumbnail: %s", error)
            except Exception:  # else nothing would be decoded any more
                log.exception("No thumbnail of %s", path)
            with self._lock:
                self._decoding = None
                if generation == self._generation:
                    self._done.append((path, image))


def _size(image: QImage) -> int:
    return int(image.sizeInBytes()) or _BROKEN_BYTES
