"""Cameras of this machine, and why one cannot be used.

uniad-desktop cameras
uniad-desktop cameras --json
uniad-desktop cameras --watch
uniad-desktop cameras --add-producer /opt/maker/lib/maker.cti
uniad-desktop cameras --remove-producer /opt/maker/lib/maker.cti
uniad-desktop cameras --forget 0

The index, the serial number or the user-defined name goes to --camera. Exit code 0 where --camera
INDEX would find a camera that can be used, the simulated one included where there is no producer;
3 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_INTERRUPTED, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.cameras.discovery import DeviceList

EXIT_CAMERA = 3
_PAUSE_S = 2.0
_POLL_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what can be done."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--watch", action="store_true", help="go on, and list them at each change")
    one.add_argument(
        "--add-producer",
        metavar="FILE",
        type=Path,
        help="use the GenTL producer FILE.cti too, where it lies; it is loaded once to check it",
    )
    one.add_argument(
        "--remove-producer", metavar="FILE", type=Path, help="no longer use one added this way"
    )
    one.add_argument(
        "--forget",
        metavar="INDEX",
        type=int,
        help="forget which camera answered to this index, so that another one may",
    )
    parser.add_argument("--json", action="store_true", help="JSON; with --watch an object a line")
    parser.add_argument("--data-dir", metavar="FOLDER", type=Path, help="the data folder")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it."""
    from uniad_desktop.cameras.source import CameraError

    folder: Path = options.data_dir or default_data_folder()
    try:
        if options.add_producer is not None:
            return _add(folder, options.add_producer)
        if options.remove_producer is not None:
            return _remove(folder, options.remove_producer)
    except CameraError as error:
        raise CommandError(str(error), EXIT_CAMERA) from error
    if options.forget is not None:
        return _forget(folder, options.forget)

    def look() -> DeviceList:
        return _look(folder)

    if options.watch:
        return watch(look, interrupt.is_asked, as_json=options.json)
    listed = look()
    _show(listed, as_json=options.json, indent=2)
    return EXIT_OK if listed.usable else EXIT_CAMERA


def watch(
    look: Callable[[], DeviceList],
    stop: Callable[[], bool],
    *,
    as_json: bool,
    pause_s: float = _PAUSE_S,
) -> int:
    """Shows the list at first and at each change, until the user ends it.

    Args:
        look: lists the cameras; takes a moment.
        stop: whether to end; asked often.
        as_json: whether each list is one line of JSON.
        pause_s: seconds between two looks.

    Returns:
        The exit code, which says that the user ended it.
    """
    former = None
    while not stop():
        listed = look()
        if listed != former:
            if not as_json:
                sys.stdout.write(f"{time.strftime('%H:%M:%S')}\n")
            _show(listed, as_json=as_json, indent=None)
            former = listed
        until = time.monotonic() + pause_s
        while time.monotonic() < until and not stop():
            time.sleep(min(_POLL_S, pause_s))
    return EXIT_INTERRUPTED


def _look(folder: Path) -> DeviceList:
    from dataclasses import replace

    from uniad_desktop.cameras.discovery import list_devices
    from uniad_desktop.cameras.producers import SimulatorProducer
    from uniad_desktop.simulator.camera import SimulatorError, producer_path
    from uniad_desktop.station_cameras import added_producers

    added = added_producers(folder)
    try:
        simulator = SimulatorProducer(producer_path())
    except SimulatorError as error:
        listed = list_devices(added=added)
        return replace(listed, problems=(*listed.problems, str(error)))
    return list_devices(simulator, added=added)


def _show(listed: DeviceList, *, as_json: bool, indent: int | None) -> None:
    from uniad_desktop.commands.cameras_table import as_object, as_text

    if as_json:
        import json

        text = json.dumps(as_object(listed), ensure_ascii=False, indent=indent) + "\n"
    else:
        text = as_text(listed)
    sys.stdout.write(text)
    sys.stdout.flush()


def _add(folder: Path, path: Path) -> int:
    from uniad_desktop.station_cameras import add_producer

    details = add_producer(folder, path)
    name = " ".join(filter(None, (details.vendor, details.model, details.version))) or path.name
    sys.stdout.write(f"Added: {name} ({path}). It stays where it is and is used from now on.\n")
    return EXIT_OK


def _remove(folder: Path, path: Path) -> int:
    from uniad_desktop.station_cameras import remove_producer

    remove_producer(folder, path)
    sys.stdout.write(f"Removed from the settings: {path}. The file itself stays.\n")
    return EXIT_OK


def _forget(folder: Path, index: int) -> int:
    from uniad_desktop.station_cameras import forget_camera

    forgotten = forget_camera(folder, index)
    if forgotten is None:
        sys.stdout.write(f"No camera was remembered for index {index}.\n")
    else:
        sys.stdout.write(f"Forgotten: camera {index} was {forgotten}.\n")
    return EXIT_OK
