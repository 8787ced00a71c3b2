"""A folder of images as a source of frames."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from uniad_desktop.cameras.file_source import FileSource
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.image_files import SUFFIXES, natural_key, read_image
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    EndOfFrames,
    SourceCounters,
    SourceInfo,
)

logger = logging.getLogger(__name__)


class FolderSource(FileSource):
    """Gives the images of a folder (PNG, JPEG, BMP, TIFF) in natural order of their names.

    No image is ever passed over: free running gives one per `next_frame`, at most
    `frames_per_second`; in software trigger mode each trigger gives one. A file that cannot be
    read is logged, counted as incomplete, and skipped.
    """

    def __init__(
        self, folder: Path, *, loop: bool = True, frames_per_second: float | None = None
    ) -> None:
        """Looks into the folder; subfolders are not searched.

        Args:
            folder: where the images are.
            loop: begin again after the last image; otherwise `next_frame` raises `EndOfFrames`.
            frames_per_second: pace when free running; None for as fast as they are asked for.

        Raises:
            CameraNotFoundError: there is no such folder, or no readable image in it.
            CameraError: `frames_per_second` is not above zero.
        """
        self._folder = folder.expanduser().absolute()
        self._loop = loop
        super().__init__(f"The folder {self._folder}", "A folder of images", frames_per_second)
        self._acquired = 0
        self._damaged = 0
        self._next = 0
        self._files = _images_in(self._folder)
        self._info = self._look()

    @property
    def info(self) -> SourceInfo:
        """The folder; size and format are those of its first readable image."""
        return self._info

    def next_frame(self, timeout_s: float) -> Frame | None:
        """The next image, or None after `timeout_s` seconds without a trigger or before its turn.

        Raises:
            EndOfFrames: all were given and `loop` is off.
            CameraLostError: the folder is gone, or nothing in it is readable any more.
            CameraError: not started.
        """
        self._turns.check_started()
        if not self._loop and self._next >= len(self._files):
            raise EndOfFrames(f"All images of {self._folder} were given.")
        return self._read_next() if self._turns.wait(timeout_s) else None

    def _read_next(self) -> Frame:
        for _ in range(len(self._files)):
            if self._next >= len(self._files):
                if not self._loop:
                    break
                self._next = 0
            path = self._files[self._next]
            self._next += 1
            try:
                image = read_image(path)
            except CameraError as error:
                logger.warning("%s It was skipped.", error)
                self._damaged += 1
                continue
            self._acquired += 1
            return Frame(
                image=image,
                id=self._acquired,
                timestamp_ns=0,
                received_ns=time.monotonic_ns(),
                source=str(path),
                kind=SourceKind.FILE,
                pixel_format="Mono8" if image.ndim == 2 else "RGB8",
            )
        if not self._loop:
            raise EndOfFrames(f"All images of {self._folder} were given.")
        raise CameraLostError(f"No image in {self._folder} can be read any more.")

    def counters(self) -> SourceCounters:
        """Counts since opening; files that could not be read are the incomplete ones."""
        return SourceCounters(acquired=self._acquired, incomplete=self._damaged)

    def reopen(self) -> None:
        """Looks into the folder again and begins with its first image. Raises CameraError."""
        files = _images_in(self._folder)
        self._turns.reopen()
        self._files = files
        self._next = 0
        self._info = self._look()

    def _look(self) -> SourceInfo:
        for path in self._files:
            try:
                image = read_image(path)
            except CameraError:
                continue  # it is named when its turn comes
            return SourceInfo(
                name=self._folder.name or str(self._folder),
                vendor="",
                serial=str(self._folder),
                kind=SourceKind.FILE,
                width=image.shape[1],
                height=image.shape[0],
                pixel_format="Mono8" if image.ndim == 2 else "RGB8",
            )
        raise CameraNotFoundError(
            f"None of the {len(self._files)} image files in {self._folder} can be read; "
            "they may be damaged."
        )


def _images_in(folder: Path) -> list[Path]:
    if not folder.exists():
        raise CameraNotFoundError(f"The folder {folder} does not exist; check its name.")
    if not folder.is_dir():
        raise CameraNotFoundError(f"{folder} is a file; name the folder that holds the images.")
    try:
        files = [item for item in folder.iterdir() if item.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise CameraNotFoundError(
            f"The folder {folder} cannot be read: {error.strerror or error}."
        ) from error
    if not files:
        raise CameraNotFoundError(
            f"The folder {folder} holds no images (PNG, JPEG, BMP or TIFF); subfolders are not "
            "searched."
        )
    return sorted(files, key=natural_key)
