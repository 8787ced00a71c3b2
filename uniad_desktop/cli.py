"""The command line. Imports stay light up here: the answer to --help must not wait for torch."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from uniad_desktop import __version__
from uniad_desktop.commands.arguments import count, percent, positive
from uniad_desktop.commands.dispatch import COMMANDS, run_command
from uniad_desktop.commands.trigger_options import (
    add_trigger_options,
    own_pace_of,
    trigger_settings_of,
)
from uniad_desktop.engine.runtimes.names import RUNTIME_NAMES
from uniad_desktop.interrupt import Interrupt

if TYPE_CHECKING:
    from uniad_desktop.app import RunningStation
    from uniad_desktop.records.filters import RecordFilter
    from uniad_desktop.settings import Settings
    from uniad_desktop.several import RunningStations
    from uniad_desktop.station_options import StationOptions

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CAMERA = 3
EXIT_MODEL = 4
EXIT_DATA_FOLDER = 5
EXIT_INTERRUPTED = 130
DEFAULT_CAMERA = "0"

EPILOG = (
    "commands, each with its own --help:\n"
    + "".join(f"  uniad-desktop {name:<10} {does}\n" for name, does in COMMANDS.items())
    + """
exit codes: 0 done, 1 unexpected failure, 2 wrong arguments, 3 camera, 4 model,
5 data folder, 6 images or lists to learn from, 7 no station runs there, 8 the station refuses,
130 ended by Ctrl-C or a signal
"""
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; see `EPILOG`."""
    interrupt = Interrupt()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Read by torch when it is loaded: threads that wait must not spin on a processor that the
    # camera or the screen could use.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    interrupt.watch_parent()
    with interrupt.handled():
        try:
            if given and given[0] in COMMANDS:
                windows = {"review": partial(_show_review, interrupt)}
                return run_command(given[0], given[1:], interrupt, windows.get(given[0]))
            parser = build_parser()
            options = parser.parse_args(given)
            cameras, products = len(options.camera or [""]), len(options.product or [""])
            if products not in {1, cameras}:
                parser.error(
                    f"{products} products for {cameras} cameras: give --product once for all "
                    "cameras, or once for each in the same order"
                )
            if options.command == "doctor":
                from uniad_desktop.doctor.report import run_doctor

                return run_doctor(options.data_dir, as_json=options.json)
            return _run_station(options, interrupt)
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
        except BrokenPipeError:
            # Whoever read our lines has gone, as `| head` does; that is no failure of ours.
            sys.stdout = None
            return EXIT_OK


