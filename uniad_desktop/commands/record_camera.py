"""A camera is opened, its raw frames wait in memory for so long, and are saved."""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop.commands.outcome import EXIT_CAMERA, EXIT_INTERRUPTED, EXIT_OK, CommandError
from uniad_desktop.commands.trigger_options import trigger_settings_of
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder, load_settings

if TYPE_CHECKING:
    from uniad_desktop.cameras.source import FrameSource, TriggerSettings
    from uniad_desktop.simulator.camera import SimulatedCamera

_LOOK_S = 0.1
_FIRST_FRAME_S = 10.0  # a camera that runs free has sent one by then
_FIRST_PART_S = 60.0  # where the machine does much else, drawing waits
_SPARE_MEMORY = 0.5  # of what is free may be used


def record_camera(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it; the frames wait in memory until the time is over, so that no disk slows them.

    Raises:
        CommandError: no such camera, no frame came, or they cannot be saved.
    """
    import psutil

    from uniad_desktop.camera_opener import CameraOpener
    from uniad_desktop.cameras.recordings.ring import HasRecording, RecordingOptions
    from uniad_desktop.cameras.recordings.saving import save_last
    from uniad_desktop.cameras.source import CameraError
    from uniad_desktop.station_options import StationOptions

    folder: Path = options.folder.expanduser().absolute()
    camera: str = "0" if options.camera is None else options.camera
    data_folder: Path = options.data_dir or default_data_folder()
    settings, problem = load_settings(data_folder)
    if problem:
        sys.stderr.write(f"uniad-desktop: {problem}\n")
    free = int(psutil.virtual_memory().available * _SPARE_MEMORY) >> 20
    opener = CameraOpener(
        StationOptions(
            camera=camera,
            data_folder=data_folder,
            frame_rate=options.frame_rate,
            recording=RecordingOptions(options.seconds, options.megabytes or free),
            producers=tuple(settings.producers),
        ),
        product="",
    )
    trigger = trigger_settings_of(options)
    try:
        opener.prepare()
        source = opener.open()
        try:
            if not isinstance(source, HasRecording):
                raise CommandError(
                    f"{camera} is no GenICam camera and sends no raw frames; name a camera.",
                    EXIT_CAMERA,
                )
            if opener.simulator is not None:
                _await_parts(opener.simulator, interrupt)
            came = _take(source, trigger, options, interrupt)
            if interrupt.is_asked():
                return EXIT_INTERRUPTED
            state = save_last(source, folder, options.seconds, interrupt.raise_if_asked)
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
    short = state.saved_seconds < options.seconds - 1.0
    # Triggered frames come when they come: only those that are missing are less than was asked for.
    if state.saved_frames < came if trigger.triggered else short:
        sys.stderr.write(
            "uniad-desktop: That is less than was asked for: the memory (--megabytes) held no "
            "more, or the camera sent no frames for a while.\n"
        )
    return EXIT_OK


def _await_parts(line: SimulatedCamera, interrupt: Interrupt) -> None:
    """The time that is recorded does not begin before the simulated line has its first part."""
    until = time.monotonic() + _FIRST_PART_S
    while not line.has_parts and time.monotonic() < until and not interrupt.is_asked():
        time.sleep(_LOOK_S)


def _take(
    source: FrameSource,
    trigger: TriggerSettings,
    options: argparse.Namespace,
    interrupt: Interrupt,
) -> int:
    """Lets frames come; how many were taken.

    Free running for so many seconds after the first frame, triggered for so many seconds in all.
    """
    from uniad_desktop.cameras.source import CameraError, TriggerMode

    source.start(trigger)
    seconds: float = options.seconds
    until = time.monotonic() + (seconds if trigger.triggered else max(_FIRST_FRAME_S, seconds))
    every = options.trigger_every or 0.5
    due = time.monotonic() if trigger.mode is TriggerMode.SOFTWARE else math.inf
    came = 0
    while (now := time.monotonic()) < until and not interrupt.is_asked():
        if now >= due:
            due = now + every
            source.trigger()
        frame = source.next_frame(max(0.0, min(_LOOK_S, due - now, until - now)))
        if frame is None:
            continue
        came += 1
        if came == 1 and not trigger.triggered:
            until = time.monotonic() + seconds
    if not came and not interrupt.is_asked():
        raise CameraError(_why_none(trigger, seconds))
    return came


def _why_none(trigger: TriggerSettings, seconds: float) -> str:
    from uniad_desktop.cameras.source import TriggerMode

    if trigger.mode is TriggerMode.HARDWARE:
        return (
            f"No frame was triggered within {seconds:g} s; check the line and its signal, or wait "
            "longer with --seconds."
        )
    return "The camera has sent no frame; check its trigger settings and exposure."
