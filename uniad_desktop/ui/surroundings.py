"""What a station's window has around its stations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from uniad_desktop.cameras.discovery import DeviceList, list_devices
from uniad_desktop.ui.camera_question import CameraChoice
from uniad_desktop.ui.setup.context import CameraChanger
from uniad_desktop.ui.versions_like import ModelVersions


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where things are and who answers; without any of it the window shows its stations only.

    Attributes:
        versions: of the stations' model, to choose from; None: the model is shown only.
        data_folder: of the station, where products are taught; None: nothing can be taught, and
            there is nothing to review.
        database: where its records are: the URL of a server; empty: in the data folder.
        changer: has a station open another camera; None: the cameras stay.
        list_cameras: asks for the cameras; takes seconds.
        add_producer: has a GenTL producer be asked from now on; None: none can be added.
        cameras: who opens the camera of each station; without them a camera that has changed is
            told, not asked for.
        recordings: data folder in which raw frames are saved; None: they cannot be.
    """

    versions: ModelVersions | None = None
    data_folder: Path | None = None
    database: str = ""
    changer: CameraChanger | None = None
    list_cameras: Callable[[], DeviceList] = list_devices
    add_producer: Callable[[Path], object] | None = None
    cameras: Sequence[CameraChoice] = ()
    recordings: Path | None = None


ALONE = Surroundings()
