"""Takes the images out of a zip that may come from anywhere: nothing is trusted, nothing is run."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from uniad_desktop.files import flush_folder
from uniad_desktop.review.errors import ReviewError
from uniad_desktop.scoring.image_list import SCORED
from uniad_desktop.training.datasets.sample import printable

MOST_FILES: Final = 300_000
LARGEST_FILE: Final = 1 << 30
MOST_BYTES: Final = 256 << 30
MOST_RATIO: Final = 100
RATIO_COUNTS_FROM: Final = 64 << 20
"""Blank images do shrink a thousandfold; what is small cannot harm."""

LEAST_FREE: Final = 1 << 30
DEEPEST: Final = 32

_TAKEN: Final = SCORED | {".json", ".jsonl"}
_BLOCK: Final = 1 << 20
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x1
_NOT_ON_WINDOWS: Final = str.maketrans('<>:"|?*', "_______")


def hash_file(path: Path, check: Callable[[], None]) -> str:
    """SHA-256 of a file, hex. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check()
            digest.update(block)
    return digest.hexdigest()


def unpack(archive: Path, target: Path, check: Callable[[], None] = lambda: None) -> None:
    """Takes images, the JSON beside them and the manifest out of a zip; all of them or none.

    Args:
        archive: the zip.
        target: becomes the folder of what was in it; must not be there.
        check: called often; may raise to end it.

    Raises:
        ReviewError: it is no zip, damaged, encrypted, has no images, wants out of its folder, or is
            larger than anything real.
    """
    shown = printable(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            members = list(_members(opened, shown))
            _check_sizes(members, archive.stat().st_size, target.parent, shown)
            half = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
            try:
                for info, name in members:
                    check()
                    _take_out(opened, info, half.joinpath(*name.parts), shown, check)
                half.chmod(0o755)
                half.replace(target)
                flush_folder(target.parent)
            finally:
                shutil.rmtree(half, ignore_errors=True)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError) as error:
        raise ReviewError(f"{shown} is no zip, or it is damaged; get it once more.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise ReviewError(
            f"{shown} is packed or encrypted in a way that is not read here; pack it anew as a "
            "plain zip."
        ) from error
    except OSError as error:
        raise ReviewError(
            f"{shown} cannot be unpacked into {target.parent}: {error.strerror or error}; check "
            "space and access rights."
        ) from error


def _members(
    opened: zipfile.ZipFile, shown: str
) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files that are taken, with checked paths; a name that is there twice counts once."""
    infos = opened.infolist()
    if len(infos) > MOST_FILES:
        raise ReviewError(
            f"{shown} has {len(infos)} files; {MOST_FILES} are the most. Split it into several."
        )
    seen: set[str] = set()
    for info in infos:
        name = _checked(_name_of(info), shown)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG):  # no links, no devices
            continue
        if name.suffix.lower() not in _TAKEN or name.parts[0] == "__MACOSX":
            continue
        if info.flag_bits & _ENCRYPTED:
            raise ReviewError(f"{shown} is encrypted; pack it anew without a password.")
        if str(name) not in seen:
            seen.add(str(name))
            yield info, name
    if not any(not name.endswith((".json", ".jsonl")) for name in seen):
        raise ReviewError(f"There are no images (PNG, JPEG, BMP, TIFF or WebP) in {shown}.")


def _name_of(info: zipfile.ZipInfo) -> str:
    """Names that do not say their encoding are UTF-8 more often than what the format calls for."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _checked(name: str, shown: str) -> PurePosixPath:
    plain = name.replace("\\", "/")
    path = PurePosixPath(plain)
    parts = path.parts
    odd = any(ord(one) < 32 or 0xD800 <= ord(one) < 0xE000 for one in plain)
    drive = bool(parts) and len(parts[0]) == 2 and parts[0][1] == ":"
    if not parts or path.is_absolute() or ".." in parts or odd or drive or len(parts) > DEEPEST:
        raise ReviewError(
            f"{shown} has a file “{name.encode('unicode_escape').decode()[:120]}”, which does not "
            "stay inside its folder; nothing was unpacked. Do not trust where it comes from."
        )
    return PurePosixPath(plain.translate(_NOT_ON_WINDOWS)) if os.name == "nt" else path


def _check_sizes(
    members: list[tuple[zipfile.ZipInfo, PurePosixPath]], packed: int, folder: Path, shown: str
) -> None:
    for info, name in members:
        if info.file_size > LARGEST_FILE:
            raise ReviewError(
                f"“{name}” in {shown} would have {info.file_size / 1e9:.1f} GB, more than any "
                "image that is read; nothing was unpacked."
            )
    total = sum(info.file_size for info, _ in members)
    if total > MOST_BYTES or (total > RATIO_COUNTS_FROM and total > MOST_RATIO * packed):
        raise ReviewError(
            f"{shown} has {packed / 1e6:.1f} MB and would unpack to {total / 1e9:.1f} GB; no real "
            "images shrink like that, so nothing was unpacked."
        )
    free = shutil.disk_usage(folder).free
    if total + LEAST_FREE > free:
        raise ReviewError(
            f"{shown} needs {total / 1e9:.1f} GB and the disk of {folder} has {free / 1e9:.1f} GB "
            "left; free space there."
        )


def _take_out(
    opened: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    path: Path,
    shown: str,
    check: Callable[[], None],
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with opened.open(info) as source, path.open("xb") as file:
        while block := source.read(_BLOCK):
            check()
            left -= len(block)
            if left < 0:
                raise ReviewError(
                    f"“{info.filename}” in {shown} is larger than the zip says; nothing was "
                    "unpacked."
                )
            file.write(block)
