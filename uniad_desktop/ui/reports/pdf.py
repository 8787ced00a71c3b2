"""A report as PDF, from the window or without any display."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter

from uniad_desktop.files import write_durably
from uniad_desktop.reports.errors import ReportError, writing_to
from uniad_desktop.reports.provenance import APPLICATION
from uniad_desktop.ui.reports.document import ReportDocument
from uniad_desktop.ui.reports.sheets import A4, draw

RESOLUTION: Final = 1200
PROVENANCE: Final = "provenance.json"


def write_pdf(
    document: ReportDocument, target: Path, check: Callable[[], None] = lambda: None
) -> int:
    """Writes a document as PDF, A4 portrait, with its provenance as an attached file.

    Any thread; there must be a Qt application.

    Args:
        document: the report.
        target: the file; one that is there is replaced at the end.
        check: called often; may raise to end it, and nothing is left behind then.

    Returns:
        How many pages it has.

    Raises:
        RecordsError: the database cannot be read while pictures are drawn.
        ReportError: the file cannot be written.
    """
    data, pages = pdf_bytes(document, check)
    with writing_to(target):
        write_durably(target, data)
    return pages


def pdf_bytes(
    document: ReportDocument, check: Callable[[], None] = lambda: None
) -> tuple[bytes, int]:
    """As `write_pdf`, in memory: the file and how many pages it has."""
    found = QByteArray()
    buffer = QBuffer(found)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    writer.setTitle(document.title)
    writer.setCreator(APPLICATION)
    writer.addFileAttachment(
        PROVENANCE, QByteArray(document.provenance_text.encode()), "application/json"
    )
    pages = draw(
        *(document.blocks, document.footer, writer, A4),
        new_page=writer.newPage,
        check=check,
    )
    buffer.close()
    if not pages:
        raise ReportError("The PDF could not be drawn; the log may say more.")
    return bytes(found.data()), pages


def headless_application(language: str) -> QGuiApplication:
    """The Qt application of a command; needs no display. Made once per process.

    Args:
        language: of the report: ``en``, ``zh_CN`` or ``system``.

    Raises:
        FileNotFoundError: resources are missing; the message says what to do.
        RuntimeError: the translation cannot be read.
    """
    if sys.platform.startswith("linux"):
        # A display that is named but gone would end the process, and none is needed. Elsewhere
        # the usual one needs no display either and is the one that knows the fonts.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from uniad_desktop.ui import language as languages

    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("uniad-desktop")
    languages.apply(app, language)
    return app
