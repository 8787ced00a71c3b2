"""``uniad-desktop doctor``: what this machine has and lacks, and what to do about each."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from uniad_desktop import __version__
from uniad_desktop.doctor.display import why_no_display
from uniad_desktop.doctor.libraries import install_command, missing_libraries

LEAST_FREE_BYTES = 2_000_000_000
LEAST_SHARED_MEMORY_BYTES = 64_000_000


class Health(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is, and what to do."""

    name: str
    health: Health
    found: str
    remedy: str = ""


def run_doctor(data_folder: Path | None, *, as_json: bool) -> int:
    """Prints every finding; 0 if the station can run here, 1 if something prevents it."""
    from uniad_desktop.settings import default_data_folder

    folder = data_folder or default_data_folder()
    findings = examine(folder)
    if as_json:
        sys.stdout.write(json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2))
        sys.stdout.write("\n")
    else:
        for finding in findings:
            sys.stdout.write(format_finding(finding) + "\n")
    return int(any(finding.health is Health.PROBLEM for finding in findings))


def format_finding(finding: Finding) -> str:
    """A finding for a person: sign, name, what was found; the remedy on a line of its own."""
    sign = {Health.OK: "✓", Health.NOTE: "△", Health.PROBLEM: "✕"}[finding.health]
    line = f"{sign} {finding.name:<14} {finding.found}"
    return f"{line}\n{'':17}→ {finding.remedy}" if finding.remedy else line


def examine(data_folder: Path) -> list[Finding]:
    """All checks, each of which gives at least one finding."""
    checks: tuple[Callable[[], list[Finding]], ...] = (
        check_system,
        check_libraries,
        check_screen,
        check_chinese_font,
        lambda: check_cameras(data_folder),
        check_gpu,
        check_runtimes,
        lambda: check_model(data_folder),
        lambda: check_data_folder(data_folder),
        check_shared_memory,
    )
    return [finding for check in checks for finding in check()]


def check_system() -> list[Finding]:
    """Versions and processor."""
    found = (
        f"uniad-desktop {__version__}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors"
    )
    return [Finding("system", Health.OK, found)]


def check_libraries() -> list[Finding]:
    """The libraries that Qt's window needs."""
    missing = missing_libraries()
    if not missing:
        return [Finding("Qt libraries", Health.OK, "all there")]
    return [
        Finding(
            "Qt libraries",
            Health.NOTE,
            f"missing: {', '.join(missing)}; only --headless works",
            install_command(missing),
        )
    ]


def check_screen() -> list[Finding]:
    """A display to show the window on."""
    if not sys.platform.startswith("linux"):
        return [Finding("display", Health.OK, "the desktop of this system")]
    problem = why_no_display()
    if problem:
        return [Finding("display", Health.NOTE, problem, "--headless works without a display")]
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "")
    return [Finding("display", Health.OK, shown)]


def check_chinese_font() -> list[Finding]:
    """A font for the Chinese window."""
    tool = shutil.which("fc-list")
    if tool is None:
        return []
    listed = subprocess.run(
        [tool, ":lang=zh", "family"], capture_output=True, text=True, timeout=20, check=False
    )
    if listed.stdout.strip():
        return [Finding("Chinese font", Health.OK, listed.stdout.splitlines()[0])]
    return [
        Finding(
            "Chinese font",
            Health.NOTE,
            "none; the Chinese window would show boxes",
            "sudo apt-get install -y fonts-noto-cjk",
        )
    ]


def check_cameras(data_folder: Path | None = None) -> list[Finding]:
    """GenTL producers of this machine, their devices, and the simulated camera.

    Args:
        data_folder: whose settings name producers besides GENICAM_GENTL64_PATH.
    """
    from uniad_desktop.cameras.discovery import list_devices
    from uniad_desktop.cameras.genicam.loading import why_genicam_does_not_load
    from uniad_desktop.cameras.producers import NOT_INSTALLED, genicam_installed
    from uniad_desktop.station_cameras import added_producers

    if not genicam_installed():
        return [Finding("GenICam", Health.NOTE, NOT_INSTALLED)]
    why_not = why_genicam_does_not_load()
    if why_not:
        found, _, remedy = why_not.partition("; ")
        return [Finding("GenICam", Health.PROBLEM, found, remedy)]
    listed = list_devices(added=() if data_folder is None else added_producers(data_folder))
    findings = [Finding("GenTL", Health.PROBLEM, text) for text in listed.problems]
    for path, details in listed.details.items():
        name = " ".join(filter(None, (details.vendor, details.model, details.version)))
        findings.append(Finding("GenTL", Health.OK, f"{name} ({path})" if name else str(path)))
    for device in listed.devices:
        health = Health.PROBLEM if device.why_not else Health.OK
        findings.append(Finding("camera", health, str(device), device.why_not))
    if listed.remedy:
        found, _, remedy = listed.remedy.partition(". ")
        if not listed.producers:
            found += "; index 0 is the simulated camera"
        findings.append(Finding("camera", Health.NOTE, found, remedy))
    return [*findings, *_check_simulator()]


