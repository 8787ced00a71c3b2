"""The cameras of a station with several: which ones are meant, and opening them."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.camera_opener import keep_accepted, means_simulator
from uniad_desktop.cameras.source import CameraError, FrameSource
from uniad_desktop.station_cameras import SettingsMemory, added_producers
from uniad_desktop.station_options import StationOptions

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.cameras.remembered import CameraChangedError, CameraMemory
    from uniad_desktop.simulator.camera import SimulatedCamera

MOST_CAMERAS: Final = 4
_SIMULATED = re.compile(r"SIM(\d{4})")
_MOST_SIMULATED: Final = 16


def resolve_cameras(
    asked: Sequence[str], producers: Sequence[str] = (), memory: CameraMemory | None = None
) -> tuple[CameraSpec, ...]:
    """What the specifications name, each another camera.

    Each ``sim`` is another simulated camera: the first one that is not named otherwise.

    Args:
        asked: 1 to 4 specifications.
        producers: GenTL producers that the settings name.
        memory: keeps which camera an index meant.

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
    named = [_as_serial(one, producers, memory) for one in specs]
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


def _as_serial(
    spec: CameraSpec, producers: Sequence[str], memory: CameraMemory | None
) -> CameraSpec:
    """An index that the simulator answers to is a serial number of it."""
    from uniad_desktop.cameras.open import CameraKind, CameraSpec

    if spec.kind is CameraKind.INDEX and means_simulator(spec, producers, memory):
        return CameraSpec(CameraKind.SERIAL, f"SIM{int(spec.value) + 1:04d}")
    return spec


@dataclass(slots=True)
class CameraAtPlace:
    """Which camera is opened at a place of the station.

    Attributes:
        spec: what it is named by now.
        index: by which it was asked for; None: it was named otherwise.
        changed: why it was not opened last: another camera is in its place; else None.
    """

    spec: CameraSpec
    index: int | None = None
    changed: CameraChangedError | None = None
    _accepted: CameraChangedError | None = None

    def accept(self) -> None:
        """The camera that was found is remembered at the next opening; returns at once."""
        self.changed, self._accepted = None, self.changed

    def take_accepted(self) -> CameraChangedError | None:
        """What was accepted since the last opening."""
        accepted, self._accepted, self.changed = self._accepted, None, None
        return accepted


class CameraSet:
    """Opens the cameras of a station, and the simulator beneath those that are simulated.

    Args:
        options: frame rate, defects and so on, for all of them.
        specs: from `resolve_cameras`.
        product: what simulated cameras show at first.
        images: a folder that they show instead.
        indices: by which each was asked for; None: it was named otherwise.

    Attributes:
        places: what is opened at each.
    """

    def __init__(
        self,
        options: StationOptions,
        specs: Sequence[CameraSpec],
        product: str,
        images: Path | None = None,
        indices: Sequence[int | None] = (),
    ) -> None:
        self._options = options
        self._product, self._images = product, images
        indices = indices or (None,) * len(specs)
        self.places = tuple(map(CameraAtPlace, specs, indices))
        self._memory = SettingsMemory(options.data_folder)
        self._simulator: SimulatedCamera | None = None
        self._lock = threading.Lock()
        self._serials: dict[str, int] = {}

    def prepare(self) -> None:
        """Starts the simulator where it is needed. Raises CameraError."""
        from uniad_desktop.simulator.camera import SimulatedCamera, SimulatorError
        from uniad_desktop.simulator.parts import PRODUCTS

        numbers = [
            int(found[1]) for one in self.places if (found := _SIMULATED.fullmatch(one.spec.value))
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
        from uniad_desktop.cameras.remembered import CameraChangedError

        at = self.places[place]
        accepted = at.take_accepted()
        if accepted is not None:
            keep_accepted(self._options.data_folder, accepted)
        try:
            source = self._open(place)
        except CameraChangedError as error:
            at.changed = error
            raise
        self._hold(place, source)
        return source

    def _open(self, place: int) -> FrameSource:
        from uniad_desktop.cameras.open import open_source
        from uniad_desktop.cameras.producers import SimulatorProducer

        simulator = None
        if self._simulator is not None:
            simulator = SimulatorProducer(
                self._simulator.producer, dict(self._simulator.environment)
            )
        return open_source(
            self.places[place].spec,
            simulator=simulator,
            # Those that were added since the start, too.
            added=(*self._options.producers, *added_producers(self._options.data_folder)),
            memory=self._memory,
            accept_camera=self._options.accept_camera,
            remember_as=self.places[place].index,
            taken=self._taken(place),
            loop=self._options.loop,
            frames_per_second=self._options.frame_rate,
            recording=self._options.recording,
        )

    def _hold(self, place: int, source: FrameSource) -> None:
        """Refuses a camera that is open at another place."""
        serial = source.info.serial
        with self._lock:
            others = {one: at for one, at in self._serials.items() if at != place}
            other = others.get(serial)
            self._serials = others if other is not None else {**others, serial: place}
        if other is not None:
            source.close()
            raise CameraError(
                f"{source.info.name}, serial {serial}, is camera {other + 1} of this station "
                "already; give another one with each --camera."
            )

    def _taken(self, place: int) -> frozenset[str]:
        """Serial numbers of the cameras of the other places, as far as they are known."""
        from uniad_desktop.cameras.open import CameraKind

        with self._lock:
            taken = {serial for serial, at in self._serials.items() if at != place}
        for other, at in enumerate(self.places):
            if other != place and at.spec.kind is CameraKind.INDEX:
                known = self._memory.recall(int(at.spec.value))
                taken |= {known.serial} if known is not None else set()
            elif other != place:
                taken.add(at.spec.value)
        return frozenset(taken)

    def change(self, place: int, serial: str) -> None:
        """Names another camera for a place, which `open` opens from now on; returns at once."""
        from uniad_desktop.cameras.open import CameraKind, CameraSpec

        with self._lock:
            self.places[place].spec = CameraSpec(CameraKind.SERIAL, serial)
            self.places[place].take_accepted()
            self._serials = {one: at for one, at in self._serials.items() if at != place}

    def close(self) -> None:
        """Ends the simulator."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None
