"""Raw frames of a camera, saved as it sent them.

uniad-desktop record --camera 0 --seconds 10 /data/line3
uniad-desktop --camera replay:/data/line3
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.arguments import count, positive
from uniad_desktop.commands.outcome import EXIT_CAMERA, EXIT_INTERRUPTED, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.cameras.recordings.ring import HasRecording, RecordingState
    from uniad_desktop.cameras.source import FrameSource

_LOOK_S = 0.1
_SPARE_MEMORY = 0.5  # of what is free may be used


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the folder, the camera and how long."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the new recording")
    parser.add_argument(
        "--camera", default="0", metavar="SPEC", help="index, serial number or sim (default: 0)"
    )
    parser.add_argument(
        "--seconds", type=positive, default=10.0, metavar="S", help="how long (default: 10)"
    )
    parser.add_argument(
        "--megabytes",
        type=count,
        metavar="MB",
        help="memory for the frames at most (default: half of what is free)",
    )
    parser.add_argument("--frame-rate", type=positive, metavar="HZ", help="of the simulated camera")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it; the frames wait in memory until the time is over, so that no disk slows them."""
    import psutil

    from uniad_desktop.camera_opener import CameraOpener
    from uniad_desktop.cameras.recordings.ring import HasRecording, RecordingOptions
    from uniad_desktop.cameras.source import CameraError
    from uniad_desktop.station_options import StationOptions

    folder: Path = options.folder.expanduser().absolute()
    if folder.exists():
        raise CommandError(f"{folder} is there already; give the recording another name.")
    free = int(psutil.virtual_memory().available * _SPARE_MEMORY) >> 20
    kept = RecordingOptions(options.seconds, options.megabytes or free)
    opener = CameraOpener(
        StationOptions(
            camera=options.camera,
            data_folder=default_data_folder(),
            frame_rate=options.frame_rate,
            recording=kept,
        ),
        product="",
    )
    try:
        opener.prepare()
        source = opener.open()
        try:
            if not isinstance(source, HasRecording):
                raise CommandError(
                    f"{options.camera} is no GenICam camera, so that it sends no raw frames; name "
                    "a camera.",
                    EXIT_CAMERA,
                )
            _take(source, options.seconds, interrupt)
            if interrupt.is_asked():
                return EXIT_INTERRUPTED
            state = _save(source, folder, options.seconds, interrupt)
        finally:
            source.stop()
            source.close()
    except CameraError as error:
        raise CommandError(str(error), EXIT_CAMERA) from error
    finally:
        opener.close()
    sys.stdout.write(
        f"{state.saved_frames} frames of {state.saved_seconds:.1f} s are saved in {folder}; play "
        f"them with --camera replay:{folder}\n"
    )
    if state.saved_seconds < options.seconds - 1.0:
        sys.stderr.write(
            "uniad-desktop: That is less than was asked for: the memory (--megabytes) held no "
            "more, or the camera sent no frames for a while.\n"
        )
    return EXIT_OK


def _take(source: FrameSource, seconds: float, interrupt: Interrupt) -> None:
    """Lets frames come for so long after the first one."""
    from uniad_desktop.cameras.source import CameraError, TriggerMode

    source.start(TriggerMode.FREE_RUNNING)
    until = time.monotonic() + max(10.0, seconds)
    first = False
    while time.monotonic() < until and not interrupt.is_asked():
        frame = source.next_frame(_LOOK_S)
        if frame is not None and not first:
            first = True
            until = time.monotonic() + seconds
    if not first and not interrupt.is_asked():
        raise CameraError("The camera has sent no frame; check its trigger settings and exposure.")


def _save(
    source: HasRecording, folder: Path, seconds: float, interrupt: Interrupt
) -> RecordingState:
    from uniad_desktop.cameras.recordings.ring import Saving
    from uniad_desktop.cameras.source import CameraError

    source.save_recording(folder, seconds)
    while (state := source.recording_state()).saving is Saving.WRITING:
        interrupt.raise_if_asked()
        time.sleep(_LOOK_S)
    if state.saving is not Saving.DONE:
        raise CameraError(state.detail)
    return state
