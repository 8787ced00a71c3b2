"""What every part of the Setup page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from uniad_desktop.cameras.discovery import DeviceList, list_devices
from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.engine.layout import Layout
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.recording_desk import RecordingDesk
from uniad_desktop.ui.station_like import StationLike

_AT_REST = (StationState.STOPPED, StationState.FINISHED, StationState.FAILED)


@dataclass(frozen=True, slots=True)
class ProductCamera:
    """Where the settings that belong to products are kept; every call reads or writes files.

    All raise CameraError or StoreError with a sentence for the user.

    Attributes:
        set_of: the feature set of a product by its key; None where it has none.
        keep: makes a set that of a product.
        layout_of: regions of a product; None where they are not known.
    """

    set_of: Callable[[str], FeatureSet | None]
    keep: Callable[[str, FeatureSet], None]
    layout_of: Callable[[str], Layout | None]


class CameraChanger(Protocol):
    """Who opens the cameras of the stations; places are counted from 0."""

    def change_camera(self, serial: str, place: int = 0) -> None:
        """Has the station at a place open another camera at its next start; returns at once."""
        ...

    def camera_index(self, place: int = 0) -> int | None:
        """The index that a camera was asked for by, which will mean the other one; None: none."""
        ...


@dataclass(frozen=True, slots=True)
class SetupContext:
    """Where things are and whom to tell.

    Attributes:
        station: the station whose camera is set up.
        ask: opens a sheet over the window.
        say: shows a sentence on the page until it is acknowledged; empty takes it away.
        title_of: what a product is called on the screen, by its key.
        favourites: names of the features with a star.
        remember: told of them when they change.
        products: the settings that belong to products; None: nothing can be kept.
        change_camera: has the station open another camera, by its serial number; None: it cannot.
        camera_index: the index that will mean that other one from then on; None: none will.
        held_here: serial numbers of all cameras that this program has open.
        list_cameras: asks for the cameras; takes seconds.
        add_producer: has a GenTL producer (``.cti``) be asked for cameras from now on; takes
            seconds, raises CameraError; None: none can be added.
        recording: raw frames in the memory of the station's camera; None: none can be saved.
        save_recording: saves them; returns at once.
    """

    station: StationLike
    ask: Ask
    say: Callable[[str], None]
    title_of: Callable[[str], str]
    favourites: tuple[str, ...] = ()
    remember: Callable[[tuple[str, ...]], None] = lambda _: None
    products: ProductCamera | None = None
    change_camera: Callable[[str], None] | None = None
    camera_index: Callable[[], int | None] = lambda: None
    held_here: Callable[[], frozenset[str]] = frozenset
    list_cameras: Callable[[], DeviceList] = field(default=list_devices)
    add_producer: Callable[[Path], object] | None = None
    recording: Callable[[], RecordingDesk | None] = lambda: None
    save_recording: Callable[[], object] = lambda: None


def acquiring(station: StationLike) -> bool:
    """Whether the camera acquires or is to, which locks features (SFNC TLParamsLocked)."""
    return station.state not in _AT_REST
