"""Fetching one file over HTTP: bounded waits, and a part that is there is never fetched again."""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

TIMEOUT = 10.0
"""Seconds that the other side may stay silent."""
_TRIES = 3
"""How often a broken line is taken up again with no byte coming. One that never stood, never."""
_PAUSE = 1.0
_CHUNK = 1 << 18


class _Bar(tqdm):  # type: ignore[misc]
    """A progress bar that leaves no thread behind."""

    monitor_interval = 0


class DownloadError(Exception):
    """A file could not be fetched; the message says why."""


def download(
    url: str,
    target: Path,
    *,
    label: str,
    size: int | None = None,
    sha256: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Fetches a file, going on where an earlier try ended.

    The huggingface_hub library throws away what it has when it is interrupted (since version 2),
    hence this. What came so far lies in ``target`` with ``.part`` added, and stays there when the
    line breaks or the user ends the program.

    Args:
        url: its address, http or https.
        target: where it goes; it appears there only when complete and checked.
        label: what the progress bar on stderr calls it.
        size: its size in bytes, where known.
        sha256: its hash, or the first digits of it; empty where unknown.
        stop: whether the user wants to end.

    Raises:
        DownloadError: the server refuses, stays silent, or sends another file than promised.
        KeyboardInterrupt: the user wants to end.
        OSError: the disk refuses.
    """
    if not url.startswith(("https://", "http://")):
        raise DownloadError(f"{url} is not a web address")
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _append(url, part, label, size, stop)
    finally:
        if part.is_file() and part.stat().st_size == 0:
            part.unlink()
    with part.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    if not digest.startswith(sha256.lower()):
        part.unlink()
        raise DownloadError(
            f"what {url} sent is not the file that it promised (its SHA-256 differs)"
        )
    part.replace(target)


def _append(url: str, part: Path, label: str, size: int | None, stop: Callable[[], bool]) -> None:
    """Brings a part to its full length; what came is on the disk however it ends."""
    with (
        part.open("ab") as file,
        _Bar(
            total=size,
            initial=file.tell(),
            unit="B",
            unit_scale=True,
            desc=label,
            mininterval=0.5,
            miniters=1,
            delay=0.1,  # no empty bar where nobody answers
        ) as bar,
    ):
        try:
            _fetch(url, file, bar, size, stop)
        finally:
            file.flush()
            os.fsync(file.fileno())


def _fetch(url: str, file: BinaryIO, bar: _Bar, size: int | None, stop: Callable[[], bool]) -> None:
    """Appends what is missing; a broken line is taken up again a few times."""
    silent, stood = 0, False
    while True:
        before = file.tell()
        try:
            if before == size or _fetch_once(url, file, bar, stop):
                return
            reason = "the line broke"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 and error.code not in (408, 429):
                raise DownloadError(f"the server answers {error.code} {error.reason}") from error
            reason = f"the server answers {error.code} {error.reason}"
        except (urllib.error.URLError, TimeoutError, ConnectionError, ssl.SSLError) as error:
            reason = str(getattr(error, "reason", "") or error or type(error).__name__)
        except http.client.HTTPException as error:
            reason = f"the line broke ({type(error).__name__})"
        came = file.tell() > before
        stood, silent = stood or came, 0 if came else silent + 1
        if silent >= (_TRIES if stood else 1):
            raise DownloadError(reason)
        if stop():
            raise KeyboardInterrupt
        time.sleep(_PAUSE)


def _fetch_once(url: str, file: BinaryIO, bar: _Bar, stop: Callable[[], bool]) -> bool:
    """One request; whether the file is complete after it."""
    start = file.tell()
    # Identity: the sizes and ranges below are those of the file, not of a packed form.
    headers = {"User-Agent": "uniad-desktop", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not start:
            raise
        error.close()
        _start_again(file, bar)
        return _fetch_once(url, file, bar, stop)
    with answer:
        if start and answer.status != http.client.PARTIAL_CONTENT:
            _start_again(file, bar)
        total = _total(answer.headers, file.tell())
        if total is not None:
            bar.total = total
        while chunk := answer.read(_CHUNK):
            file.write(chunk)
            bar.update(len(chunk))
            if stop():
                raise KeyboardInterrupt
    return total is None or file.tell() >= total


def _start_again(file: BinaryIO, bar: _Bar) -> None:
    """The server sends the whole file or has no such part: what we have is of no use."""
    file.truncate(0)
    file.seek(0)
    bar.reset()


def _total(headers: Mapping[str, str], start: int) -> int | None:
    """Size of the whole file, from the headers of an answer that begins at a byte."""
    length = headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else None
