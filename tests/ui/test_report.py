"""The report as PDF and on paper: what a reader of PDF finds in it."""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPageLayout
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication, QWidget

from tests.records.make import NOW, entry
from tests.reports.conftest import record_shift
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.audit import entries
from uniad_desktop.records.database import Records, open_records
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.records.query import Order, matching_ids, page
from uniad_desktop.records.writer import InspectionWriter
from uniad_desktop.reports.errors import ReportError
from uniad_desktop.reports.figures import find_shift, gather
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.reports import printing
from uniad_desktop.ui.reports.blocks import Column, Heading, Space, Text, table
from uniad_desktop.ui.reports.document import ReportDocument, make_document
from uniad_desktop.ui.reports.pdf import pdf_bytes, write_pdf
from uniad_desktop.ui.reports.sheets import A4, Footer, draw

pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Records]:
    record_shift(tmp_path)
    with closing(open_records(tmp_path)) as opened:
        yield opened


ALL = RecordFilter()


def document_of(
    records: Records,
    wanted: RecordFilter = ALL,
    pictures: int = 24,
) -> ReportDocument:
    figures = gather(records, wanted, who="Eva", pictures=pictures)
    return make_document(records, figures, {"flange": "Pump flange A3"})


def words(data: bytes) -> list[str]:
    """The text of every page with single blanks.

    Normalised: fonts share glyphs among characters that look the same, and Qt names the first.
    """
    reader = pypdf.PdfReader(io.BytesIO(data))
    texts = (unicodedata.normalize("NFKC", one.extract_text()) for one in reader.pages)
    return [" ".join(one.split()) for one in texts]


def test_it_says_what_was_inspected(app: QApplication, stored: Records) -> None:
    data, pages = pdf_bytes(document_of(stored))
    found = words(data)
    whole = " ".join(found)
    assert len(found) == pages >= 2
    assert "Inspection report" in found[0] and "Linie 1" in found[0]
    assert "Pump flange A3" in found[0] and "cap" in found[0]
    assert "33.33 %" in whole  # two passes of six
    assert "4 2 0 1 1 50.00 %" in whole  # flange
    assert "All 6 2 1 2 1" in whole
    assert "SIMULATED: 5 of 6 parts" in found[0]
    assert "Real defects that passed: 0" in whole
    newest = entries(stored)[0]
    for number, text in enumerate(found, 1):
        assert f"Page {number} of {pages}" in text
        assert f"entry {newest.number}, {newest.sha256}" in text and "by Eva" in text
    model = page(stored, RecordFilter())[0].setup.model
    assert f"SHA-256 {model.sha256}" in whole
    assert "reject limit" in whole and "EWMA" in whole
    assert "No drift in this period" in whole
    assert "measured" in whole and "computed" in whole


def test_rejects_are_shown_and_the_rest_is_counted(app: QApplication, stored: Records) -> None:
    whole = " ".join(words(pdf_bytes(document_of(stored))[0]))
    assert "All 4 are shown" in whole
    assert "FAIL 90.0" in whole and "FAIL 75.0" in whole and "ERROR –" in whole
    assert "real defect: -2 mm" in whole
    few = " ".join(words(pdf_bytes(document_of(stored, pictures=1))[0]))
    assert "1 of 4 are shown, the highest scores first; 3 more are not." in few
    assert "FAIL 90.0" in few and "FAIL 75.0" not in few


def test_pictures_are_in_it(app: QApplication, stored: Records) -> None:
    data, _ = pdf_bytes(document_of(stored))
    images = [one for sheet in pypdf.PdfReader(io.BytesIO(data)).pages for one in sheet.images]
    assert len(images) == 7  # four images, three heatmaps: an ERROR has none


def test_a_missing_and_a_damaged_image_are_said(app: QApplication, stored: Records) -> None:
    found = page(stored, RecordFilter(verdicts=(Verdict.FAIL,)), Order.HIGHEST)
    (stored.folder / found[0].image).unlink()
    (stored.folder / found[1].image).write_bytes(b"x")
    whole = " ".join(words(pdf_bytes(document_of(stored))[0]))
    assert "The image is missing" in whole and "its hash differs" in whole


def test_its_provenance_is_attached(app: QApplication, stored: Records) -> None:
    wanted = RecordFilter(products=("flange",))
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document_of(stored, wanted))[0]))
    said = json.loads(reader.attachments["provenance.json"][0])
    assert said["records"] == 4 and said["filter"]["products"] == ["flange"]
    assert said["made_by"] == "Eva" and said["models"][0]["sha256"]
    assert [one["sha256"] for one in said["pictures"]] == [
        one.image_sha256
        for one in page(
            stored,
            replace(wanted, verdicts=(Verdict.FAIL, Verdict.ERROR, Verdict.REVIEW)),
            Order.HIGHEST,
        )
    ]
    assert reader.metadata.title == "Inspection report"


def test_a_shift_with_the_change_of_a_limit(app: QApplication, stored: Records) -> None:
    shift = find_shift(stored, None)
    whole = " ".join(words(pdf_bytes(document_of(stored, RecordFilter(shift=shift.id)))[0]))
    assert "Shift report" in whole and "still running" in whole
    assert "model and limits in force" in whole
    with pytest.raises(ReportError, match="Shift 99 is not on record"):
        find_shift(stored, 99)


def test_chosen_parts_all_get_a_picture(app: QApplication, stored: Records) -> None:
    ids = matching_ids(stored, RecordFilter(), Order.OLDEST)
    whole = " ".join(words(pdf_bytes(document_of(stored, RecordFilter(ids=tuple(ids[:2]))))[0]))
    assert "2 parts chosen one by one" in whole and "The chosen parts" in whole
    assert "No image was kept of this part." in whole


