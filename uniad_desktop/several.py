"""Several cameras at one station: a product, limits and counters each, one model, one record."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from uniad_desktop.app import (
    RecordKeeping,
    follows_activations,
    listen,
    load_detector,
    product_list,
)
from uniad_desktop.camera_opener import means_simulator
from uniad_desktop.cameras.source import CameraError, FrameSource
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.batching import BatchDetector, SharedModel
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import CameraPlace, InspectedFrame, ProductInfo, ProductName
from uniad_desktop.model_watch import ModelWatch
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.station_cameras import SettingsMemory
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.camera_sets import set_of_product

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.engine.package import ModelPackage
    from uniad_desktop.simulator.camera import SimulatedCamera

MOST_CAMERAS: Final = 4
_SIMULATED = re.compile(r"SIM(\d{4})")
_MOST_SIMULATED: Final = 16


def resolve_cameras(asked: Sequence[str], producers: Sequence[str] = ()) -> tuple[CameraSpec, ...]:
    """What the specifications name, each another camera.

    Each ``sim`` is another simulated camera: the first one that is not named otherwise.

    Args:
        asked: 1 to 4 specifications.
        producers: GenTL producers that the settings name.

    Raises:
        CameraError: too many, one that names no camera, or the same one twice.
    """
    from uniad_desktop.cameras.open import CameraKind, CameraSpec, parse_camera

    if not 1 <= len(asked) <= MOST_CAMERAS:
        raise CameraError(
            f"A station has 1 to {MOST_CAMERAS} cameras, and {len(asked)} were named; start "
            "another station with a data folder of its own for the others."
        )
    specs = [parse_camera(one) for one in asked]
    named = [_as_serial(one, producers) for one in specs]
    free = (f"SIM{number:04d}" for number in range(1, _MOST_SIMULATED + 1))
    taken = {one.value for one in named}
    for place, one in enumerate(named):
        if one.kind is CameraKind.SIMULATED:
            serial = next(serial for serial in free if serial not in taken)
            named[place] = CameraSpec(CameraKind.SERIAL, serial)
    for place, one in enumerate(named):
        if one in named[:place]:
            raise CameraError(
                f"The camera {asked[place]} is named twice; give another one with each --camera."
            )
    return tuple(named)


def images_of(asked: Sequence[str]) -> Path | None:
    """The folder that simulated cameras show instead of parts; None: they show parts.

    Raises:
        CameraError: they shall show different ones; there is one line in front of all.
    """
    from uniad_desktop.cameras.open import CameraKind, parse_camera

    specs = [parse_camera(one) for one in asked]
    shown = {one.value for one in specs if one.kind is CameraKind.SIMULATED}
    if len(shown) > 1:
        raise CameraError(
            "The simulated cameras of a station show the same; name one folder with each "
            "sim:FOLDER, or use folder:PATH for the others."
        )
    folder = next(iter(shown), "")
    return Path(folder) if folder else None


def _as_serial(spec: CameraSpec, producers: Sequence[str]) -> CameraSpec:
    """An index that the simulator answers to is a serial number of it."""
    from uniad_desktop.cameras.open import CameraKind, CameraSpec

    if spec.kind is CameraKind.INDEX and means_simulator(spec, producers):
        return CameraSpec(CameraKind.SERIAL, f"SIM{int(spec.value) + 1:04d}")
    return spec


class CameraSet:
    """Opens the cameras of a station, and the simulator beneath those that are simulated.

    Args:
        options: frame rate, defects and so on, for all of them.
        specs: from `resolve_cameras`.
        product: what simulated cameras show at first.
        images: a folder that they show instead.
    """

    def __init__(
        self,
        options: StationOptions,
        specs: Sequence[CameraSpec],
        product: str,
        images: Path | None = None,
    ) -> None:
        self._options, self._specs = options, specs
        self._product, self._images = product, images
        self._memory = SettingsMemory(options.data_folder)
        self._simulator: SimulatedCamera | None = None
        self._lock = threading.Lock()
        self._serials: dict[str, int] = {}

    def prepare(self) -> None:
        """Starts the simulator where it is needed. Raises CameraError."""
        from uniad_desktop.simulator.camera import SimulatedCamera, SimulatorError
        from uniad_desktop.simulator.parts import PRODUCTS

        numbers = [
            int(found[1]) for one in self._specs if (found := _SIMULATED.fullmatch(one.value))
        ]
        if not numbers:
            return
        options = self._options
        try:
            self._simulator = SimulatedCamera(
                devices=max(1, *numbers),
                product=self._product if self._product in PRODUCTS else PRODUCTS[0],
                defect_rate=5.0 if options.defect_rate is None else options.defect_rate,
                seed=options.seed,
                frame_rate=options.frame_rate,
                images=self._images,
            )
            self._simulator.start()
        except SimulatorError as error:
            raise CameraError(str(error)) from error

    def open(self, place: int) -> FrameSource:
        """Opens the camera at a place, counted from 0. Raises CameraError."""
        from uniad_desktop.cameras.open import open_source
        from uniad_desktop.cameras.producers import SimulatorProducer

        simulator = None
        if self._simulator is not None:
            simulator = SimulatorProducer(
                self._simulator.producer, dict(self._simulator.environment)
            )
        source = open_source(
            self._specs[place],
            simulator=simulator,
            added=self._options.producers,
            memory=self._memory,
            accept_camera=self._options.accept_camera,
            loop=self._options.loop,
            frames_per_second=self._options.frame_rate,
            recording=self._options.recording,
        )
        serial = source.info.serial
        with self._lock:
            other = self._serials.setdefault(serial, place)
        if other != place:
            source.close()
            raise CameraError(
                f"{source.info.name}, serial {serial}, is camera {other + 1} of this station "
                "already; give another one with each --camera."
            )
        return source

    def close(self) -> None:
        """Ends the simulator."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None


