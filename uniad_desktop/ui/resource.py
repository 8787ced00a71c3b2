"""Where icons, styles and translations lie: in the checkout or inside the installed package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def resource_folder() -> Path:
    """The folder `resources`.

    An installed package carries it inside; in a checkout it lies beside the package.

    Raises:
        FileNotFoundError: neither is there, so the installation is incomplete.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (folder / "style" / "style.qss").is_file():
            return folder
    raise FileNotFoundError(
        f"The folder 'resources' is missing beside or inside {_PACKAGE}; install UniAD Desktop "
        "again."
    )


def resource(*parts: str) -> Path:
    """Path of one resource, for example ``resource("icons", "play.svg")``.

    Raises:
        FileNotFoundError: it does not exist.
    """
    path = resource_folder().joinpath(*parts)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; install UniAD Desktop again.")
    return path
