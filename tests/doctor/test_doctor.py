from __future__ import annotations

import re
from pathlib import Path

import pytest

from uniad_desktop.doctor import display, libraries, report
from uniad_desktop.doctor.report import Health
from uniad_desktop.engine.runtimes import openvino_runtime

ROOT = Path(__file__).parents[2]


def test_missing_libraries_become_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries.sys, "platform", "linux")
    monkeypatch.setattr(
        libraries, "QT_LIBRARIES", {"libnowhere.so.9": "libnowhere9", "libc.so.6": "libc6"}
    )
    missing = libraries.missing_libraries()
    assert missing == {"libnowhere.so.9": "libnowhere9"}
    assert libraries.install_command(missing) == "sudo apt-get install -y libnowhere9"
    monkeypatch.setattr(display, "missing_libraries", lambda: missing)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert "libnowhere.so.9" in display.why_no_window()
    assert "sudo apt-get install -y libnowhere9" in display.why_no_window()


def test_installer_and_program_know_the_same_libraries() -> None:
    listed = (ROOT / "installer" / "system-packages.txt").read_text()
    packages = set(re.findall(r"^[a-z][\w.+-]*$", listed, re.MULTILINE))
    assert packages - {"fonts-dejavu-core"} == set(libraries.QT_LIBRARIES.values())


def test_no_display_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no display" in display.why_no_display()
    monkeypatch.setenv("DISPLAY", ":987")
    assert "does not answer" in display.why_no_display()


def test_offscreen_needs_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.why_no_window() == ""


def test_unwritable_data_folder_and_small_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    (finding,) = report.check_data_folder(blocker / "data")
    assert finding.health is Health.PROBLEM and "--data-dir" in finding.found
    monkeypatch.setattr(report, "LEAST_FREE_BYTES", 10**18)
    (finding,) = report.check_data_folder(tmp_path / "data")
    assert finding.health is Health.PROBLEM and finding.remedy


def test_broken_producer_folder_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("genicam", reason="GenICam is not available on this system")
    monkeypatch.setenv("GENICAM_GENTL64_PATH", str(tmp_path / "missing"))
    findings = report.check_cameras()
    assert any(f.health is Health.PROBLEM and "missing" in f.found for f in findings)


def test_a_finding_is_readable() -> None:
    finding = report.Finding("display", Health.NOTE, "none", "use --headless")
    assert report.format_finding(finding).splitlines()[1].strip() == "→ use --headless"


def test_what_a_model_can_run_on_is_listed_and_what_is_missing_is_no_problem(monkeypatch):
    findings = report.check_runtimes()
    assert "OpenVINO" in findings[0].found and " in " in findings[0].found

    def missing(name):
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(openvino_runtime, "import_privately", missing)
    finding, _ = report.check_runtimes()
    assert finding.health is Health.NOTE and "pip install openvino" in finding.found
