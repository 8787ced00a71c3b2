"""A model for other programs, as ONNX or OpenVINO IR.

  uniad-desktop models export unified unified.onnx
  uniad-desktop models export unified unified.xml

The file takes RGB frames of any size as uint8 (batch, height, width, 3) and gives anomaly maps and
image scores in raw distance; scaling, normalisation, map and score are part of the graph. Products
with their limits stand in its metadata. It is written only after it gave the reference's answer.
A product's regions and tiles are not part of the graph: each tile is a frame of its own there.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from uniad_desktop.commands.outcome import EXIT_OK, CommandError
from uniad_desktop.commands.packages import PACKAGE_HELP, open_named_package
from uniad_desktop.interrupt import Interrupt

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the action's arguments."""
    parser.add_argument("package", metavar="PACKAGE", help=PACKAGE_HELP)
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="NAME.onnx, or NAME.xml for OpenVINO IR"
    )
    parser.add_argument("--data-dir", type=Path, metavar="FOLDER", help="data folder")


def run(options: argparse.Namespace, folder: Path, interrupt: Interrupt) -> int:
    """Exports; see the module's docstring.

    Raises:
        CommandError: the file cannot be written or does not give the reference's answer.
    """
    from uniad_desktop.engine.interchange.export import ExportError, export_package
    from uniad_desktop.engine.runtimes.base import RuntimeUnavailableError

    package = open_named_package(options.package, folder)
    interrupt.raise_if_asked()
    try:
        files, agreement = export_package(package, options.file)
    except (ExportError, RuntimeUnavailableError) as error:
        raise CommandError(str(error)) from error
    for file in files:
        sys.stdout.write(f"{file}  {file.stat().st_size / 1e6:.1f} MB\n")
    sys.stdout.write(f"{agreement.sentence()}\n")
    if any(entry.layout.regions for entry in package.manifest.products.values()):
        sys.stdout.write(
            "Some products are inspected in regions and tiles: whoever runs the file has to cut "
            "the frames as the metadata says.\n"
        )
    return EXIT_OK
