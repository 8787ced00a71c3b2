from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.records.make import NOW
from tests.reports.conftest import record_shift
from uniad_desktop.cli import main
from uniad_desktop.reports.fields import local

LIMIT_S = 90


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record_shift(tmp_path / "station")
    return tmp_path / "station"


def report(folder: Path, *arguments: str | Path) -> int:
    return main(["report", "--data-dir", str(folder), *map(str, arguments)])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_filters(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def found(*arguments: str) -> list[str]:
        target = tmp_path / "a.csv"
        assert report(folder, "--out", target, "--overwrite", *arguments) == 0
        return [one["number"] for one in rows(target)]

    assert found() == list("123456")
    assert "6 inspections in" in capsys.readouterr().out
    assert found("--product", "cap") == ["5", "6"]
    assert found("--product", "cap", "--product", "flange", "--verdict", "FAIL") == ["2", "5"]
    assert found("--label", "defect") == ["2"]
    since, until = local(NOW + 2)[:19], local(NOW + 6)[:19]
    assert found("--since", since, "--until", until) == ["2", "3"]
    assert found("--station", "elsewhere") == []
    assert found("--camera", "SIM0001") == list("123456")
    assert found("--camera", "CAM9") == []
    assert found("--camera", "CAM9", "--camera", "SIM0001", "--verdict", "FAIL") == ["2", "5"]
    selection = tmp_path / "selection.json"
    selection.write_text(json.dumps({"verdicts": ["ERROR"]}))
    assert found("--selection", str(selection)) == ["3"]


def test_the_provenance_of_an_export_selects_the_same(folder: Path, tmp_path: Path) -> None:
    assert report(folder, "--out", tmp_path / "a.csv", "--verdict", "FAIL") == 0
    said = tmp_path / "a.csv.provenance.json"
    assert report(folder, "--out", tmp_path / "b.csv", "--selection", said) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_missing_images_are_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next(folder.rglob("*_FAIL.png")).unlink()
    assert report(folder, "--out", tmp_path / "a.zip") == 0
    told = capsys.readouterr()
    assert "1 file is missing or not as stored" in told.out
    assert "is not there any more" in told.err
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert json.loads(file.read("provenance.json"))["problem_count"] == 1


def test_events(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(folder, "--out", tmp_path / "a.jsonl", "--events", "--shift", "last") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "result" and events[-1]["records"] == 0
    assert {one["event"] for one in events[:-1]} == {"progress"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Say where to"),
        (("--out", "a.xlsx"), 2, "end it in .pdf"),
        (("--out", "a.csv", "--print"), 2, "Only a PDF"),
        (("--out", "a.csv", "--shift", "first"), 2, "“last” or a number"),
        (("--out", "a.csv", "--shift", "77"), 1, "Shift 77 is not on record"),
        (("--out", "a.csv", "--selection", "none.json"), 1, "cannot be read"),
        (("--out", "none/a.csv"), 1, "cannot be written"),
        (("nowhere", "--out", "a.csv"), 6, "nowhere"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(folder, *arguments) == code
    assert words in capsys.readouterr().err


def test_nothing_is_overwritten_unasked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("mine")
    assert report(folder, "--out", tmp_path / "a.csv") == 2
    assert "there already" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_no_records_are_left_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(tmp_path / "none", "--out", tmp_path / "a.csv") == 5
    assert "no records" in capsys.readouterr().err and not (tmp_path / "none").exists()


def test_a_pdf_needs_no_display(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    done = subprocess.run(
        [sys.executable, "-m", "uniad_desktop", "report", "--data-dir", folder, "--out", target,
         "--language", "zh_CN"],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
        # As on a server; and a display that is named but not there must not matter.
        env={**_environment(), "DISPLAY": ":987", "QT_QPA_PLATFORM": "xcb"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes().startswith(b"%PDF") and "6 inspections" in done.stdout


def test_without_a_printer_the_command_says_so(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uniad_desktop", "report", "--data-dir", folder, "--print",
         "no such printer"],
        capture_output=True, text=True, timeout=LIMIT_S, check=False, env=_environment(),
    )  # fmt: skip
    assert done.returncode == 1
    assert "no printer" in done.stderr and done.stderr.count("\n") == 1


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "CUPS_SERVER": "127.0.0.1:1"}


def test_products_are_called_as_their_model_and_the_station_call_them(tmp_path: Path) -> None:
    from tests.helpers import make_tiny_package
    from uniad_desktop.commands.report_pdf import Versions
    from uniad_desktop.engine.package import open_package
    from uniad_desktop.inspection.types import Limits
    from uniad_desktop.reports.facts import InForce
    from uniad_desktop.teaching.products import ProductStore

    package = open_package(make_tiny_package(tmp_path / "models"))
    product = next(iter(package.manifest.products))
    forced = InForce("line 1", product, package.identity, Limits(1, 1), "torch", 0.0, 1.0, 3)
    versions = Versions(tmp_path)
    title = package.manifest.products[product].titles["en"]
    assert versions.titles([forced]) == {product: title}
    ProductStore(tmp_path).create(product, {"en": "Pump flange"})
    assert versions.titles([forced]) == {product: "Pump flange"}
    other = replace(package.identity, sha256="0" * 64)
    assert versions.entry(product, other) is None
    assert versions.score_baseline(product, other) == {}