@dataclass(slots=True)
class RunningStations:
    """The stations of several cameras with everything that has to be closed with them.

    Attributes:
        stations: in the order of their cameras.
        cameras: what each was asked for as, for settings.
        shared: the model.
        keeping: the records of all.
    """

    stations: tuple[Station, ...]
    cameras: tuple[str, ...]
    shared: SharedModel
    keeping: RecordKeeping
    _opener: CameraSet = field(repr=False)
    _watch: ModelWatch | None = field(default=None, repr=False)
    _port: TriggerPort | None = field(default=None, repr=False)

    def close(self) -> bool:
        """Closes cameras, model, records and simulator; False if something had to be left."""
        unheard = self._port is None or self._port.close()
        watched = self._watch is None or self._watch.close()
        # At the same time: a camera that hangs has its time limit, and the others need none.
        with ThreadPoolExecutor(len(self.stations), "close-station") as pool:
            ended = [pool.submit(station.close) for station in self.stations]
            self.shared.stop_waiting()
            in_time = all([one.result() for one in ended])
        in_time = self.shared.close() and in_time
        self._opener.close()
        self.keeping.close()
        return in_time and watched and unheard


class _Together:
    """The stations as one whose model is watched."""

    def __init__(self, stations: Sequence[Station], shared: SharedModel) -> None:
        self._stations, self._shared = stations, shared

    @property
    def model(self) -> ModelIdentity:
        """Which model decides."""
        return self._stations[0].model

    def name_products(self, names: Mapping[str, ProductName]) -> None:
        """Has products be called what this station calls them."""
        for station in self._stations:
            station.name_products(names)

    def change_model(
        self, load_detector: Callable[[], DetectorLike], products: Sequence[ProductInfo]
    ) -> Future[None]:
        """Puts another model in the place of this one, for all cameras at once."""
        return self._shared.change_model(cast(Callable[[], BatchDetector], load_detector), products)


def build_stations(
    options: StationOptions,
    cameras: Sequence[str],
    products: Sequence[str],
    package: ModelPackage,
    sinks: Sequence[Callable[[InspectedFrame], None]] = (),
) -> RunningStations:
    """Builds a station per camera, none of them started yet.

    Args:
        options: of all; camera and product in them do not count.
        cameras: 1 to 4 specifications.
        products: key of the first product of each camera; empty: the first that the model knows.
        package: the model.
        sinks: called with every decision of every camera, on threads of their own; must not block.

    Raises:
        CameraError: a camera cannot be meant, or is named twice.
        StationError: the model has no product, or not one that was asked for.
        RecordsError: another station writes to this data folder.
    """
    specs = resolve_cameras(cameras, options.producers)
    images = images_of(cameras)
    known = product_list(package)
    if not known:
        raise StationError(
            f"The model {package.identity.name} {package.identity.version} has no product with "
            "limits yet, so no part can be judged; set the limits of a product first, or choose "
            "another model with --model."
        )
    chosen = [one or known[0].key for one in products]
    opener = CameraSet(options, specs, chosen[0], images)
    keeping = RecordKeeping(options.data_folder, options.records)
    recorder = keeping.recorder
    shared = SharedModel(lambda: load_detector(package, options), len(specs))
    stations: list[Station] = []
    try:
        opener.prepare()
        for place, (spec, product) in enumerate(zip(specs, chosen, strict=True)):
            station = Station(
                open_source=lambda place=place: opener.open(place),  # type: ignore[misc]
                load_detector=shared.attach,
                products=known,
                product=product,
                model=package.identity,
                trigger_mode=options.trigger_mode,
                sinks=[recorder.take, *sinks],
                records_state=recorder.state,
                cannot_store=recorder.cannot_store if options.records.mandatory else lambda: "",
                # A shift is that of the whole station: it goes on record once.
                on_shift=recorder.begin_shift if place == 0 else lambda at: None,
                features_for=lambda key: set_of_product(options.data_folder, key),
                place=CameraPlace(place + 1, len(specs), spec.value or str(spec)),
            )
            stations.append(station)
            shared.follow(station)
    except Exception:
        for station in stations:
            station.close()
        shared.close()
        keeping.close()
        opener.close()
        raise
    watch = None
    if follows_activations(options.model):
        watch = ModelWatch(
            _Together(stations, shared),
            options.data_folder,
            package.identity.name,
            lambda other: load_detector(other, options),
        )
    names = tuple(str(spec) for spec in specs)
    port = listen(options.data_folder, stations)
    return RunningStations(tuple(stations), names, shared, keeping, opener, watch, port)


def products_of(
    asked: Sequence[str],
    cameras: Sequence[str],
    former: Mapping[str, str],
    known: Collection[str],
    producers: Sequence[str] = (),
) -> tuple[str, ...]:
    """The first product of each camera, empty for the first that the model knows.

    Args:
        asked: none, one for all cameras, or one for each.
        cameras: specifications.
        former: what each had last, by `RunningStations.cameras`.
        known: products that the model knows.
        producers: GenTL producers that the settings name.

    Raises:
        CameraError: as `resolve_cameras`.
    """
    names = [str(spec) for spec in resolve_cameras(cameras, producers)]
    wanted = asked if len(asked) == len(names) else list(asked or ("",)) * len(names)
    last = {name: key for name, key in former.items() if key in known}
    return tuple(one or last.get(name, "") for one, name in zip(wanted, names, strict=True))
