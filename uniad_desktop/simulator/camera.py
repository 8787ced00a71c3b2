"""Simulated cameras ready for use: the producer, its folder, and the process that feeds it."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import platformdirs
import psutil

from uniad_desktop.simulator.build import (
    PRODUCER_NAME,
    SimulatorError,
    built_from,
    compile_producer,
    source_hash,
)
from uniad_desktop.simulator.feeder_process import FeederProcess
from uniad_desktop.simulator.native.features import PRODUCTS, SENSOR_HEIGHT, SENSOR_WIDTH
from uniad_desktop.simulator.ring import SLOTS, PartRing, ShownPart

MAX_DEVICES = 16
FOLDER_PREFIX = "uniad-simcam-"
SHARED_MEMORY = Path("/dev/shm")

_LARGE_PICTURE = 8_000_000  # pixels; of larger ones fewer are kept ahead in memory
_LEAST_SLOTS = 2

logger = logging.getLogger(__name__)

__all__ = ["SimulatedCamera", "SimulatorError", "is_simulated_producer", "producer_path"]


def producer_path() -> Path:
    """Path of the compiled producer, which is built now if it is missing or out of date.

    Raises:
        SimulatorError: it cannot be built; the message names what to install.
    """
    wanted = source_hash()
    packaged = Path(__file__).parent / PRODUCER_NAME
    cached = platformdirs.user_cache_path("uniad-desktop") / f"simcam-{wanted}" / PRODUCER_NAME
    for path in (packaged, cached):
        if built_from(path) == wanted:
            return path
    target = packaged if _is_checkout(packaged.parent) else cached
    compiler = compile_producer(target)
    logger.info("The simulated camera was compiled with %s to %s.", compiler, target)
    return target


def _is_checkout(package: Path) -> bool:
    """Whether a producer may be built next to the sources, where it stays for the next time."""
    project = package.parents[1] / "pyproject.toml"
    # Windows cannot replace a library that some process has loaded.
    return os.name != "nt" and project.is_file() and os.access(package, os.W_OK)


def is_simulated_producer(path: str | Path) -> bool:
    """Whether a .cti file is the producer of this simulated camera, wherever it lies."""
    return built_from(Path(path)) is not None


class SimulatedCamera:
    """One or several simulated GenICam cameras and the line of parts in front of them.

    The camera process loads `producer` with `environment` set, and finds the cameras `serials`.
    Everything else (product, defect rate, exposure, trigger) goes through GenICam features.

    Use as a context manager, or call `start` and `close`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        devices: int = 1,
        product: str = PRODUCTS[0],
        defect_rate: float = 5.0,
        seed: int | None = None,
        frame_rate: float | None = None,
        images: Path | None = None,
    ) -> None:
        """Says what is wanted; nothing is made before `start`.

        Args:
            folder: where the rings of parts lie; a temporary one, in memory if possible, if None.
            devices: number of cameras, 1 to 16.
            product: product key at the beginning.
            defect_rate: percent of parts with a defect at the beginning, 0 to 100.
            seed: beginning of the parts, the same one gives the same parts; random if None.
            frame_rate: frames per second at power-up, 0.1 to 200; None for the camera's default.
            images: folder of images that the cameras show, again and again, instead of parts;
                the sensor has the size of the first one.

        Raises:
            SimulatorError: a value is out of its range, or the producer cannot be built.
        """
        if not 1 <= devices <= MAX_DEVICES:
            raise SimulatorError(f"There can be 1 to {MAX_DEVICES} simulated cameras.")
        if product not in PRODUCTS:
            raise SimulatorError(
                f"The simulated camera knows no product {product!r}, only {', '.join(PRODUCTS)}."
            )
        if not 0.0 <= defect_rate <= 100.0:
            raise SimulatorError("The rate of simulated defects lies between 0 and 100 percent.")
        if frame_rate is not None and not 0.1 <= frame_rate <= 200.0:
            raise SimulatorError("The simulated camera takes 0.1 to 200 frames per second.")
        self.producer = producer_path()
        self.serials = tuple(f"SIM{index:04d}" for index in range(1, devices + 1))
        self._given_folder = folder
        self._folder: Path | None = None
        self._product = product
        self._defect_rate = defect_rate
        self._seed = secrets.randbits(30) if seed is None else seed % 2**31
        self._frame_rate = frame_rate or 0.0
        self._images = images.expanduser().absolute() if images is not None else None
        self._rings: dict[str, PartRing] = {}
        self._lines = threading.Lock()
        self._feeder: FeederProcess | None = None

    @property
    def folder(self) -> Path:
        """Where the rings lie, and where a file SERIAL.unplug pulls a camera's cable."""
        if self._folder is None:
            raise SimulatorError("The simulated camera has not been started.")
        return self._folder

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the process that loads the producer, to be set before it does."""
        return {
            "UNIAD_SIMCAM_FOLDER": str(self.folder),
            "UNIAD_SIMCAM_DEVICES": str(len(self.serials)),
        }

    def start(self) -> None:
        """Makes the rings and starts the feeder; does nothing if that was done.

        Raises:
            SimulatorError: there is no space for the rings, or no image to replay.
        """
        if self._folder is not None:
            return
        _remove_stale_folders()
        size = (SENSOR_WIDTH, SENSOR_HEIGHT)
        if self._images is not None:
            from uniad_desktop.simulator.replay import images_in, sensor_size

            size = sensor_size(images_in(self._images))
        self._make_rings(size)
        self._feeder = FeederProcess(self.folder, self.serials, self._images)
        self._feeder.start()

    @property
    def has_parts(self) -> bool:
        """Whether there is a first part in front of every camera; drawing it takes a moment."""
        return all(ring.newest() is not None for ring in self._rings.values())

    def close(self) -> None:
        """Stops the feeder and removes the rings; for an open camera this pulls the cable."""
        if self._feeder is not None:
            self._feeder.close()
            self._feeder = None
        for ring in self._rings.values():
            ring.close()
        self._rings.clear()
        if self._folder is not None:
            _remove(self._folder, self.serials, whole=self._given_folder is None)
            self._folder = None

    def unplug(self, serial: str) -> None:
        """Pulls the cable of a camera."""
        (self.folder / f"{serial}.unplug").touch()

    def plug_in(self, serial: str) -> None:
        """Puts the cable back; the camera is found again at the next discovery."""
        (self.folder / f"{serial}.unplug").unlink(missing_ok=True)

    def shown(self, serial: str) -> list[ShownPart]:
        """The truth about the parts that passed a camera last, oldest first; at most 64."""
        return self._rings[serial].shown()

    def set_line(self, serial: str, line: int, high: bool) -> None:
        """Sets the level at an input of a camera: Line0 or Line1.

        The camera sees every change, in order, and none but those made while it is open.

        Args:
            serial: which camera.
            line: 0 or 1.
            high: the new level.

        Raises:
            SimulatorError: there is no such camera or line.
        """
        with self._lines:
            self._drive(serial, line, high)

    def pulse(self, serial: str, line: int) -> None:
        """A short pulse at an input: high, then low. Arguments and errors as with `set_line`."""
        with self._lines:
            self._drive(serial, line, True)
            self._drive(serial, line, False)

    def line_status(self, serial: str) -> int:
        """LineStatusAll of an open camera, Line0 in the lowest bit. Raises SimulatorError."""
        return self._ring(serial).lines()

    def _drive(self, serial: str, line: int, high: bool) -> None:
        try:
            self._ring(serial).drive_line(line, high)
        except ValueError as error:
            raise SimulatorError(f"{error}; there are Line0 and Line1.") from error

    def _ring(self, serial: str) -> PartRing:
        ring = self._rings.get(serial)
        if ring is None:
            raise SimulatorError(
                f"There is no simulated camera {serial}, only {', '.join(self._rings) or 'none'}."
            )
        return ring

    def __enter__(self) -> SimulatedCamera:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _make_rings(self, size: tuple[int, int]) -> None:
        trouble: OSError | None = None
        for base in [None] if self._given_folder is not None else _bases():
            folder = None
            try:
                folder = self._given_folder or Path(
                    tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=base)
                )
                folder.mkdir(parents=True, exist_ok=True)
                for index, serial in enumerate(self.serials):
                    self._rings[serial] = PartRing.create(
                        folder / f"{serial}.ring",
                        product=self._product,
                        defect_rate=self._defect_rate,
                        seed=(self._seed + index) % 2**31,
                        frame_rate=self._frame_rate,
                        size=size,
                        slots=SLOTS if size[0] * size[1] <= _LARGE_PICTURE else _LEAST_SLOTS,
                    )
            except OSError as error:
                trouble = error
                self._rings.clear()
                if folder is not None:
                    _remove(folder, self.serials, whole=self._given_folder is None)
            else:
                self._folder = folder
                return
        raise SimulatorError(f"There is no place for the parts of the simulated camera: {trouble}")


def _bases() -> list[str | None]:
    """Folders for temporary folders, the best first: shared memory spares the disk."""
    usable = SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK)
    return [str(SHARED_MEMORY), None] if usable else [None]


def _remove(folder: Path, serials: tuple[str, ...], *, whole: bool) -> None:
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        return
    names = [f"{serial}.{kind}" for serial in serials for kind in ("ring", "unplug", "ring.tmp")]
    for name in [*names, "feeder.log"]:
        # On Windows a mapped file cannot be removed; it goes with the next one of this name.
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _remove_stale_folders() -> None:
    """Removes folders of processes that ended without closing."""
    for base in _bases():
        for folder in Path(base or tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*-*"):
            owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
            if owner.isdecimal() and not psutil.pid_exists(int(owner)):
                # Folders of other users cannot be removed, which is right.
                shutil.rmtree(folder, ignore_errors=True)
