"""GenTL producers: where the drivers (``.cti`` files) of this machine's cameras are."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATH_VARIABLE = "GENICAM_GENTL64_PATH"
SUFFIX = ".cti"

NO_PRODUCER_REMEDY = (
    f"Install the GenTL producer of the camera's maker, which sets {PATH_VARIABLE} (log in again "
    "afterwards), or name its file with uniad-desktop cameras --add-producer FILE.cti."
)

NOT_INSTALLED = (
    "GenICam cameras are not available on this system because the packages harvesters and genicam "
    "are not installed; use a folder of images instead (folder:PATH)."
)

# File, model or vendor names of producers and transports that are known to invent their pictures.
_SIMULATION_MARKS = ("viky", "tlsimu", "simulat", "emulat", "virtual", "simcam")


@dataclass(frozen=True, slots=True)
class SimulatorProducer:
    """The simulated camera, handed in by the caller.

    Attributes:
        path: its ``.cti`` file.
        environment: variables that the process of the camera needs.
    """

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def genicam_installed() -> bool:
    """Whether harvesters and genicam can be imported; imports neither."""
    return all(importlib.util.find_spec(name) is not None for name in ("harvesters", "genicam"))


def find_producers(
    environ: Mapping[str, str], added: Sequence[str] = ()
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Finds the machine's producers: as the GenTL standard says, and those of the settings.

    GENICAM_GENTL64_PATH is a list of folders, separated by ``:`` (Windows: ``;``).

    Args:
        environ: where the variable is.
        added: files and folders that the settings of the station name besides.

    Returns:
        The ``.cti`` files in this order, each once even where links lead to it by several ways,
        and a sentence for every entry that is not there or cannot be read.
    """
    found: dict[Path, Path] = {}
    problems: list[str] = []

    def add(files: Iterable[Path]) -> None:
        for file in files:
            found.setdefault(file.resolve(), file.absolute())

    for entry in environ.get(PATH_VARIABLE, "").split(os.pathsep):
        name = entry.strip().strip('"')
        if not name:
            continue
        folder = Path(name)
        if not folder.is_dir():
            problems.append(f"{PATH_VARIABLE} names {name}, which is not a folder; it was skipped.")
            continue
        try:
            add(producers_in(folder))
        except OSError as error:
            problems.append(f"The folder {name} of {PATH_VARIABLE} cannot be read: {error}.")
    for name in added:
        place = Path(name)
        try:
            if place.is_dir():
                add(producers_in(place))
            elif place.is_file() and place.suffix.lower() == SUFFIX:
                add([place])
            else:
                what = "is no .cti file" if place.exists() else "does not exist"
                problems.append(
                    f"The settings name the GenTL producer {name}, which {what}; it was skipped. "
                    "Install it again, or remove it with uniad-desktop cameras --remove-producer."
                )
        except OSError as error:
            problems.append(f"The GenTL producer {name} of the settings cannot be read: {error}.")
    return tuple(found.values()), tuple(problems)


def producers_in(folder: Path) -> list[Path]:
    """The ``.cti`` files of a folder by name. Raises OSError."""
    return sorted(item for item in folder.iterdir() if item.suffix.lower() == SUFFIX)


def looks_simulated(*names: str) -> bool:
    """Whether file, model or vendor names betray a producer that invents its pictures.

    A doubt counts as simulated: a real camera that is labelled SIMULATED is noticed at once, an
    invented picture labelled LIVE is not.
    """
    return any(mark in name.lower() for name in names for mark in _SIMULATION_MARKS)