TOGETHER = "Scores of 2 cameras are together here (SIM0001, SIM0002); choose one under Camera"


def test_several_cameras_in_one_chart_are_said(app: QApplication, stored: Records) -> None:
    assert "are together here" not in " ".join(words(pdf_bytes(document_of(stored))[0]))
    InspectionWriter(stored, "Linie 1").store(
        [entry(Verdict.PASS, 7, 20.0, at=NOW + 12, source="SIM0002")]
    )
    whole = " ".join(words(pdf_bytes(document_of(stored))[0]))
    assert whole.count(TOGETHER) == 1  # of the flange; caps are of one camera
    assert "Parts of several cameras are together here, too" in whole
    one = RecordFilter(cameras=("SIM0002",))
    whole = " ".join(words(pdf_bytes(document_of(stored, one))[0]))
    assert "are together here" not in whole
    assert "camera SIM0002" in whole and "Side view SIM0002" in whole


def test_nothing_was_inspected(app: QApplication, stored: Records) -> None:
    data, pages = pdf_bytes(document_of(stored, RecordFilter(until=NOW - 1e6)))
    assert pages == 1 and "No part was inspected" in words(data)[0]


def test_chinese_can_be_read_back(app: QApplication, stored: Records) -> None:
    language.apply(app, "zh_CN")
    figures = gather(stored, RecordFilter(), who="李")
    data, _ = pdf_bytes(make_document(stored, figures, {"flange": "机加工法兰"}))
    whole = " ".join(words(data))
    assert "机加工法兰" in whole and "不合格" in whole


def test_it_does_not_depend_on_the_theme(app: QApplication, stored: Records) -> None:
    """Paper is white, writing is dark: a page drawn on a picture has a light ground."""
    document = document_of(stored)
    sheet = QImage(620, 877, QImage.Format.Format_RGB32)
    sheet.fill(0xFFFFFFFF)
    sheet.setDotsPerMeterX(2953)
    sheet.setDotsPerMeterY(2953)
    draw(document.blocks[:8], document.footer, sheet, A4, new_page=lambda: False)
    colours = {sheet.pixelColor(x, y).lightness() for x in range(0, 620, 5) for y in range(877)}
    assert sheet.pixelColor(5, 5).lightness() == 255 and min(colours) < 80


class StoppedError(Exception):
    pass


def test_cancelled_it_leaves_the_former_file(
    app: QApplication, stored: Records, tmp_path: Path
) -> None:
    def stop() -> None:
        raise StoppedError

    target = tmp_path / "out" / "a.pdf"
    target.parent.mkdir()
    target.write_bytes(b"former")
    document = document_of(stored)
    with pytest.raises(StoppedError):
        write_pdf(document, target, stop)
    assert target.read_bytes() == b"former" and len(list(target.parent.iterdir())) == 1
    with pytest.raises(ReportError, match="cannot be written"):
        write_pdf(document, tmp_path / "none" / "a.pdf")


def test_heads_of_tables_come_again(app: QApplication) -> None:
    rows = [(f"row {n}", str(n)) for n in range(120)]
    blocks = [Text("Title"), *table((Column(1.0), Column(1.0)), ("Name", "Count"), rows)]
    blocks += [Space(1.0), Heading("Last"), Text("end")]
    found = []
    for text in words(pdf_bytes(ReportDocument("T", Footer("f", "{page}"), tuple(blocks), {}))[0]):
        found.append(text)
        assert text.count("Name Count") == 1
    assert len(found) == 3
    assert sum(text.count("row ") for text in found) == 120


def test_paper_says_the_same(app: QApplication, stored: Records, tmp_path: Path) -> None:
    document = document_of(stored)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    printer.setFullPage(True)
    pages = printing.print_on(printer, document)
    data, expected = pdf_bytes(document)
    assert printer.pageLayout().orientation() == QPageLayout.Orientation.Portrait
    assert pages == expected
    assert words((tmp_path / "paper.pdf").read_bytes()) == words(data)


def test_without_a_printer_it_says_so(
    app: QApplication, stored: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(list))
    said: list[str] = []
    background = Background("print")
    parent = QWidget()
    assert printing.print_report(
        document_of(stored), parent, background, failed=said.append
    ) is None  # fmt: skip
    background.close_down()
    parent.deleteLater()
    assert len(said) == 1 and "no printer" in said[0]
    with pytest.raises(ReportError, match="no printer"):
        printing.print_named(document_of(stored), "", lambda: None)


@pytest.mark.qt_log_ignore("propagateSizeHints")  # of the platform without a display
def test_printing_asks_and_draws_elsewhere(
    app: QApplication, stored: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot
) -> None:
    made = printing._printer

    def into_a_file(document: ReportDocument) -> QPrinter:
        printer = made(document)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "paper.pdf"))
        return printer

    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: ["Office"]))
    monkeypatch.setattr(printing, "_printer", into_a_file)
    with pytest.raises(ReportError, match="no printer “Attic” here; there is Office"):
        printing.print_named(document_of(stored), "Attic", lambda: None)
    done: list[int] = []
    background = Background("print")
    parent = QWidget()
    dialog = printing.print_report(document_of(stored), parent, background, done=done.append)
    assert dialog is not None and dialog.isVisible()
    dialog.accept()

    def printed() -> bool:
        background.beat()
        return bool(done)

    qtbot.waitUntil(printed, timeout=20_000)
    background.close_down()
    parent.deleteLater()
    assert words((tmp_path / "paper.pdf").read_bytes())[0].startswith("Inspection report")
