"""Opens the source that was asked for, and the simulator beneath it where it is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.cameras.source import CameraError, FrameSource
from uniad_desktop.station_cameras import SettingsMemory, added_producers
from uniad_desktop.station_options import StationOptions

if TYPE_CHECKING:
    from uniad_desktop.cameras.open import CameraSpec
    from uniad_desktop.cameras.remembered import CameraChangedError, CameraMemory
    from uniad_desktop.simulator.camera import SimulatedCamera

_SIMULATED_SERIAL = re.compile(r"SIM\d{4}")


@dataclass(slots=True)
class CameraOpener:
    """Opens the source that the options name, and the simulator beneath it where it is needed.

    Attributes:
        changed: why it was not opened last: another camera is in its place; else None.
        index: by which the camera was asked for at the start; None: it was named otherwise.
    """

    options: StationOptions
    product: str
    changed: CameraChangedError | None = None
    index: int | None = field(init=False)
    _accepted: CameraChangedError | None = None
    _simulator: SimulatedCamera | None = None

    @property
    def simulator(self) -> SimulatedCamera | None:
        """The line in front of a simulated camera; None of any other."""
        return self._simulator

    def __post_init__(self) -> None:
        self.index = index_asked(self.options.camera)

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
            keep_accepted(self.options.data_folder, accepted)
        return open_source(
            parse_camera(self.options.camera),
            simulator=simulator,
            # Those that were added since the start, too.
            added=(*self.options.producers, *added_producers(self.options.data_folder)),
            memory=memory,
            accept_camera=self.options.accept_camera,
            remember_as=self.index,
            loop=self.options.loop,
            frames_per_second=self.options.frame_rate,
            recording=self.options.recording,
        )

    def other(self, camera: str) -> CameraOpener:
        """Names another source, which `open` opens from now on. Raises CameraError.

        A real camera is remembered for the index that was asked for.
        """
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


def keep_accepted(data_folder: Path, accepted: CameraChangedError) -> None:
    """Has an index mean the camera that was found. Raises CameraError where that is not written."""
    try:
        SettingsMemory(data_folder).keep(accepted.index, accepted.found)
    except OSError as error:
        raise CameraError(
            f"The settings in {data_folder} cannot be written: {error.strerror or error}; free "
            "space or check the rights."
        ) from error


def index_asked(camera: str) -> int | None:
    """The index that a specification is; None where it names a camera otherwise.

    Raises:
        CameraError: it is no specification.
    """
    from uniad_desktop.cameras.open import CameraKind, parse_camera

    spec = parse_camera(camera)
    return int(spec.value) if spec.kind is CameraKind.INDEX else None


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
        return _SIMULATED_SERIAL.fullmatch(spec.value) is not None
    return spec.kind is CameraKind.SIMULATED
