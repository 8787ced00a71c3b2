"""A report on paper: the same document as the PDF."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from uniad_desktop.reports.errors import ReportError
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.reports.document import ReportDocument
from uniad_desktop.ui.reports.sheets import Size, draw


def print_report(
    document: ReportDocument,
    parent: QWidget,
    background: Background,
    *,
    done: Callable[[int], None] = lambda _: None,
    failed: Callable[[str], None] = lambda _: None,
) -> QPrintDialog | None:
    """Asks for a printer and prints; returns at once.

    Args:
        document: the report.
        parent: what the dialog stands over.
        background: draws the pages on its thread; whoever owns it calls its `beat`.
        done: told how many pages were handed to the printer.
        failed: told of a sentence instead, also where there is no printer.

    Returns:
        The dialog, open; None where there is no printer.
    """
    if not QPrinterInfo.availablePrinterNames():
        failed(no_printer())
        return None
    printer = _printer(document)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(document.title)
    dialog.accepted.connect(
        lambda: background.run(
            lambda: print_on(printer, document), done, failed, expected=(ReportError,)
        )
    )
    dialog.finished.connect(dialog.deleteLater)
    QDialog.open(dialog)  # the print dialog's own one wants a slot
    return dialog


def print_named(document: ReportDocument, name: str, check: Callable[[], None]) -> int:
    """Prints on a printer of this system without asking.

    Args:
        document: the report.
        name: of the printer; empty: the system's default one.
        check: called often; may raise to end it.

    Returns:
        How many pages.

    Raises:
        ReportError: there is no printer of this name, or it cannot be used.
    """
    names = QPrinterInfo.availablePrinterNames()
    if not names:
        raise ReportError(no_printer())
    chosen = name or QPrinterInfo.defaultPrinterName() or names[0]
    if chosen not in names:
        raise ReportError(f"There is no printer “{chosen}” here; there is {', '.join(names)}.")
    printer = _printer(document)
    printer.setPrinterName(chosen)
    return print_on(printer, document, check)


def print_on(
    printer: QPrinter, document: ReportDocument, check: Callable[[], None] = lambda: None
) -> int:
    """Draws a document on a printer; not for the Qt thread.

    Returns:
        How many pages.

    Raises:
        RecordsError: the database cannot be read while pictures are drawn.
        ReportError: the printer cannot be used.
    """
    paper = printer.pageLayout().fullRect(QPageLayout.Unit.Millimeter)
    size = Size(paper.width(), paper.height())

    def check_or_stop() -> None:
        try:
            check()
        except BaseException:
            printer.abort()
            raise

    pages = draw(
        *(document.blocks, document.footer, printer, size),
        new_page=printer.newPage,
        check=check_or_stop,
    )
    if not pages or printer.printerState() is QPrinter.PrinterState.Error:
        raise ReportError(
            f"The printer {printer.printerName() or 'that was chosen'} cannot be used; see whether "
            "it is switched on and try again, or save the report as PDF."
        )
    return pages


def no_printer() -> str:
    """What to tell where there is none."""
    from uniad_desktop.ui.reports.words import translate

    return translate(
        "Report", "This computer knows no printer; set one up, or save the report as PDF."
    )


def _printer(document: ReportDocument) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(document.title)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    printer.setFullPage(True)  # margins are the document's own
    return printer
