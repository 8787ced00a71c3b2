"""Weights from timm's model hub, fetched once into the cache folder."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import huggingface_hub
import timm
from huggingface_hub import constants
from huggingface_hub.errors import EntryNotFoundError

from uniad_desktop.engine.download import TIMEOUT, DownloadError, download
from uniad_desktop.engine.weights_cache import (
    WeightsEntry,
    entry_path,
    full_name,
    read_entry,
    store,
)
from uniad_desktop.engine.weights_file import WeightsError, read_state

log = logging.getLogger(__name__)

# A station tells nobody what it is; the library also asks the hub for more than the file else.
# The environment variable of this name would come too late, timm has loaded the library already.
constants.HF_HUB_DISABLE_TELEMETRY = True

ENDPOINT = constants.ENDPOINT
"""Address of the hub; the library takes it from HF_ENDPOINT where that is set."""
_HUB_FILES = ("model.safetensors", "pytorch_model.bin")
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.[a-z]+$")
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class _Address:
    """A file on the net: its address, a place in words, its size and what is known of its hash."""

    url: str
    place: str
    size: int | None
    sha256: str
    key: str


def fetch(
    name: str, cache: Path, *, again: bool = False, stop: Callable[[], bool] = lambda: False
) -> WeightsEntry:
    """Brings the weights of a timm model into the cache, going on where an earlier try ended.

    Args:
        name: timm model name; without a tag, timm's default one is fetched.
        cache: the folder. Of several processes that want the same, one fetches.
        again: whether to fetch what is there already and undamaged.
        stop: whether the user wants to end; what came so far is kept for the next time.

    Raises:
        WeightsError: timm has none, the net cannot be reached, or what came is not the model's.
        KeyboardInterrupt: the user wants to end.
    """
    name = full_name(name)
    path = entry_path(cache, name)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f".{name}.lock", stop):
            if path.is_file() and not again:
                try:
                    return read_entry(path)[0]
                except WeightsError as error:
                    log.warning("%s They are fetched again.", error)
            return _fetch_locked(name, cache, stop)
    except OSError as error:
        raise WeightsError(
            f"The weights cannot be kept in {cache}: {error.strerror or error}; free space, check "
            "the rights or choose another folder."
        ) from error


def _fetch_locked(name: str, cache: Path, stop: Callable[[], bool]) -> WeightsEntry:
    known = timm.get_pretrained_cfg(name)
    assert known is not None  # full_name has found its tag
    if constants.HF_HUB_OFFLINE:
        raise WeightsError(
            f"The weights of '{name}' are not fetched: HF_HUB_OFFLINE is set; unset it."
        )
    tried: list[str] = []
    for address in _addresses(known, tried):
        target = cache / f".{name}.{address.key}"
        try:
            download(
                address.url,
                target,
                label=name,
                size=address.size,
                sha256=address.sha256,
                stop=stop,
            )
        except DownloadError as error:
            tried.append(f"{address.place} ({error})")
            continue
        try:
            state, _ = read_state(target)
            return store(
                entry_path(cache, name),
                name,
                state,
                source=f"timm {name} ({address.place})",
                licence=known.license or "not stated",
            )
        finally:
            target.unlink(missing_ok=True)
    raise WeightsError(
        f"timm's hub does not give the weights of '{name}': {'; '.join(tried) or 'no address'}."
    )


def _addresses(known: Any, tried: list[str]) -> Iterator[_Address]:  # noqa: ANN401 - timm's config
    """Where timm says that the weights lie, best first; what does not answer goes into `tried`."""
    if known.hf_hub_id:
        repository, _, revision = known.hf_hub_id.partition("@")
        place = f"{ENDPOINT}/{repository}"
        files = (known.hf_hub_filename,) if known.hf_hub_filename else _HUB_FILES
        for file in files:
            try:
                yield _on_hub(repository, revision or None, file, place)
            except EntryNotFoundError:
                tried.append(f"{place} (has no {file})")
            except _UnreachableError as error:
                tried.append(f"{place} ({error})")
                break
    url = known.url if isinstance(known.url, str) else ""
    if url and not known.custom_load:  # a custom format is no state dict
        found = _HASH_IN_NAME.search(url)
        prefix = found[1] if found else ""
        yield _Address(url, url, None, prefix, prefix or "file")


class _UnreachableError(Exception):
    """The hub does not answer; the message says why in a few words."""


def _on_hub(repository: str, revision: str | None, file: str, place: str) -> _Address:
    url = huggingface_hub.hf_hub_url(repository, file, revision=revision, endpoint=ENDPOINT)
    try:
        # Asked once, without the user's token: all of timm's weights are public.
        found = huggingface_hub.get_hf_file_metadata(url, token=False, timeout=TIMEOUT)
    except EntryNotFoundError:
        raise
    except Exception as error:  # the hub's client raises those of whatever HTTP library it has
        lines = str(error).strip().splitlines() or [""]
        raise _UnreachableError(f"{type(error).__name__}: {lines[0]}".rstrip(": ")) from error
    tag = found.etag or ""
    if found.commit_hash:
        url = huggingface_hub.hf_hub_url(
            repository, file, revision=found.commit_hash, endpoint=ENDPOINT
        )
    return _Address(
        url=url,
        place=f"{place}, commit {(found.commit_hash or 'unknown')[:12]}",
        size=found.size,
        sha256=tag if _SHA256.match(tag) else "",
        key=re.sub(r"[^0-9A-Za-z]", "", tag)[:16] or "file",
    )


@contextmanager
def _locked(path: Path, stop: Callable[[], bool]) -> Iterator[None]:
    """A lock between processes that is waited for as long as the user does not want to end."""
    lock = filelock.FileLock(path)
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except filelock.Timeout:
            if stop():
                raise KeyboardInterrupt from None
    try:
        yield
    finally:
        lock.release()
