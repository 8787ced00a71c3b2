"""Puts a station together from what the user asked for: camera, model, records. No Qt."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.cameras.recordings.ring import RecordingOptions
from uniad_desktop.cameras.source import CameraError, FrameSource, TriggerMode, TriggerSettings
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import InspectedFrame, Limits, ProductInfo
from uniad_desktop.model_watch import ModelWatch
from uniad_desktop.records.database import Records
from uniad_desktop.records.options import RecordsOptions
from uniad_desktop.records.recorder import Recorder
from uniad_desktop.records.retention import Retention
from uniad_desktop.records.station_lock import StationLock
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.station_cameras import SettingsMemory
from uniad_desktop.teaching.camera_sets import set_of_product

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.cameras.remembered import CameraChangedError, CameraMemory
    from uniad_desktop.engine.detector import Detector
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.simulator.camera import SimulatedCamera

log = logging.getLogger(__name__)

DEFAULT_MODEL = "unified"
MOST_INFERENCE_THREADS = 8  # a network of this size gains nothing from more
SIMULATED_SERIAL = re.compile(r"SIM\d{4}")


@dataclass(frozen=True, slots=True)
class StationOptions:
    """What the user asked for on the command line.

    Attributes:
        camera: what `cameras.open.parse_camera` reads.
        model: folder of a model package, its name, or NAME@VERSION; empty: the shipped one.
        product: key of the first product; empty: the first that the model knows.
        trigger_mode: free running, software or hardware trigger, or one with its settings.
        device: ``auto``, ``cpu`` or ``cuda``.
        runtime: a name of `engine.runtimes.choice.RUNTIMES`, or ``auto``.
        data_folder: where records, settings and logs go.
        loop: whether a folder of images starts anew at its end.
        frame_rate: frames per second of the simulated camera, a folder or a video; None: its
            default.
        defect_rate: per cent of the simulated parts that have a defect; None: its default.
        seed: seed of the simulated parts; None: a new one at each start.
        records: what is kept of inspections.
        recording: raw frames that are kept in memory.
        producers: GenTL producers that the settings name, files or folders.
        accept_camera: another camera may take the place of the one remembered for an index.
    """

    camera: str
    data_folder: Path
    model: str = ""
    product: str = ""
    trigger_mode: TriggerMode | TriggerSettings = TriggerMode.FREE_RUNNING
    device: str = "auto"
    runtime: str = "auto"
    loop: bool = False
    frame_rate: float | None = None
    defect_rate: float | None = None
    seed: int | None = None
    records: RecordsOptions = field(default_factory=RecordsOptions)
    recording: RecordingOptions = field(default_factory=RecordingOptions)
    producers: tuple[str, ...] = ()
    accept_camera: bool = False


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

    def change_camera(self, serial: str) -> None:
        """Has the station open another camera at the next start; returns at once.

        Raises:
            CameraError: no camera can be meant by this serial number.
        """
        self.station.change_camera(self._camera.other(f"serial:{serial}").open)

    @property
    def camera(self) -> CameraOpener:
        """Who opens its camera."""
        return self._camera

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


@dataclass(slots=True)
class CameraOpener:
    """Opens the source that the options name, and the simulator beneath it where it is needed.

    Attributes:
        changed: why it was not opened last: another camera is in its place; else None.
    """

    options: StationOptions
    product: str
    changed: CameraChangedError | None = None
    _accepted: CameraChangedError | None = None
    _simulator: SimulatedCamera | None = None

    @property
    def simulator(self) -> SimulatedCamera | None:
        """The line in front of a simulated camera; None of any other."""
        return self._simulator

    def accept(self) -> None:
        """The camera that was found is remembered at the next opening; returns at once."""
        self.changed, self._accepted = None, self.changed

    def prepare(self) -> None:
        """Starts the simulator already if the camera will be the simulated one.

        Rendering then begins while the model is still being loaded.
        """
        from uniad_desktop.cameras.open import parse_camera

        options = self.options
        memory = SettingsMemory(options.data_folder)
        spec = parse_camera(options.camera)
        if means_simulator(spec, options.producers, memory):
            self._start_simulator(spec)

    def open(self) -> FrameSource:
        """Opens the source. Raises CameraError with a sentence for the user."""
        from uniad_desktop.cameras.remembered import CameraChangedError

        self.changed = None
        try:
            return self._open()
        except CameraChangedError as error:
            self.changed = error
            raise

    def _open(self) -> FrameSource:
        from uniad_desktop.cameras.open import open_source, parse_camera
        from uniad_desktop.cameras.producers import SimulatorProducer

        simulator = None
        if self._simulator is None:
            self.prepare()
        if self._simulator is not None:
            simulator = SimulatorProducer(
                self._simulator.producer, dict(self._simulator.environment)
            )
        memory = SettingsMemory(self.options.data_folder)
        accepted, self._accepted = self._accepted, None
        if accepted is not None:
            try:
                memory.keep(accepted.index, accepted.found)
            except OSError as error:
                raise CameraError(
                    f"The settings in {self.options.data_folder} cannot be written: "
                    f"{error.strerror or error}; free space or check the rights."
                ) from error
        return open_source(
            parse_camera(self.options.camera),
            simulator=simulator,
            added=self.options.producers,
            memory=memory,
            accept_camera=self.options.accept_camera,
            loop=self.options.loop,
            frames_per_second=self.options.frame_rate,
            recording=self.options.recording,
        )

    def other(self, camera: str) -> CameraOpener:
        """Names another source, which `open` opens from now on. Raises CameraError."""
        from uniad_desktop.cameras.open import parse_camera

        parse_camera(camera)
        self.options = replace(self.options, camera=camera)
        return self

    def close(self) -> None:
        """Ends the simulator."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None

    def _start_simulator(self, spec: CameraSpec) -> None:
        from uniad_desktop.cameras.open import CameraKind
        from uniad_desktop.simulator.camera import SimulatedCamera, SimulatorError
        from uniad_desktop.simulator.parts import PRODUCTS

        options = self.options
        replayed = spec.kind is CameraKind.SIMULATED and spec.value
        try:
            self._simulator = SimulatedCamera(
                product=self.product if self.product in PRODUCTS else PRODUCTS[0],
                defect_rate=5.0 if options.defect_rate is None else options.defect_rate,
                seed=options.seed,
                frame_rate=options.frame_rate,
                images=Path(spec.value) if replayed else None,
            )
            self._simulator.start()
        except SimulatorError as error:
            raise CameraError(str(error)) from error


def means_simulator(
    spec: CameraSpec, producers: Sequence[str] = (), memory: CameraMemory | None = None
) -> bool:
    """Whether the simulated camera will answer.

    Never to an index where there are producers, or where a real camera answered before.

    Args:
        spec: what was asked for.
        producers: those that the settings name, files or folders.
        memory: keeps which camera an index meant.
    """
    from uniad_desktop.cameras.open import CameraKind
    from uniad_desktop.cameras.producers import find_producers

    if spec.kind is CameraKind.INDEX:
        known = None if memory is None else memory.recall(int(spec.value))
        return known is None and not find_producers(os.environ, producers)[0]
    if spec.kind is CameraKind.SERIAL:
        return SIMULATED_SERIAL.fullmatch(spec.value) is not None
    return spec.kind is CameraKind.SIMULATED


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
    """For ``uniad-desktop trigger``; a folder that takes no socket costs that command alone."""
    try:
        return TriggerPort(folder, stations)
    except OSError as error:
        log.warning("No other program can trigger this station: %s.", error.strerror or error)
        return None