def build_parser() -> argparse.ArgumentParser:
    """The arguments of the program."""
    parser = argparse.ArgumentParser(
        prog="uniad-desktop",
        description="Inspection station: camera, one anomaly model for every product, verdicts.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"uniad-desktop {__version__}")
    parser.add_argument(
        "command",
        nargs="?",
        choices=["doctor"],
        help="doctor: check display, cameras, GPU, model, disk and say what to do",
    )
    add = parser.add_argument_group("camera").add_argument
    add(
        "--camera",
        action="append",
        metavar="SPEC",
        help="index, serial number, user-defined name, sim, sim:FOLDER, folder:PATH, video:FILE or "
        "webcam:N or replay:FOLDER (default: 0; the simulated camera answers to an index only "
        "where no GenTL producer is installed); up to four times for several cameras",
    )
    add(
        "--accept-camera",
        action="store_true",
        help="use another camera from now on where the one that answered to the index is gone",
    )
    add(
        "--frame-rate",
        type=positive,
        metavar="HZ",
        help="of the simulated camera, a folder or video",
    )
    add("--loop", action="store_true", help="a folder or video starts anew at its end")
    add("--defect-rate", type=percent, metavar="%", help="share of simulated parts with a defect")
    add("--seed", type=int, help="seed of the simulated parts (default: a new one each time)")
    add_trigger_options(parser.add_argument_group("trigger"))
    add = parser.add_argument_group("model").add_argument
    add(
        "--model",
        default="",
        metavar="NAME|FOLDER",
        help="NAME, NAME@VERSION or the folder of a package (default: the shipped)",
    )
    add(
        "--product",
        action="append",
        metavar="KEY",
        help="product to inspect (default: the last one); once for all cameras, or for each",
    )
    add("--device", choices=["auto", "cpu", "cuda"], default="auto")
    add(
        "--runtime",
        choices=RUNTIME_NAMES,
        default="auto",
        help="what computes (default: auto, the fastest here that gives the reference's answer)",
    )
    add = parser.add_argument_group("output").add_argument
    add("--headless", action="store_true", help="no window: one line per decision")
    add("--frames", type=count, metavar="N", help="headless: end after N decisions")
    add("--json", action="store_true", help="one JSON object per line")
    add("--data-dir", type=Path, metavar="FOLDER", help="settings, logs and records")
    add("--verbose", action="store_true", help="more on what happens, to standard error")
    add = parser.add_argument_group("window").add_argument
    add("--language", choices=["system", "en", "zh_CN"])
    add("--theme", choices=["dark", "light"])
    add("--fullscreen", action="store_true")
    return parser


def _run_station(options: argparse.Namespace, interrupt: Interrupt) -> int:
    from uniad_desktop.files import check_writable
    from uniad_desktop.settings import default_data_folder, load_settings

    folder: Path = options.data_dir or default_data_folder()
    problem = check_writable(folder)
    if problem:
        _say(problem)
        return EXIT_DATA_FOLDER
    _set_up_logging(folder, options.verbose)
    settings, problem = load_settings(folder)
    if problem:
        _say(problem)
    headless = options.headless or options.json or options.frames is not None
    if not headless:
        from uniad_desktop.doctor.display import why_no_window

        problem = why_no_window()
        if problem:
            _say(f"{problem} — going on without a window (--headless).")
            headless = True
    return _with_station(options, folder, settings, interrupt, headless=headless)


def _with_station(
    options: argparse.Namespace,
    folder: Path,
    settings: Settings,
    interrupt: Interrupt,
    *,
    headless: bool,
) -> int:
    from uniad_desktop.app import build_station, open_model
    from uniad_desktop.cameras.genicam.process import kill_all
    from uniad_desktop.cameras.source import CameraError
    from uniad_desktop.engine.package import PackageError
    from uniad_desktop.headless import DecisionPrinter
    from uniad_desktop.inspection.station import StationError
    from uniad_desktop.records.database import RecordsError
    from uniad_desktop.several import build_stations, products_of
    from uniad_desktop.several_cameras import resolve_cameras
    from uniad_desktop.station_cameras import SettingsMemory

    interrupt.when_ended_at_once(kill_all)
    asked = _station_options(options, folder, settings)
    cameras: list[str] = options.camera or [DEFAULT_CAMERA]
    printer = DecisionPrinter(as_json=options.json, cameras=len(cameras))
    sinks = [printer.take] if headless else []
    running: RunningStation | RunningStations
    try:
        package = open_model(asked)
        known = package.manifest.products
        interrupt.raise_if_asked()
        if len(cameras) > 1:
            products = products_of(
                options.product or (),
                resolve_cameras(cameras, settings.producers, SettingsMemory(folder)),
                settings.products,
                known,
            )
            running = build_stations(asked, cameras, products, package, sinks)
        else:
            if not asked.product and settings.product in known:
                asked = _with_product(asked, settings.product)
            running = build_station(asked, package, sinks)
    except CameraError as error:
        _say(str(error))
        return EXIT_CAMERA
    except PackageError as error:
        _say(str(error))
        return EXIT_MODEL
    except StationError as error:
        _say(str(error))
        return EXIT_MODEL
    except RecordsError as error:
        _say(str(error))
        return EXIT_DATA_FOLDER
    ended = False
    try:
        if headless:
            code = _run_headless(options, running, printer, interrupt)
        else:
            code = _run_window(options, running, folder, settings, interrupt)
    finally:
        ended = running.close()
        kill_all()  # drivers that hang, and those that were being asked for their cameras
        if not ended:
            _say("A camera or model did not end in time and was left behind.")
    return code if ended else _leave(code)


def _leave(code: int) -> int:
    """Ends the process at once: a library that still computes would abort an orderly end."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _run_headless(
    options: argparse.Namespace,
    running: RunningStation | RunningStations,
    printer: object,
    interrupt: Interrupt,
) -> int:
    from uniad_desktop.headless import DecisionPrinter, Ending, run_headless
    from uniad_desktop.headless_several import run_several
    from uniad_desktop.several import RunningStations

    assert isinstance(printer, DecisionPrinter)
    run = (
        partial(run_several, running.stations, say=_say)
        if isinstance(running, RunningStations)
        else partial(run_headless, running.station)
    )
    ending, sentence = run(
        printer,
        stop=interrupt.is_asked,
        frames=options.frames,
        trigger_every_s=own_pace_of(options),
    )
    if sentence:
        _say(sentence)
    return {
        Ending.DONE: EXIT_OK,
        Ending.INTERRUPTED: EXIT_INTERRUPTED,
        Ending.CAMERA: EXIT_CAMERA,
        Ending.MODEL: EXIT_MODEL,
        Ending.FAILED: EXIT_FAILED,
    }[ending]


def _run_window(
    options: argparse.Namespace,
    running: RunningStation | RunningStations,
    folder: Path,
    settings: Settings,
    interrupt: Interrupt,
) -> int:
    from uniad_desktop.app import follows_activations
    from uniad_desktop.several import RunningStations
    from uniad_desktop.window import run_station_window, run_stations_window

    for name in ("language", "theme"):
        if getattr(options, name) is not None:
            setattr(settings, name, getattr(options, name))
    run = (
        partial(
            run_stations_window,
            running.stations,
            running.cameras,
            changer=running,
            choices=running.choices,
        )
        if isinstance(running, RunningStations)
        else partial(
            run_station_window,
            running.station,
            changer=running,
            choices=running.choices,
        )
    )
    code = run(
        settings,
        folder,
        fullscreen=options.fullscreen or settings.fullscreen,
        stop=interrupt.is_asked,
        choose_version=follows_activations(options.model),
    )
    return EXIT_INTERRUPTED if interrupt.is_asked() else code


def _show_review(interrupt: Interrupt, options: argparse.Namespace, wanted: RecordFilter) -> int:
    """The window of ``review``: no camera is opened and nothing is inspected by the station."""
    from uniad_desktop.settings import default_data_folder
    from uniad_desktop.window import show_review

    folder: Path = options.data_dir or default_data_folder()
    _set_up_logging(folder, options.verbose)
    code = show_review(
        options.source,
        folder,
        wanted,
        model=options.model,
        product=options.product,
        stop=interrupt.is_asked,
    )
    return EXIT_INTERRUPTED if interrupt.is_asked() else code


def _station_options(
    options: argparse.Namespace, folder: Path, settings: Settings
) -> StationOptions:
    from uniad_desktop.cameras.recordings.ring import RecordingOptions
    from uniad_desktop.station_options import StationOptions

    return StationOptions(
        camera=(options.camera or [DEFAULT_CAMERA])[0],
        data_folder=folder,
        model=options.model,
        product=(options.product or [""])[0],
        trigger_mode=trigger_settings_of(options),
        device=options.device,
        runtime=options.runtime,
        loop=options.loop,
        frame_rate=options.frame_rate,
        defect_rate=options.defect_rate,
        seed=options.seed,
        records=settings.records,
        recording=RecordingOptions(settings.recording.seconds, settings.recording.megabytes),
        producers=tuple(settings.producers),
        accept_camera=options.accept_camera,
    )


def _with_product(options: StationOptions, product: str) -> StationOptions:
    from dataclasses import replace

    return replace(options, product=product)


def _set_up_logging(folder: Path, verbose: bool) -> None:
    """Everything to a bounded file in the data folder; warnings to standard error."""
    root = logging.getLogger("uniad_desktop")
    root.setLevel(logging.DEBUG)
    root.propagate = False
    for old in tuple(root.handlers):
        root.removeHandler(old)
        old.close()
    shown = logging.StreamHandler()
    shown.setLevel(logging.DEBUG if verbose else logging.WARNING)
    shown.setFormatter(_Sentences("uniad-desktop: %(message)s"))
    root.addHandler(shown)
    try:
        (folder / "logs").mkdir(exist_ok=True)
        kept = logging.handlers.RotatingFileHandler(
            folder / "logs" / "uniad-desktop.log", maxBytes=2_000_000, backupCount=4, delay=True
        )
    except OSError as error:
        _say(f"No log is kept: {error.strerror or error}.")
        return
    kept.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(kept)


class _Sentences(logging.Formatter):
    """The screen gets the sentence; the traceback is for the log file."""

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__)
        shown.exc_info = shown.exc_text = shown.stack_info = None
        return super().format(shown)


def _say(sentence: str) -> None:
    sys.stderr.write(f"uniad-desktop: {sentence}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
