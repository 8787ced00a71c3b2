"""The cameras of a station with several: which ones are meant, and opening them."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from uniad_desktop.camera_opener import means_simulator
from uniad_desktop.cameras.source import CameraError, FrameSource
from uniad_desktop.station_cameras import SettingsMemory, added_producers
from uniad_desktop.station_options import StationOptions

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.cameras.remembered import CameraMemory
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


class CameraSet:
    """Opens the cameras of a station, and the simulator beneath those that are simulated.

    Args:
        options: frame rate, defects and so on, for all of them.
        specs: from `resolve_cameras`.
        product: what simulated cameras show at first.
        images: a folder that they show instead.
        indices: by which each was asked for; None: it was named otherwise.
    """

    def __init__(
        self,
        options: StationOptions,
        specs: Sequence[CameraSpec],
        product: str,
        images: Path | None = None,
        indices: Sequence[int | None] = (),
    ) -> None:
        self._options, self._specs = options, list(specs)
        self._product, self._images = product, images
        self._indices = tuple(indices) or (None,) * len(specs)
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
            # Those that were added since the start, too.
            added=(*self._options.producers, *added_producers(self._options.data_folder)),
            memory=self._memory,
            accept_camera=self._options.accept_camera,
            remember_as=self.index(place),
            loop=self._options.loop,
            frames_per_second=self._options.frame_rate,
            recording=self._options.recording,
        )
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
        return source

    def index(self, place: int) -> int | None:
        """The index that the camera at a place was asked for by."""
        return self._indices[place]

    def change(self, place: int, serial: str) -> None:
        """Names another camera for a place, which `open` opens from now on; returns at once."""
        from uniad_desktop.cameras.open import CameraKind, CameraSpec

        with self._lock:
            self._specs[place] = CameraSpec(CameraKind.SERIAL, serial)
            self._serials = {one: at for one, at in self._serials.items() if at != place}

    def close(self) -> None:
        """Ends the simulator."""
        if self._simulator is not None:
            self._simulator.close()
            self._simulator = None
