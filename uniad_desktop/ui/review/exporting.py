"""From the screen to a file or onto paper: what, where to, and how it fares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from uniad_desktop.records.database import Records, RecordsError
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.reports.errors import ReportError
from uniad_desktop.reports.figures import gather
from uniad_desktop.review.source import ReviewSource, SourceKind
from uniad_desktop.ui import language, text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.reports.choices import PRINT, export_choices, export_folders, free_target
from uniad_desktop.ui.reports.document import ReportDocument, make_document
from uniad_desktop.ui.reports.export_job import ExportJob, ExportKind, ExportOrder
from uniad_desktop.ui.reports.printing import print_report
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.teach.context import login
from uniad_desktop.ui.widgets.row_button import Row

_ELSEWHERE = "+elsewhere"


class Job(Protocol):
    """An `ExportJob`, as far as it is needed."""

    order: ExportOrder
    done: int
    total: int

    @property
    def finished(self) -> bool:
        """Whether the file is there."""
        ...

    @property
    def problem(self) -> str:
        """Why not."""
        ...

    @property
    def problems(self) -> tuple[int, tuple[str, ...]]:
        """Images that are missing or damaged."""
        ...

    def beat(self) -> bool:
        """Whether it has ended."""
        ...

    def stop(self) -> None:
        """Has it end."""
        ...

    def close(self) -> bool:
        """Waits for it."""
        ...


class Exporting(QObject):
    """One export at a time; it goes on whatever is shown.

    Args:
        context: where things are and whom to ask.
        tell: shows how it fares.
        begin: begins an export, on a worker; None: in a process of its own.
        parent: what dialogues stand over.
    """

    def __init__(
        self,
        context: ReviewContext,
        tell: Callable[[str], None],
        parent: QWidget,
        begin: Callable[[ExportOrder, Path, str], Job] | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._tell, self._over = context, tell, parent
        self._begin = begin or ExportJob
        self._background = Background("review-export")
        self._job: Job | None = None
        self._beginning = False
        self._shown = ""

    @property
    def running(self) -> bool:
        """Whether something is being exported."""
        return self._beginning or self._job is not None

    def ask(
        self,
        source: ReviewSource,
        wanted: RecordFilter,
        count: int,
        products: tuple[str, ...],
    ) -> None:
        """Asks what is wished for; while an export runs, whether to end it.

        Args:
            source: what is reviewed.
            wanted: which inspections.
            count: how many those are.
            products: keys of their products.
        """
        if self.running:
            self._context.ask(
                self.tr("An export is running"),
                self._shown,
                [("stop", self.tr("End it"))],
                current=None,
                on_choice=lambda _: self.stop(),
            )
            return
        self._context.ask(
            self.tr("Export {n} inspections").format(n=text.number(count)),
            self.tr("Several that are chosen, else all that the filter leaves."),
            export_choices(),
            current=None,
            on_choice=lambda key: self._chosen(key, source, wanted, products),
        )

    def _chosen(
        self, key: str, source: ReviewSource, wanted: RecordFilter, products: tuple[str, ...]
    ) -> None:
        if key == PRINT:
            self._print(source.records, wanted, products)
            return
        kind = ExportKind(key)
        folders = {str(one): one for one in export_folders(self._context.data_folder)}
        rows = [Row(one, one, "", "") for one in folders]
        rows.append(Row(_ELSEWHERE, self.tr("Another folder…"), "", ""))
        self._context.ask(
            self.tr("Where to"),
            "",
            [],
            current=None,
            on_choice=lambda place: self._place_chosen(place, kind, source, wanted),
            rows=rows,
        )

    def _place_chosen(
        self, place: str, kind: ExportKind, source: ReviewSource, wanted: RecordFilter
    ) -> None:
        if place != _ELSEWHERE:
            self.export(Path(place), kind, source, wanted)
            return
        dialogue = QFileDialog(self._over, self.tr("Where to"))
        dialogue.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialogue.setFileMode(QFileDialog.FileMode.Directory)
        dialogue.fileSelected.connect(
            lambda chosen: self.export(Path(chosen), kind, source, wanted)
        )
        dialogue.open()

    def export(
        self, folder: Path, kind: ExportKind, source: ReviewSource, wanted: RecordFilter
    ) -> None:
        """Begins an export into a folder, under a name that is free."""
        if self.running:
            return
        self._beginning = True
        data_folder, code, who = self._context.data_folder, language.current(), login()
        own = source.kind is SourceKind.STATION and source.place == data_folder
        place = "" if own else str(source.place)

        def begin() -> Job:
            target = free_target(folder, kind)
            return self._begin(ExportOrder(target, wanted, who, code), data_folder, place)

        def failed(problem: str) -> None:
            self._beginning = False
            self._context.say(
                self.tr("Nothing was exported to {folder}: {problem}").format(
                    folder=folder, problem=problem
                )
            )

        self._background.run(begin, self._begun, failed, (OSError,))

    def _begun(self, job: Job) -> None:
        self._beginning = False
        self._job = job

    def stop(self) -> None:
        """Ends an export; nothing is left of the file."""
        if self._job is not None:
            self._job.stop()

    def _print(self, records: Records, wanted: RecordFilter, products: tuple[str, ...]) -> None:
        """Looks everything up, then asks for a printer."""
        context, who = self._context, login()
        self._tell(self.tr("Preparing the report…"))

        def make() -> ReportDocument:
            figures = gather(records, wanted, who=who)
            return make_document(records, figures, titles)

        def ask_printer(document: ReportDocument) -> None:
            self._tell("")
            print_report(
                document,
                self._over,
                self._background,
                done=lambda pages: self._tell(
                    self.tr("{n} pages were handed to the printer").format(n=pages)
                ),
                failed=context.say,
            )

        titles = {key: context.title_of(key) for key in products}
        self._background.run(make, ask_printer, context.say, (RecordsError, ReportError))

    def beat(self) -> None:
        """Asks how it fares; returns at once."""
        self._background.beat()
        job = self._job
        if job is None:
            return
        if job.beat():
            self._ended(job)
            return
        words = self.tr("Exporting {done} of {total}").format(
            done=text.number(job.done), total=text.number(job.total)
        )
        if words != self._shown:
            self._shown = words
            self._tell(words)

    def _ended(self, job: Job) -> None:
        self._job = None
        self._shown = ""
        self._background.run(job.close)
        if job.problem:
            self._context.say(job.problem)
            self._tell("")
        elif job.finished:
            self._tell(self.tr("Exported: {file}").format(file=job.order.target.name))
            count, sentences = job.problems
            if count:
                told = self.tr("{n} images are missing or damaged in the export. {first}")
                self._context.say(told.format(n=text.number(count), first=" ".join(sentences[:2])))
        else:
            self._tell(self.tr("The export was ended; no file is left of it"))

    def close_down(self) -> None:
        """Ends the export and the thread."""
        if self._job is not None:
            self._job.close()
            self._job = None
        self._background.close_down()


def chosen_only(ids: list[int]) -> RecordFilter:
    """A filter for just these."""
    return RecordFilter(ids=tuple(ids))
