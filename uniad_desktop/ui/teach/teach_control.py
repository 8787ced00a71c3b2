"""The teaching of a product: its process, what is left of a former one, and putting it into use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.teaching.activation import activate
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import Product, ProductStore
from uniad_desktop.teaching.teach_job import (
    TeachJob,
    TeachResult,
    TeachState,
    UnfinishedJob,
    discard_job,
    dismiss_result,
    last_result,
    teach_arguments,
    unfinished_job,
)
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext, login

AUGMENT = 2
"""Varied copies of each part, where the engineer wants some."""


@dataclass(frozen=True, slots=True)
class _Left:
    """What is on the disk of former teachings."""

    unfinished: UnfinishedJob | None
    result: TeachResult | None
    products: tuple[Product, ...]


class TeachControl(QObject):
    """Owns the process that teaches.

    Args:
        context: where things are and whom to tell.
        parent: the view.

    Signals:
        activated: a version was put on record as the active one; carries the product's key.
    """

    activated = Signal(str)

    def __init__(self, context: TeachContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("teaching")
        self._job: TeachJob | None = None
        self.state: TeachState | None = None
        self.unfinished: UnfinishedJob | None = None
        self.result: TeachResult | None = None
        self.products: tuple[Product, ...] = ()
        self.read()

    @property
    def running(self) -> bool:
        """Whether a teaching is running."""
        return self._job is not None

    def read(self) -> None:
        """Reads what is left of former teachings."""
        folder = self._context.data_folder
        self._background.run(
            lambda: _Left(
                unfinished_job(folder),
                last_result(folder),
                ProductStore(folder).listing(archived=True).products,
            ),
            self._take,
            self._context.say,
            (StoreError, PackageError),
        )

    def start(self, product: str, *, augment: bool) -> None:
        """Teaches what was collected of a product, or goes on with what was interrupted."""
        if self._job is not None:
            return
        context = self._context
        try:
            if self.unfinished is not None:
                self._job = TeachJob.go_on(self.unfinished, context.data_folder)
            else:
                arguments = teach_arguments(
                    context.model, product, who=login(), augment=AUGMENT if augment else 0
                )
                self._job = TeachJob(arguments, context.data_folder)
        except StoreError as error:
            context.say(str(error))
            return
        context.say("")
        self.state, self.result = self._job.state, None

    def cancel(self) -> None:
        """Stops the teaching at its next safe moment; it can be continued."""
        if self._job is not None:
            self._job.cancel()

    def discard(self) -> None:
        """Gives an interrupted teaching up."""
        folder = self._context.data_folder
        self.state = None
        self._background.run(
            lambda: discard_job(folder), lambda _: self.read(), self._context.say, (StoreError,)
        )

    def keep(self) -> None:
        """Leaves the version that inspects in use and puts the result away."""
        folder = self._context.data_folder
        self.state = None
        self._background.run(
            lambda: dismiss_result(folder), lambda _: self.read(), self._context.say, (StoreError,)
        )

    def activate(self, why: str) -> None:
        """Makes the taught version the active one, on record; overrides where it got worse."""
        result = self.result
        if result is None:
            return
        folder = self._context.data_folder

        def done(_: object) -> None:
            self.state = None
            self.activated.emit(result.product)
            self.read()

        self._background.run(
            lambda: _activate(folder, result, why),
            done,
            self._context.say,
            (PackageError, StoreError),
        )

    def beat(self) -> None:
        """Takes what the process said; returns at once."""
        self._background.beat()
        if self._job is None:
            return
        self.state = self._job.beat()
        if self.state.running:
            return
        if self.state.problem:
            self._context.say(self.state.problem)
        job, self._job = self._job, None
        self._background.run(job.close, lambda _: self.read())

    def close_down(self) -> None:
        """Ends the process at its next safe moment, and the worker."""
        self._background.close_down()
        if self._job is not None:
            self._job.close()
            self._job = None

    @property
    def busy(self) -> bool:
        """Whether something is being read or written."""
        return self._background.busy

    def _take(self, left: _Left) -> None:
        self.products = left.products
        if self._job is None:
            self.unfinished, self.result = left.unfinished, left.result


def _activate(folder: Path, result: TeachResult, why: str) -> None:
    package = open_package(result.package)
    if package.identity.sha256 != result.sha256:
        raise PackageError(
            f"{result.package} is not the version any more that was taught; teach it again."
        )
    activate(folder, package, who=login(), why=why, override=bool(result.problems))
