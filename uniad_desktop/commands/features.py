"""Features of a camera: look, change, keep as a file, bring back, compare.

  uniad-desktop features --camera 0
  uniad-desktop features --camera DA1234567 --list --visibility guru --json
  uniad-desktop features --camera 0 --get ExposureTime --set ExposureTime=5000 --set Gain=2
  uniad-desktop features --camera 0 --save line3.pfs
  uniad-desktop features --camera 0 --load line3.pfs
  uniad-desktop features --camera 0 --compare line3.pfs

Files are those that the viewers of camera makers read and write (.pfs). What is asked for is done
in the order load, set, get, compare, save, list.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uniad_desktop.commands.outcome import EXIT_CAMERA, EXIT_FAILED, EXIT_OK, CommandError
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.settings import default_data_folder

if TYPE_CHECKING:
    from uniad_desktop.cameras.feature_tree import Feature
    from uniad_desktop.cameras.genicam.source import GenicamSource

_VISIBILITIES = ("beginner", "expert", "guru")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    add = parser.add_argument
    add("--camera", default="0", metavar="SPEC", help="index, serial number or sim (default: 0)")
    add("--data-dir", type=Path, metavar="FOLDER", help="data folder")
    add("--load", type=Path, metavar="FILE", help="apply a feature set and read it back")
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="write a feature; a command is executed with NAME=true; repeatable, in this order",
    )
    add("--get", action="append", default=[], metavar="NAME", help="print a value; repeatable")
    add(
        "--compare",
        type=Path,
        metavar="FILE",
        help="what differs between a feature set and the camera; exit code 1 if anything does",
    )
    add("--save", type=Path, metavar="FILE", help="keep the camera's settings as a feature set")
    add("--list", action="store_true", help="every feature; what happens where nothing is asked")
    add("--visibility", choices=_VISIBILITIES, default="beginner", help="for whom (--list)")
    add("--json", action="store_true", help="JSON instead of text (--list, --get)")


def run(options: argparse.Namespace, interrupt: Interrupt) -> int:
    """Does it and returns the exit code; may raise `CommandError`."""
    from uniad_desktop.cameras.source import CameraError

    interrupt.raise_if_asked()
    changes = [_change(text) for text in options.set]
    code = EXIT_OK
    try:
        with _camera(options) as source:
            if options.load is not None:
                code = _load(source, options.load)
            for name, value in changes:
                interrupt.raise_if_asked()
                _write(source, name, value)
            if options.get:
                _get(source, options.get, as_json=options.json)
            if options.compare is not None:
                code = code or _compare(source, options.compare)
            if options.save is not None:
                _save(source, options.save)
            asked = options.load or changes or options.get or options.compare or options.save
            if options.list or not asked:
                _list(source.features(), options.visibility, as_json=options.json)
    except CameraError as error:
        raise CommandError(str(error), EXIT_CAMERA) from error
    return code


@contextmanager
def _camera(options: argparse.Namespace) -> Iterator[GenicamSource]:
    """Opens it, with the simulator beneath the simulated one. Raises CameraError."""
    from uniad_desktop.camera_opener import CameraOpener
    from uniad_desktop.cameras.genicam.source import GenicamSource
    from uniad_desktop.station_options import StationOptions

    folder: Path = options.data_dir or default_data_folder()
    opener = CameraOpener(StationOptions(options.camera, folder), "")
    try:
        opener.prepare()
        source = opener.open()
        try:
            if not isinstance(source, GenicamSource):
                raise CommandError(
                    f"{options.camera} is no GenICam camera, so it has no features; name a camera "
                    "by its index or serial number.",
                    EXIT_CAMERA,
                )
            yield source
        finally:
            source.close()
    finally:
        opener.close()


def _load(source: GenicamSource, path: Path) -> int:
    from uniad_desktop.cameras import feature_set

    wanted = feature_set.load(path)
    model = str(source.info.settings.get("DeviceModelName", ""))
    if wanted.model and wanted.model != model:
        _warn(
            f"{path} was made with the model {wanted.model}, this camera is of the model {model}."
        )
    report = source.apply_set(wanted)
    for problem in report.problems:
        _warn(problem.sentence)
    _say(
        f"{report.written} written, {report.unchanged} as they were, {len(report.problems)} not "
        "taken."
    )
    return EXIT_OK if report.complete else EXIT_CAMERA


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise CommandError(f"'{text}' is not NAME=VALUE like ExposureTime=5000.")
    return name.strip(), value.strip()


def _write(source: GenicamSource, name: str, value: str) -> None:
    from uniad_desktop.cameras.feature_tree import FeatureKind

    found = source.refresh((name,))
    executes = bool(found) and found[0].kind is FeatureKind.COMMAND and value.lower() == "true"
    source.write_feature(name, True if executes else value)


def _get(source: GenicamSource, names: Sequence[str], *, as_json: bool) -> None:
    values = {name: source.read_feature(name) for name in names}
    if as_json:
        _json(values)
    elif len(values) == 1:
        _say(_shown(next(iter(values.values()))))
    else:
        for name, value in values.items():
            _say(f"{name} = {_shown(value)}")


def _compare(source: GenicamSource, path: Path) -> int:
    from uniad_desktop.cameras import feature_set

    kept = feature_set.load(path)
    found = feature_set.compare(kept, source.read_set())
    for one in found:
        _say(one.sentence(path.name, "the camera"))
    if not found:
        _say(f"The camera is set as in {path.name}.")
    return EXIT_FAILED if found else EXIT_OK


def _save(source: GenicamSource, path: Path) -> None:
    from uniad_desktop.cameras import feature_set

    found = source.read_set()
    for sentence in found.left_out:
        _warn(sentence)
    feature_set.save(path, found)
    _say(f"{len(found.entries)} values of {found.model or 'the camera'} are kept in {path}.")


def _list(features: Sequence[Feature], visibility: str, *, as_json: bool) -> None:
    level = _VISIBILITIES.index(visibility)
    shown = [one for one in features if one.visibility <= level]
    if as_json:
        _json({"features": [_described(one) for one in shown]})
        return
    category: tuple[str, ...] | None = None
    for one in shown:
        if one.category != category:
            category = one.category
            _say(f"\n{' / '.join(category)}" if category else "")
        _say(f"  {one.name:32} {_value(one):24} {_about(one)}".rstrip())


def _value(one: Feature) -> str:
    if one.trouble:
        return "?"
    if one.kind == "command":
        return "(command)"
    if one.value is None:
        return "-"
    return f"{_shown(one.value)} {one.unit}".strip()


def _about(one: Feature) -> str:
    """What may be done with it."""
    if one.trouble:
        return one.trouble
    parts = [] if one.access.value == "read and write" else [one.access.value]
    if one.locked:
        parts = ["locked while the camera acquires"]
    if one.entries:
        parts.append(", ".join(entry.name for entry in one.entries))
    elif one.minimum is not None and one.writable:
        step = f" in steps of {_shown(one.increment)}" if one.increment not in (None, 1) else ""
        parts.append(f"{_shown(one.minimum)} to {_shown(one.maximum)}{step}")
    if one.selected_by:
        parts.append(f"selected by {', '.join(one.selected_by)}")
    return "; ".join(parts)


def _described(one: Feature) -> dict[str, Any]:
    return {**asdict(one), "visibility": _VISIBILITIES[one.visibility]}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _json(values: dict[str, Any]) -> None:
    _say(json.dumps(values, indent=2, ensure_ascii=False))


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")


def _warn(sentence: str) -> None:
    sys.stderr.write(f"uniad-desktop features: {sentence}\n")
