"""Exports a package for other programs, checks the file and only then puts it in its place."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch

from uniad_desktop.engine.agreement import Agreement, compare, expect
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.interchange import onnx_file, openvino_file
from uniad_desktop.engine.package import ModelPackage
from uniad_desktop.engine.runtimes.eager import EagerRuntime
from uniad_desktop.engine.sample import sample_of

SUFFIXES = {".onnx": "ONNX", ".xml": "OpenVINO IR"}
_ENLARGED = 2.3  # frames are larger than the input, so that the scaling is checked as well


class ExportError(Exception):
    """A model could not be exported; the message is a sentence for the user."""


def export_package(package: ModelPackage, path: Path) -> tuple[tuple[Path, ...], Agreement]:
    """Writes a package's model as one graph from frames to maps and scores.

    Args:
        package: an opened package.
        path: ``.onnx``, or ``.xml`` for OpenVINO IR, whose weights go into a ``.bin`` beside it.
            Former files there are replaced once the new ones are checked.

    Returns:
        The files, and how they compared with the reference.

    Raises:
        ExportError: the suffix is none of these, or what was written strays from the reference.
        RuntimeUnavailableError: a library is missing, or the format cannot express the model.
        PackageError: the package cannot be used.
        OSError: the folder cannot be written.
    """
    if path.suffix not in SUFFIXES:
        raise ExportError(f"{path} must end in .onnx or .xml (OpenVINO IR).")
    model = load_model(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".exporting-", dir=path.parent) as name:
        fresh = Path(name) / path.name
        file: onnx_file.OnnxFile | openvino_file.OpenVinoFile
        if path.suffix == ".onnx":
            onnx_file.write(model, package, fresh)
            file = onnx_file.OnnxFile(fresh)
        else:
            openvino_file.write(model, package, fresh)
            file = openvino_file.OpenVinoFile(fresh)
        agreement = compare(
            file,
            expect(EagerRuntime(model, torch.device("cpu")), sample_of(package), enlarge=_ENLARGED),
            package.manifest.products,
        )
        del file  # Windows does not move files that are open
        if not agreement.passed:
            raise ExportError(f"Nothing was written: {agreement.sentence()}.")
        written = [path.with_name(one.name) for one in sorted(Path(name).iterdir())]
        for one in written:
            (Path(name) / one.name).replace(one)
    return tuple(written), agreement
