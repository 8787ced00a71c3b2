"""GenTL producers: where the drivers (``.cti`` files) of this machine's cameras are."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATH_VARIABLE = "GENICAM_GENTL64_PATH"

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


def find_producers(environ: Mapping[str, str]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Finds the machine's producers as the GenTL standard says (GENICAM_GENTL64_PATH).

    The variable is a list of folders, separated by ``:`` (Windows: ``;``).

    Returns:
        The ``.cti`` files in the order of the variable, each once, and a sentence for every
        entry that is no folder or cannot be read.
    """
    found: dict[Path, None] = {}
    problems: list[str] = []
    for entry in environ.get(PATH_VARIABLE, "").split(os.pathsep):
        name = entry.strip().strip('"')
        if not name:
            continue
        folder = Path(name)
        if not folder.is_dir():
            problems.append(f"{PATH_VARIABLE} names {name}, which is not a folder; it was skipped.")
            continue
        try:
            files = sorted(item for item in folder.iterdir() if item.suffix.lower() == ".cti")
        except OSError as error:
            problems.append(f"The folder {name} of {PATH_VARIABLE} cannot be read: {error}.")
            continue
        found.update(dict.fromkeys(file.absolute() for file in files))
    return tuple(found), tuple(problems)


def looks_simulated(*names: str) -> bool:
    """Whether file, model or vendor names betray a producer that invents its pictures.

    A doubt counts as simulated: a real camera that is labelled SIMULATED is noticed at once, an
    invented picture labelled LIVE is not.
    """
    return any(mark in name.lower() for name in names for mark in _SIMULATION_MARKS)