def _check_simulator() -> list[Finding]:
    from uniad_desktop.simulator.camera import SimulatorError, producer_path

    try:
        return [Finding("simulator", Health.OK, str(producer_path()))]
    except SimulatorError as error:
        return [Finding("simulator", Health.PROBLEM, str(error))]


def check_gpu() -> list[Finding]:
    """A CUDA device, or why the CPU is used."""
    import torch

    if torch.cuda.is_available():
        return [Finding("GPU", Health.OK, torch.cuda.get_device_name(0))]
    if shutil.which("nvidia-smi"):
        return [
            Finding(
                "GPU",
                Health.NOTE,
                f"there is an NVIDIA driver, but torch {torch.__version__} cannot use the card",
                "check that driver and torch build fit: nvidia-smi, "
                "python -c 'import torch; torch.cuda.init()'",
            )
        ]
    return [Finding("GPU", Health.OK, "none; the model runs on the processor")]


def check_runtimes() -> list[Finding]:
    """What a model can run on here beside torch."""
    from uniad_desktop.engine.runtimes import onnx_runtime, openvino_runtime
    from uniad_desktop.engine.runtimes.base import RuntimeUnavailableError

    try:
        precision = "bf16 and f32" if openvino_runtime.cpu_has_bf16() else "f32"
        version = openvino_runtime.openvino_version().split("-")[0]
        found = f"OpenVINO {version} in {precision} on {openvino_runtime.processor_name()}"
        findings = [Finding("runtime", Health.OK, found)]
    except RuntimeUnavailableError as error:
        findings = [Finding("runtime", Health.NOTE, str(error), "without it torch runs, slower")]
    try:
        found = f"ONNX Runtime {onnx_runtime.onnxruntime_version()}"
        findings.append(Finding("runtime", Health.OK, found))
    except RuntimeUnavailableError:
        found = "no ONNX Runtime; needed for exports to other programs only"
        findings.append(Finding("runtime", Health.OK, found))
    return findings


def check_model(data_folder: Path) -> list[Finding]:
    """The model that would be used, every file checked against its hash."""
    from uniad_desktop.app import open_model
    from uniad_desktop.engine.package import PackageError
    from uniad_desktop.station_options import StationOptions

    try:
        package = open_model(StationOptions(camera="0", data_folder=data_folder))
    except PackageError as error:
        remedy = "reinstall uniad-desktop, or give another package with --model"
        return [Finding("model", Health.PROBLEM, str(error), remedy)]
    identity = package.identity
    products = ", ".join(package.manifest.products)
    found = f"{identity.name} {identity.version} ({identity.sha256[:12]}): {products}"
    return [Finding("model", Health.OK, found)]


def check_data_folder(folder: Path) -> list[Finding]:
    """Right to write, and room on the disk."""
    from uniad_desktop.files import check_writable

    problem = check_writable(folder)
    if problem:
        return [Finding("data folder", Health.PROBLEM, problem)]
    free = shutil.disk_usage(folder).free
    found = f"{folder}, {free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        remedy = "free space on this disk or choose another with --data-dir"
        return [Finding("data folder", Health.PROBLEM, found, remedy)]
    return [Finding("data folder", Health.OK, found)]


def check_shared_memory() -> list[Finding]:
    """Room for the frames on their way from the camera's process."""
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return []
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e6:.0f} MB free in {folder}"
    if free < LEAST_SHARED_MEMORY_BYTES:
        remedy = "a camera needs 64 MB or more; in a container: --shm-size=1g"
        return [Finding("shared memory", Health.PROBLEM, found, remedy)]
    return [Finding("shared memory", Health.OK, found)]
