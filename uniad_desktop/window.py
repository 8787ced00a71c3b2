"""The station in its window: settings from the file and back, Ctrl-C, start."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from uniad_desktop.app import DEFAULT_MODEL
from uniad_desktop.cameras.discovery import DeviceList, list_devices
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.inspection.station import Station
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.review.background import FolderInspection
from uniad_desktop.review.source import ReviewSource
from uniad_desktop.settings import Settings, change_settings, load_settings
from uniad_desktop.station_cameras import add_producer, added_producers
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.camera_question import CameraChoice
from uniad_desktop.ui.main_window import run_window
from uniad_desktop.ui.review.filter_state import Wish
from uniad_desktop.ui.review_window import run_review_window
from uniad_desktop.ui.settings import FAVOURITES, UiSettings
from uniad_desktop.ui.setup.context import CameraChanger
from uniad_desktop.ui.several.window import run_several_window
from uniad_desktop.ui.station_versions import StationVersions
from uniad_desktop.ui.surroundings import Surroundings

log = logging.getLogger(__name__)


def run_station_window(
    station: Station,
    settings: Settings,
    folder: Path,
    *,
    fullscreen: bool,
    stop: Callable[[], bool],
    choose_version: bool = False,
    changer: CameraChanger | None = None,
    choices: Sequence[CameraChoice] = (),
) -> int:
    """Starts the station and shows its window until it is closed.

    Args:
        station: built, not started.
        settings: what was remembered; changes are written back to `folder`.
        folder: the data folder.
        fullscreen: whether the window fills the screen.
        stop: asked several times a second; True closes the window.
        choose_version: whether another version of the model can be chosen on the screen; the
            station must follow activations then.
        changer: has the station open another camera; None: the camera stays.
        choices: who opens the camera of the station; asked whether another one may be used.

    Returns:
        The exit code of Qt.
    """

    def remember(changed: UiSettings) -> None:
        _remember(changed, folder, product=station.product.key)

    shown = _shown(settings, fullscreen, remember)
    create_application(sys.argv[:1], shown)
    station.start()
    around = _around(folder, settings, station.model.name if choose_version else "")
    code = run_window(station, shown, replace(around, changer=changer, cameras=choices), stop=stop)
    remember(shown)
    return code


def run_stations_window(
    stations: Sequence[Station],
    cameras: Sequence[str],
    settings: Settings,
    folder: Path,
    *,
    fullscreen: bool,
    stop: Callable[[], bool],
    choose_version: bool = False,
    changer: CameraChanger | None = None,
    choices: Sequence[CameraChoice] = (),
) -> int:
    """Starts the stations of several cameras and shows their window until it is closed.

    Args:
        stations: built, not started.
        cameras: under which name the product of each is remembered.
        settings: as of `run_station_window`, like the rest.
        folder: the data folder.
        fullscreen: whether the window fills the screen.
        stop: asked several times a second; True closes the window.
        choose_version: whether another version of the model can be chosen on the screen.
        changer: has a station open another camera; None: the cameras stay.
        choices: who opens the camera of each station; asked whether another one may be used.

    Returns:
        The exit code of Qt.
    """

    def remember(changed: UiSettings) -> None:
        now = {
            camera: station.product.key for camera, station in zip(cameras, stations, strict=True)
        }
        _remember(changed, folder, products={**settings.products, **now})

    shown = _shown(settings, fullscreen, remember)
    create_application(sys.argv[:1], shown)
    for station in stations:
        station.start()
    around = _around(folder, settings, stations[0].model.name if choose_version else "")
    code = run_several_window(
        stations, shown, replace(around, changer=changer, cameras=choices), stop=stop
    )
    remember(shown)
    return code


def show_review(
    source: str,
    folder: Path,
    wanted: RecordFilter,
    *,
    model: str = "",
    product: str = "",
    stop: Callable[[], bool],
) -> int:
    """Shows a window with the Review page alone until it is closed.

    Args:
        source: folder, zip or data folder; empty: the records of this station.
        folder: the data folder of this station.
        wanted: which inspections are shown at first.
        model: judges what is new in a folder or zip: NAME, NAME@VERSION or the folder of a
            package; empty: what the station uses.
        product: key or title of the product of all images of `source`; empty: by their folders.
        stop: asked several times a second; True closes the window.

    Returns:
        The exit code of Qt.
    """
    settings, _ = load_settings(folder)

    shown = _shown(settings, settings.fullscreen, lambda changed: _remember(changed, folder))
    place = Path(source).expanduser().absolute()

    def judge(opened: ReviewSource) -> FolderInspection:
        of_all = product if opened.place == place else ""
        return FolderInspection(opened, folder, model=model, product=of_all)

    name = "" if Path(model).is_dir() else model.partition("@")[0]
    create_application(sys.argv[:1], shown)
    return run_review_window(
        source,
        shown,
        data_folder=folder,
        database=settings.records.database,
        model=name or DEFAULT_MODEL,
        wish=Wish.of(wanted),
        judge=judge,
        stop=stop,
    )


def _around(folder: Path, settings: Settings, model: str) -> Surroundings:
    """What every window has around it; `model`: whose versions can be chosen, empty for none."""
    return Surroundings(
        versions=StationVersions(folder, model) if model else None,
        # Where the model is fixed nothing that is taught would ever be used.
        data_folder=folder if model else None,
        database=settings.records.database,
        list_cameras=partial(_cameras, folder),
        add_producer=partial(_add_producer, folder),
        recordings=folder,
    )


def _cameras(folder: Path) -> DeviceList:
    """What the producers list, those that were added meanwhile too."""
    return list_devices(added=added_producers(folder))


def _add_producer(folder: Path, file: Path) -> None:
    """Has the station ask a producer from now on. Raises CameraError."""
    try:
        add_producer(folder, file)
    except OSError as error:
        raise CameraError(
            f"The settings in {folder} cannot be written: {error.strerror or error}; free space or "
            "check the rights."
        ) from error


def _shown(
    settings: Settings, fullscreen: bool, remember: Callable[[UiSettings], None]
) -> UiSettings:
    return UiSettings(
        language=settings.language,
        theme=settings.theme,
        heatmap=settings.heatmap,
        heatmap_strength=settings.heatmap_strength,
        fullscreen=fullscreen,
        favourites=FAVOURITES if settings.favourites is None else settings.favourites,
        on_change=remember,
    )


def _remember(changed: UiSettings, folder: Path, **more: object) -> None:
    """Writes what the window remembers, and `more` fields of the settings."""
    values = {
        "language": changed.language,
        "theme": changed.theme,
        "heatmap": changed.heatmap,
        "heatmap_strength": changed.heatmap_strength,
        "fullscreen": changed.fullscreen,
        **more,
        # As long as nobody chose, those of a newer version apply.
        "favourites": None if changed.favourites == FAVOURITES else changed.favourites,
    }
    try:
        change_settings(folder, lambda former: former.model_copy(update=values))
    except OSError as error:
        log.warning("The settings were not saved in %s: %s", folder, error.strerror or error)
