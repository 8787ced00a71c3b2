"""Making, copying, renaming, archiving and restoring products from the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import Product, ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.product_choice import create
from uniad_desktop.ui.teach.product_draft import copy


class ProductChanges(QObject):
    """Asks for what is needed, changes the product on a worker.

    Args:
        context: whom to ask and to tell.
        store: of the products.
        background: does what takes time; somebody else beats it.
        parent: the view.

    Signals:
        done: a product was made or changed; carries the key of the one to go on with.
    """

    done = Signal(str)

    def __init__(
        self,
        context: TeachContext,
        store: ProductStore,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._store, self._background = context, store, background
        self._product: Product | None = None

    def show_product(self, product: Product | None) -> None:
        """Says which product is meant; None: there is none to change."""
        self._product = product

    def new(self) -> None:
        """Asks for the title of a new product."""
        folder, code = self._context.data_folder, language.current()
        self._ask_title(
            self.tr("New product"),
            self.tr("What the operator calls it; it can be renamed later."),
            self.tr("Create"),
            "",
            lambda title: self._run(lambda: create(folder, title, code).key),
        )

    def copy(self) -> None:
        """Asks for the title of a copy."""
        product, code = self._product, language.current()
        if product is not None:
            self._ask_title(
                self.tr("Copy of {title}").format(title=product.title(code)),
                self.tr(
                    "It gets the settings and regions as they were saved; parts and codes are not "
                    "copied."
                ),
                self.tr("Copy"),
                product.title(code),
                lambda title: self._run(lambda: copy(self._store, product.key, title, code).key),
            )

    def rename(self) -> None:
        """Asks for another title in the language of the screen."""
        product, code = self._product, language.current()
        if product is not None:
            self._ask_title(
                self.tr("Rename {title}").format(title=product.title(code)),
                self.tr("What the operator reads; the key {key} stays.").format(key=product.key),
                self.tr("Rename"),
                product.title(code),
                lambda title: self._run(lambda: self._store.rename(product.key, title, code).key),
            )

    def archive(self) -> None:
        """Takes the product out of use, after a question."""
        product = self._product
        if product is not None:
            self._context.ask(
                self.tr("Archive {title}?").format(title=product.title(language.current())),
                self.tr("It is not offered any more. Nothing is deleted; it can be restored here."),
                [("archive", self.tr("Archive"))],
                current=None,
                on_choice=lambda _: self._run(lambda: self._store.archive(product.key).key),
            )

    def restore(self) -> None:
        """Takes the product back into use."""
        product = self._product
        if product is not None:
            self._run(lambda: self._store.restore(product.key).key)

    def _ask_title(
        self, title: str, words: str, button: str, entry: str, take: Callable[[str], None]
    ) -> None:
        self._context.ask(
            title, words, [("take", button)], current=None, on_choice=take, entry=entry
        )

    def _run(self, work: Callable[[], str]) -> None:
        self._background.run(work, self.done.emit, self._context.say, (StoreError,))
