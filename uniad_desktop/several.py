"""Several cameras at one station: a product, limits and counters each, one model, one record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from uniad_desktop.app import (
    RecordKeeping,
    follows_activations,
    listen,
    load_detector,
    product_list,
)
from uniad_desktop.camera_opener import index_asked
from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.batching import BatchDetector, SharedModel
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.station import Station, StationError
from uniad_desktop.inspection.types import CameraPlace, InspectedFrame, ProductInfo, ProductName
from uniad_desktop.model_watch import ModelWatch
from uniad_desktop.remote.port import TriggerPort
from uniad_desktop.several_cameras import CameraAtPlace, CameraSet, images_of, resolve_cameras
from uniad_desktop.station_cameras import SettingsMemory
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching.camera_sets import set_of_product

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.engine.package import ModelPackage


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

    def change_camera(self, serial: str, place: int = 0) -> None:
        """Has one of the stations open another camera at its next start; returns at once.

        Args:
            serial: its serial number.
            place: of the camera that it takes the place of, counted from 0.
        """
        self._opener.change(place, serial)
        self.stations[place].change_camera(partial(self._opener.open, place))

    def camera_index(self, place: int = 0) -> int | None:
        """The index that a camera was asked by, for which another one is remembered."""
        return self._opener.places[place].index

    @property
    def choices(self) -> tuple[CameraAtPlace, ...]:
        """Who is asked whether another camera may be used, for each place."""
        return self._opener.places

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
    specs = resolve_cameras(cameras, options.producers, SettingsMemory(options.data_folder))
    known = product_list(package)
    if not known:
        raise StationError(
            f"The model {package.identity.name} {package.identity.version} has no product with "
            "limits yet, so no part can be judged; set the limits of a product first, or choose "
            "another model with --model."
        )
    chosen = [one or known[0].key for one in products]
    indices = [index_asked(one) for one in cameras]
    opener = CameraSet(options, specs, chosen[0], images_of(cameras), indices)
    keeping = RecordKeeping(options.data_folder, options.records)
    recorder = keeping.recorder
    shared = SharedModel(lambda: load_detector(package, options), len(specs))
    stations: list[Station] = []
    try:
        opener.prepare()
        for place, (spec, product) in enumerate(zip(specs, chosen, strict=True)):
            station = Station(
                open_source=partial(opener.open, place),
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
    cameras: Sequence[CameraSpec],
    former: Mapping[str, str],
    known: Collection[str],
) -> tuple[str, ...]:
    """The first product of each camera, empty for the first that the model knows.

    Args:
        asked: none, one for all cameras, or one for each.
        cameras: from `resolve_cameras`.
        former: what each had last, by `RunningStations.cameras`.
        known: products that the model knows.
    """
    names = [str(spec) for spec in cameras]
    wanted = asked if len(asked) == len(names) else list(asked or ("",)) * len(names)
    last = {name: key for name, key in former.items() if key in known}
    return tuple(one or last.get(name, "") for one, name in zip(wanted, names, strict=True))
