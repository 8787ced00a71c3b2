"""Names of files inside a zip, in any script and for every system."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

_LONGEST: Final = 80
# Windows takes none of them; control and format characters (which can turn the direction of
# writing around) are of no use in a name either.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def archive_stem(number: int, path: str) -> str:
    """The name of an image in a zip without its ending: number of its line, then its own name.

    Args:
        number: line of the manifest, from 1; makes the name unique on systems that do not tell
            capital letters apart, and keeps it from being a reserved one such as CON.
        path: of the stored image.
    """
    stem = unicodedata.normalize("NFC", PurePosixPath(path.replace("\\", "/")).stem)
    plain = "".join(
        "_" if unicodedata.category(one).startswith(("C", "Z")) else one for one in stem
    )
    safe = _FORBIDDEN.sub("_", plain)[:_LONGEST].strip(" ._")
    return f"{number:07d}_{safe}" if safe else f"{number:07d}"


def ending(path: str) -> str:
    """The ending of a stored image such as ``.png``; ``.bin`` for an odd one."""
    found = PurePosixPath(path.replace("\\", "/")).suffix.lower()
    return found if re.fullmatch(r"\.[a-z0-9]{1,5}", found) else ".bin"
