"""A version of a model in one file, ``.uniad``: a zip of the package's files, all at the top.

Nothing that an archive says is believed: names, kinds, number and sizes are checked before a byte
is unpacked, sizes and hashes once more while it is, and the package appears whole or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import shutil
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from uniad_desktop.engine.manifest import SCHEMA_VERSION, FileEntry, Manifest
from uniad_desktop.engine.package import MANIFEST, ModelPackage, PackageError, open_package
from uniad_desktop.teaching.versions import check_name

log = logging.getLogger(__name__)

SUFFIX: Final = ".uniad"
MOST_FILES: Final = 1024
LARGEST_MANIFEST: Final = 4 << 20
LARGEST_TOTAL: Final = 3 << 30
"""Bytes of all files unpacked; below what would need the zip format's 64-bit extension."""

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.(safetensors|png|jpg)")
_VERSION = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")
_CHUNK = 1 << 20
_LARGEST_DIRECTORY = 1 << 20
_END_BYTES = 22  # of a zip's end record, which a comment of up to 64 KiB may follow
_DATE = (1980, 1, 1, 0, 0, 0)  # the same package gives the same archive
_STALE_S = 86400.0
_SPARE_BYTES = 64 << 20


def export_archive(package: ModelPackage, path: Path) -> None:
    """Writes a package as one file; a former one stays until the new one is complete.

    Args:
        package: the version; every file is checked against its hash once more.
        path: the file, ``….uniad``; its folder is made if needed.

    Raises:
        PackageError: the name ends otherwise, the package is damaged or too large, or the disk
            refuses.
    """
    if path.suffix.lower() != SUFFIX:
        raise PackageError(f"{path} must end in {SUFFIX}; choose another name.")
    files = package.manifest.files
    if len(files) >= MOST_FILES or sum(one.size for one in files.values()) > LARGEST_TOTAL:
        raise PackageError(
            f"{package.folder} is too large for one {SUFFIX} file; copy the folder instead."
        )
    if open_package(package.folder).identity != package.identity:
        raise PackageError(f"{package.folder} changed since it was opened; open it again.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                _write_zip(package, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise PackageError(
            f"{path} cannot be written: {error.strerror or error}; free space or choose another "
            "folder."
        ) from error


def import_archive(path: Path, models: Path) -> ModelPackage:
    """Brings a version from a file into the folder of models.

    The very same version may be there already; that is said in the log and nothing is changed.
    A damaged folder of that version is set aside, under a name that the log tells.

    Args:
        path: a file that `export_archive` wrote.
        models: folder of all models; the package becomes ``models/NAME/VERSION``.

    Raises:
        PackageError: it is no such file, cut off, damaged, unsafe, too large or of a newer
            application; another package of the same name and version is there; or the disk
            refuses. `models` is as it was then.
    """
    with _refusing(path), path.open("rb") as file:
        _check_end(path, file)
        with zipfile.ZipFile(file) as archive:
            infos = _checked_list(path, archive)
            data = _bounded(path, archive, infos[MANIFEST], LARGEST_MANIFEST)
            manifest = _parse_manifest(path, data)
            _check_against(path, infos, manifest)
            target = models / manifest.name / manifest.version
            there = _identical(target, hashlib.sha256(data).hexdigest(), path)
            if there is not None:
                log.info(
                    "%s %s is here already, the very same; nothing was changed.",
                    manifest.name,
                    manifest.version,
                )
                return there
            with _writing(target):
                _unpack(path, archive, infos=infos, manifest=manifest, data=data, target=target)
    return open_package(target)


