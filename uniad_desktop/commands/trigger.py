"""Fires the software trigger of the running station of a data folder.

uniad-desktop trigger
uniad-desktop trigger --wait
uniad-desktop trigger --count 10 --every 0.5 --wait --json

exit codes: 0 done, 7 no station runs there, 8 the station does not trigger now: it is not in
software trigger mode, inspects nothing, is busy, or was closed meanwhile
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from uniad_desktop.commands.arguments import count, not_negative
from uniad_desktop.commands.outcome import (
    EXIT_NO_STATION,
    EXIT_OK,
    EXIT_REFUSED,
    CommandError,
)
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds where the station is and how often it is triggered."""
    add = parser.add_argument
    add("--data-dir", metavar="FOLDER", type=Path, help="the data folder of the station")
    add("--camera", type=count, default=1, metavar="N", help="which of its cameras (default: 1)")
    add("--count", type=count, default=1, metavar="N", help="how many triggers (default: 1)")
    add(
        "--every",
        type=not_negative,
        default=0.0,
        metavar="S",
        help="seconds from one trigger to the next (default: at once)",
    )
    add("--wait", action="store_true", help="wait for the decision of each and print it")
    add("--json", action="store_true", help="one JSON object per decision")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it."""
    from uniad_desktop.remote.client import NoStationError, RefusedError, TriggerClient
    from uniad_desktop.remote.protocol import TriggerRequest

    folder: Path = options.data_dir or default_data_folder()
    request = TriggerRequest(options.camera, options.wait)
    due = time.monotonic()
    try:
        with TriggerClient(folder) as station:
            for _ in range(options.count):
                _wait_until(due, interrupt)
                due = max(due + options.every, time.monotonic())
                for one in station.trigger(request):
                    line = one["line"]
                    if options.json:
                        line = json.dumps(one["decision"], ensure_ascii=False)
                    sys.stdout.write(f"{line}\n")
                    sys.stdout.flush()
    except NoStationError as error:
        raise CommandError(str(error), EXIT_NO_STATION) from error
    except RefusedError as error:
        raise CommandError(str(error), EXIT_REFUSED) from error
    return EXIT_OK


def _wait_until(due: float, interrupt: Interrupt) -> None:
    while (left := due - time.monotonic()) > 0:
        interrupt.raise_if_asked()
        time.sleep(min(left, 0.05))
    interrupt.raise_if_asked()
