"""The settings of a station: one versioned file, replaced atomically, the former one kept."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import filelock
import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uniad_desktop.cameras.remembered import CameraIdentity
from uniad_desktop.files import write_keeping_former
from uniad_desktop.records.options import RecordsOptions

log = logging.getLogger(__name__)

_LOCK_LIMIT_S = 2.0


class RecordingSettings(BaseModel):
    """How many of the raw frames of a GenICam camera are kept in memory.

    Attributes:
        seconds: age of the oldest one.
        megabytes: memory for them at most; 0: none are kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(default=10.0, gt=0.0, le=3600.0)
    megabytes: int = Field(default=512, ge=0, le=1 << 20)


class Settings(BaseModel):
    """What is remembered from one start to the next."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    version: Literal[1] = 1
    language: Literal["system", "en", "zh_CN"] = "system"
    theme: Literal["dark", "light"] = "dark"
    heatmap: bool = True
    heatmap_strength: float = Field(default=0.6, ge=0.0, le=1.0)
    fullscreen: bool = False
    product: str = ""
    favourites: tuple[str, ...] | None = None
    products: dict[str, str] = Field(default_factory=dict)
    """Key of the product per camera as it was asked for, where a station has several."""
    records: RecordsOptions = RecordsOptions()
    recording: RecordingSettings = RecordingSettings()
    producers: list[str] = []
    """GenTL producers besides those of GENICAM_GENTL64_PATH: ``.cti`` files, or folders of them."""
    cameras: dict[str, CameraIdentity] = {}
    """Which camera answered to ``--camera INDEX``, by the index."""


def default_data_folder() -> Path:
    """Where a station keeps what it writes: ``UNIAD_DATA_DIR``, else the user's data folder."""
    chosen = os.environ.get("UNIAD_DATA_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("uniad-desktop", False))


def load_settings(folder: Path) -> tuple[Settings, str]:
    """Reads ``settings.json`` of a data folder.

    A file that cannot be understood is set aside, not overwritten, and defaults are used.

    Returns:
        The settings, and a sentence for the user if something was wrong, else "".
    """
    path = folder / "settings.json"
    try:
        return Settings.model_validate_json(path.read_bytes()), ""
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, ValidationError, ValueError) as error:
        aside = path.with_suffix(".broken.json")
        log.debug("settings: %s", error)
        try:
            path.replace(aside)
        except OSError:
            return Settings(), f"The settings {path} cannot be read; defaults are used."
        return Settings(), (
            f"The settings {path} could not be understood; defaults are used and the file was "
            f"kept as {aside.name}."
        )


def save_settings(folder: Path, settings: Settings) -> None:
    """Writes ``settings.json`` atomically; the former one stays as ``settings.previous.json``.

    Raises:
        OSError: the folder cannot be written.
    """
    text = json.dumps(settings.model_dump(), indent=2).encode()
    write_keeping_former(folder / "settings.json", text)


def change_settings(folder: Path, change: Callable[[Settings], Settings]) -> Settings:
    """Reads the settings, changes them and writes them, while no other program does the same.

    So nothing is lost that a command wrote while the window was open, or the other way round.

    Args:
        folder: the data folder; made where it is missing.
        change: gives the changed settings; what it raises passes, and nothing is written.

    Returns:
        What was written.

    Raises:
        OSError: the folder cannot be written, or another program holds the settings for 2 s.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / ".settings.lock", timeout=_LOCK_LIMIT_S):
        former, problem = load_settings(folder)
        if problem:
            log.warning("%s", problem)
        changed = change(former)
        save_settings(folder, changed)
    return changed