def _write_zip(package: ModelPackage, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", allowZip64=False) as archive:
        for name in (MANIFEST, *package.manifest.files):
            info = zipfile.ZipInfo(name, _DATE)
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            # Weights and pictures do not get smaller.
            info.compress_type = zipfile.ZIP_DEFLATED if name == MANIFEST else zipfile.ZIP_STORED
            source = package.folder / name
            info.file_size = source.stat().st_size
            digest = hashlib.sha256()
            with source.open("rb") as reading, archive.open(info, "w") as writing:
                while chunk := reading.read(_CHUNK):
                    digest.update(chunk)
                    writing.write(chunk)
            entry = package.manifest.files.get(name)
            wanted = package.identity.sha256 if entry is None else entry.sha256
            if digest.hexdigest() != wanted:
                raise PackageError(f"{source} changed while it was exported; try again.")


def _check_end(path: Path, file: IO[bytes]) -> None:
    """Bounds the zip's directory, which would be read whole, before anything reads it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(4)
    begin = max(0, size - _END_BYTES - 0xFFFF - 20)
    file.seek(begin)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_BYTES:
        if head == b"PK\x03\x04":
            raise PackageError(f"{path} was cut off; copy or export it again.")
        raise PackageError(
            f"{path} is no model archive ({SUFFIX}); choose a file that was exported by "
            "`uniad-desktop versions export`."
        )
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    wide = tail[max(0, at - 20) : at].startswith(b"PK\x06\x07")
    if wide or entries > MOST_FILES or directory > _LARGEST_DIRECTORY:
        raise _unsafe(path, "it lists more files than a model has")


def _checked_list(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename
        shown = repr(info.orig_filename[:80])
        if name != info.orig_filename or not (name == MANIFEST or _FILE.fullmatch(name)):
            raise _unsafe(path, f"a model has no file {shown}")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            raise _unsafe(path, f"{shown} is no plain file")
        if name in infos:
            raise _unsafe(path, f"{shown} is in it twice")
        if info.flag_bits & 0x1:
            raise _unsafe(path, f"{shown} is encrypted")
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise _unsafe(path, f"{shown} is packed in a way that models are not")
        infos[name] = info
    if MANIFEST not in infos:
        raise PackageError(
            f"{path} holds no {MANIFEST}, so it is no model archive; choose another file."
        )
    if infos[MANIFEST].file_size > LARGEST_MANIFEST:
        raise _unsafe(path, f"its {MANIFEST} is larger than a manifest may be")
    if sum(info.file_size for info in infos.values()) > LARGEST_TOTAL + LARGEST_MANIFEST:
        raise _unsafe(path, "unpacked it is larger than a model may be")
    return infos


def _bounded(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise _unsafe(path, f"its {info.filename} is larger than it says")
    return data


def _parse_manifest(path: Path, data: bytes) -> Manifest:
    try:
        values = json.loads(data)
        schema = values.get("schema_version") if isinstance(values, dict) else None
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise PackageError(
                f"{path} was made by a newer application (layout {schema}, this one reads up to "
                f"{SCHEMA_VERSION}); update the application."
            )
        manifest = Manifest.model_validate(values)
    except (ValueError, RecursionError, ValidationError) as error:
        problem = str(error).splitlines()[0]
        raise PackageError(
            f"The {MANIFEST} in {path} is damaged ({problem}); copy or export it again."
        ) from error
    if not _VERSION.fullmatch(manifest.version):
        raise _unsafe(path, f"its version is {manifest.version!r}")
    return manifest


def _check_against(path: Path, infos: dict[str, zipfile.ZipInfo], manifest: Manifest) -> None:
    for name in manifest.files:
        if name not in infos:
            raise PackageError(f"{path} lacks the model's {name}; copy or export it again.")
    for name, info in infos.items():
        if name == MANIFEST:
            continue
        if name not in manifest.files:
            raise _unsafe(path, f"{name} does not belong to the model")
        if info.file_size != manifest.files[name].size:
            raise PackageError(
                f"{name} in {path} has not the size that it was saved with; copy or export it "
                "again."
            )


def _identical(target: Path, sha256: str, path: Path) -> ModelPackage | None:
    """The package at `target` if it is the same; None where there is none that can be used."""
    if not target.exists():
        return None
    try:
        there = check_name(open_package(target), target.parent.name, target.name)
    except PackageError:
        return None
    if there.identity.sha256 == sha256:
        return there
    raise PackageError(
        f"{path} holds another {there.identity.name} {there.identity.version} than the one that is "
        f"at {target} (SHA-256 {sha256[:12]} and {there.identity.sha256[:12]}); versions are never "
        "overwritten. Give it another version where it was made, and export it again."
    )


def _unpack(
    path: Path,
    archive: zipfile.ZipFile,
    *,
    infos: dict[str, zipfile.ZipInfo],
    manifest: Manifest,
    data: bytes,
    target: Path,
) -> None:
    parent = target.parent
    parent.mkdir(parents=True, exist_ok=True)
    fresh: Path | None = None
    try:
        _sweep(parent)
        total = sum(entry.size for entry in manifest.files.values())
        if shutil.disk_usage(parent).free < total + _SPARE_BYTES:
            raise PackageError(
                f"{path} needs {total / 1e6:.0f} MB at {parent}, which the disk has not; free "
                "space or choose another data folder."
            )
        fresh = Path(tempfile.mkdtemp(prefix=".importing-", dir=parent))
        for name, entry in manifest.files.items():
            _extract(path, archive, infos[name], entry, fresh / name)
        with (fresh / MANIFEST).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        check_name(open_package(fresh), manifest.name, manifest.version)
        fresh.chmod(0o755)
        _rename(fresh, target)
    finally:
        if fresh is not None and fresh.exists():
            shutil.rmtree(fresh)
        with suppress(OSError):
            parent.rmdir()  # empty only where the model is new and was refused


def _rename(fresh: Path, target: Path) -> None:
    """Puts it in place; what lies there is damaged and is kept."""
    aside = _set_aside(target) if target.exists() else None
    try:
        fresh.rename(target)
    except OSError:
        if aside is not None:
            aside.rename(target)
        raise


def _extract(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: FileEntry, to: Path
) -> None:
    digest = hashlib.sha256()
    left = entry.size
    with archive.open(info) as reading, to.open("xb") as writing:
        while chunk := reading.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise _unsafe(path, f"{info.filename} is larger than it says")
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    if digest.hexdigest() != entry.sha256:
        raise PackageError(
            f"{info.filename} in {path} is not the file that the model was saved with (its SHA-256 "
            "differs); copy or export it again."
        )


def _set_aside(target: Path) -> Path:
    """Keeps a damaged version under a name that is no version."""
    number = 1
    while (aside := target.with_name(f"{target.name}.damaged-{number}")).exists():
        number += 1
    target.rename(aside)
    log.warning("%s was damaged; it is kept as %s.", target, aside.name)
    return aside


def _sweep(parent: Path) -> None:
    """Takes away what an import left that was cut off long ago."""
    for left in parent.glob(".importing-*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left)


def _unsafe(path: Path, reason: str) -> PackageError:
    return PackageError(
        f"{path} is not taken: {reason}. Choose a file that was exported by "
        "`uniad-desktop versions export`."
    )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Makes a sentence of what a damaged archive raises."""
    try:
        yield
    except FileNotFoundError as error:
        raise PackageError(f"There is no file {path}; choose another one.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        RuntimeError,
        ValueError,
    ) as error:
        raise PackageError(
            f"{path} is damaged or was cut off ({error or type(error).__name__}); copy or export "
            "it again."
        ) from error
    except OSError as error:
        if _led_astray(error):
            raise PackageError(f"{path} is damaged; copy or export it again.") from error
        raise PackageError(
            f"{path} cannot be read: {error.strerror or error}; check the medium and the access "
            "rights."
        ) from error


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Tells a disk that refuses from an archive that cannot be read."""
    try:
        yield
    except OSError as error:
        if _led_astray(error):
            raise
        raise PackageError(
            f"{error.filename or target} cannot be written: {error.strerror or error}; free space, "
            "check the access rights or choose another data folder."
        ) from error


def _led_astray(error: OSError) -> bool:
    """Whether a damaged archive pointed before its own beginning."""
    return error.errno == errno.EINVAL and error.filename is None
