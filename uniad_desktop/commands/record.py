"""Raw frames of a camera, saved as it sent them.

uniad-desktop record --camera 0 --seconds 10 /data/line3
uniad-desktop record --camera 0 --trigger hardware:Line1 --seconds 60 /data/line3
uniad-desktop record --running
uniad-desktop --camera replay:/data/line3

With --running the station that inspects saves what it has in memory: the last seconds, after an
odd reject. Otherwise the camera is opened here, and no station may use it.

exit codes: 0 done, 3 camera; with --running 7 no station runs there, 8 it cannot save: nothing is
in memory, the disk is full, a recording is being written, it is busy, or was closed meanwhile
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from uniad_desktop.commands.arguments import count, positive
from uniad_desktop.commands.outcome import (
    EXIT_NO_STATION,
    EXIT_OK,
    EXIT_REFUSED,
    CommandError,
)
from uniad_desktop.commands.record_camera import record_camera
from uniad_desktop.commands.trigger_options import add_trigger_settings
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

_EXIT_ARGUMENTS = 2
_FREE = ("free-running", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the folder, the camera, what triggers it and how long."""
    add = parser.add_argument
    add(
        "folder",
        metavar="FOLDER",
        type=Path,
        nargs="?",
        help="the new recording (with --running by default one in the data folder)",
    )
    add(
        "--running",
        action="store_true",
        help="have the running station save the last seconds that it has in memory",
    )
    add("--data-dir", metavar="FOLDER", type=Path, help="the data folder of the station")
    add(
        "--camera",
        metavar="SPEC",
        help="index, serial number or sim (default: 0); with --running which of the station's "
        "cameras, from 1 (default: 1)",
    )
    add("--seconds", type=positive, default=10.0, metavar="S", help="how long (default: 10)")
    add(
        "--megabytes",
        type=count,
        metavar="MB",
        help="memory for the frames at most (default: half of what is free)",
    )
    add("--frame-rate", type=positive, metavar="HZ", help="of the simulated camera")
    group = parser.add_argument_group("trigger")
    add_trigger_settings(group)
    group.add_argument(
        "--trigger-every",
        type=positive,
        metavar="S",
        help="with --trigger software: seconds between two triggers (default: 0.5)",
    )


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it."""
    if options.folder is not None and options.folder.expanduser().exists():
        raise CommandError(f"{options.folder} is there already; give the recording another name.")
    if options.running:
        return _save_running(options, interrupt)
    if options.folder is None:
        raise CommandError("Name the folder of the new recording.", _EXIT_ARGUMENTS)
    return record_camera(options, interrupt)


def _save_running(options: argparse.Namespace, interrupt: Interrupt) -> int:
    from uniad_desktop.remote.client import NoStationError, RefusedError, TriggerClient
    from uniad_desktop.remote.protocol import MOST_SECONDS, SaveRequest

    _check_running(options)
    folder = "" if options.folder is None else str(options.folder.expanduser().absolute())
    request = SaveRequest(_number(options.camera), min(options.seconds, MOST_SECONDS), folder)
    try:
        with TriggerClient(options.data_dir or default_data_folder()) as station:
            saved = station.save(request, interrupt.raise_if_asked)
    except NoStationError as error:
        raise CommandError(str(error), EXIT_NO_STATION) from error
    except RefusedError as error:
        raise CommandError(str(error), EXIT_REFUSED) from error
    sys.stdout.write(
        f"{saved['frames']} frames of {saved['seconds']:.1f} s are saved in {saved['folder']}; "
        f"play them with --camera replay:{saved['folder']}\n"
    )
    return EXIT_OK


def _check_running(options: argparse.Namespace) -> None:
    given = {
        "--megabytes": options.megabytes is not None,
        "--frame-rate": options.frame_rate is not None,
        "--trigger": options.trigger != _FREE,
        "--trigger-activation": options.trigger_activation != "",
        "--trigger-delay": options.trigger_delay is not None,
        "--burst": options.burst != 1,
        "--trigger-every": options.trigger_every is not None,
    }
    wrong = [name for name, there in given.items() if there]
    if wrong:
        raise CommandError(
            f"{wrong[0]} does not go with --running: the station has its own settings; leave it "
            "out.",
            _EXIT_ARGUMENTS,
        )


def _number(text: str | None) -> int:
    try:
        return count(text or "1")
    except argparse.ArgumentTypeError as error:
        raise CommandError(
            f"--camera {text}: with --running it is the number of one of the station's cameras, "
            "from 1.",
            _EXIT_ARGUMENTS,
        ) from error
