"""Finding the mask that belongs to a picture of a defect."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from uniad_desktop.training.datasets.walk import images_in
from uniad_desktop.training.datasets.words import folded

_ENDINGS = ("_mask", "", "_gt")


class MaskFolders:
    """The folders of masks of one product; each is read once."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._known: dict[Path, dict[str, Path]] = {}

    def find(self, kind: str, image: PurePath) -> Path | None:
        """The mask of an image.

        It is called ``NAME_mask``, ``NAME`` or ``NAME_gt`` with any image suffix and lies in the
        folder of its kind, under the same subfolders as the image or under none, or directly in
        the folder of masks.

        Args:
            kind: name of the folder that the image lies in.
            image: the image's path under that folder.
        """
        for folder in self._folders:
            if folder not in self._known:
                self._known[folder] = _masks_by_name(folder)
            known = self._known[folder]
            for place in (PurePath(kind, image.parent), PurePath(kind), PurePath()):
                for ending in _ENDINGS:
                    mask = known.get(_name(place / (image.stem + ending)))
                    if mask is not None:
                        return mask
        return None


def _masks_by_name(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in images_in(folder):
        found.setdefault(_name(path.relative_to(folder).with_suffix("")), path)
    return found


def _name(path: PurePath) -> str:
    return folded(path.as_posix())
