"""Where the models that come with the application lie."""

from __future__ import annotations

from pathlib import Path


def shipped_models() -> Path | None:
    """Folder of the shipped models, or None in a build without any.

    Inside an installed wheel it is ``uniad_desktop/models``; in a working copy of the sources it
    is ``models`` beside the package.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "models", package.parent / "models"):
        if folder.is_dir():
            return folder
    return None
