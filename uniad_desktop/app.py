"""Puts a station together from what the user asked for: camera, model, records. No Qt."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.camera_opener import CameraOpener
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import InspectedFrame, Limits, ProductInfo
from uniad_desktop.model_watch import ModelWatch
from uniad_desktop.records.database import Records
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.retention import Retention
from uniad_desktop.records.station_lock import StationLock
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.camera_sets import set_of_product

if TYPE_CHECKING:
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.engine.package import ModelPackage

log = logging.getLogger(__name__)

DEFAULT_MODEL = "unified"
MOST_INFERENCE_THREADS = 8  # a network of this size gains nothing from more


def open_model(options: StationOptions) -> ModelPackage:
    """Opens the model package that was asked for, with every hash checked.

    Of a name it is the active version (``uniad-desktop versions``); where none was ever
    activated, the newest one. A folder or ``NAME@VERSION`` opens just that.

    Raises:
        PackageError: it is missing or damaged; an active version is never replaced by another.
    """
    from uniad_desktop.engine.package import PackageError, open_newest, open_package
    from uniad_desktop.teaching.activation import open_active
    from uniad_desktop.teaching.versions import model_folders, open_version

    if options.model and Path(options.model).is_dir():
        return open_package(options.model)
    if "/" in options.model or "\\" in options.model:
        raise PackageError(
            f"There is no model package at {options.model}; give the folder NAME/VERSION of one."
        )
    name, at, version = (options.model or DEFAULT_MODEL).partition("@")
    if at:
        return open_version(options.data_folder, name, version)
    active = open_active(options.data_folder, name)
    if active is not None:
        return active
    return open_newest(name, model_folders(options.data_folder))


def follows_activations(model: str) -> bool:
    """Whether a station with this ``--model`` changes to whatever version is activated.

    A folder or ``NAME@VERSION`` stays what it is.
    """
    return "@" not in model and not (model and Path(model).is_dir())


def product_list(package: ModelPackage) -> tuple[ProductInfo, ...]:
    """The products of a package as the station knows them."""
    return tuple(
        ProductInfo(
            key,
            dict(entry.titles),
            Limits(entry.accept, entry.reject),
            pixel_limit=entry.pixel_limit,
            least_area=entry.least_area,
            mm_per_pixel=entry.layout.mm_per_pixel,
            calibration=entry.calibration,
        )
        for key, entry in package.manifest.products.items()
    )


@dataclass(slots=True)
class RunningStation:
    """A station with everything that has to be closed with it."""

    station: Station
    keeping: RecordKeeping
    _camera: CameraOpener = field(repr=False)
    _watch: ModelWatch | None = field(default=None, repr=False)
    _port: TriggerPort | None = field(default=None, repr=False)

    def change_camera(self, serial: str, place: int = 0) -> None:
        """Has the station open another camera at the next start; returns at once.

        Args:
            serial: its serial number.
            place: this station has one camera.

        Raises:
            CameraError: no camera can be meant by this serial number.
        """
        self.station.change_camera(self._camera.other(f"serial:{serial}").open)

    def camera_index(self, place: int = 0) -> int | None:
        """The index that its camera was asked by, for which another one is remembered."""
        return self._camera.index

    @property
    def choices(self) -> tuple[CameraOpener]:
        """Who opens its camera, asked whether another one may be used."""
        return (self._camera,)

    def close(self) -> bool:
        """Closes camera, model, records and simulator; False if something had to be left."""
        unheard = self._port is None or self._port.close()
        watched = self._watch is None or self._watch.close()
        in_time = self.station.close() and watched and unheard
        self._camera.close()
        self.keeping.close()
        return in_time


class RecordKeeping:
    """What puts decisions on record: the lock of the data folder, recorder and retention.

    Raises:
        RecordsError: another station writes to this data folder.
    """

    def __init__(self, folder: Path, options: RecordsOptions) -> None:
        self._lock = StationLock(folder)
        self.recorder = Recorder(folder, options)
        self._retention = Retention(self._ready, options)

    def close(self) -> None:
        """Stores what waits and lets another station have the folder."""
        self._retention.close()
        lost = self.recorder.close()
        if lost:
            log.error("%d decisions could not be stored, or only without their image.", lost)
        self._lock.release()

    def _ready(self) -> tuple[Records, int] | None:
        records, station_id = self.recorder.records(), self.recorder.station_id
        return None if records is None or station_id is None else (records, station_id)


def inference_threads() -> int:
    """Threads for the model on the processor: all but one, which camera and screen need.

    Where every processor computes, each step waits for whichever is taken away by the camera, the
    screen or another program: on 2 processors with one busy that was 865 ms a part, not 90.
    """
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        processors = os.cpu_count() or 1
    return max(1, min(MOST_INFERENCE_THREADS, processors - 1))


def load_detector(package: ModelPackage, options: StationOptions) -> Detector:
    """Makes a package ready to run on this machine, in the runtime that was asked for."""
    # Imported here, on the inspector thread: the window need not wait for torch.
    from uniad_desktop.engine.detector import Detector

    return Detector.open(
        package, runtime=options.runtime, device=options.device, threads=inference_threads()
    )


def build_station(
    options: StationOptions,
    package: ModelPackage,
    sinks: Sequence[Callable[[InspectedFrame], None]] = (),
) -> RunningStation:
    """Builds a station that is not started yet.

    Raises:
        CameraError: the camera cannot be meant (a wrong spelling, a missing folder).
        StationError: the model has no product, or not the one that was asked for.
        RecordsError: another station writes to this data folder.
    """
    products = product_list(package)
    if not products:
        raise StationError(
            f"The model {package.identity.name} {package.identity.version} has no product with "
            "limits yet, so no part can be judged; set the limits of a product first, or choose "
            "another model with --model."
        )
    product = options.product or products[0].key
    opener = CameraOpener(options, product)

    keeping = RecordKeeping(options.data_folder, options.records)
    recorder = keeping.recorder
    try:
        opener.prepare()
        station = Station(
            open_source=opener.open,
            load_detector=lambda: load_detector(package, options),
            products=products,
            product=product,
            model=package.identity,
            trigger_mode=options.trigger_mode,
            sinks=[recorder.take, *sinks],
            records_state=recorder.state,
            cannot_store=recorder.cannot_store if options.records.mandatory else lambda: "",
            on_shift=recorder.begin_shift,
            features_for=lambda key: set_of_product(options.data_folder, key),
        )
    except Exception:
        keeping.close()
        opener.close()
        raise
    watch = None
    if follows_activations(options.model):
        watch = ModelWatch(
            station,
            options.data_folder,
            package.identity.name,
            lambda other: load_detector(other, options),
        )
    return RunningStation(station, keeping, opener, watch, listen(options.data_folder, [station]))


def listen(folder: Path, stations: Sequence[Station]) -> TriggerPort | None:
    """For ``uniad-desktop trigger`` and ``record --running``, which need a socket."""
    try:
        return TriggerPort(folder, stations)
    except OSError as error:
        log.warning("No other program can ask this station: %s.", error.strerror or error)
        return None
