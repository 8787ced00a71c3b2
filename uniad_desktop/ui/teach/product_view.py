"""The product being taught: what it is called, where it is looked at, which codes mean it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from uniad_desktop.engine.layout import LayoutError
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import Product, ProductError, ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.teach.product_changes import ProductChanges
from uniad_desktop.ui.teach.product_draft import (
    Listed,
    Shown,
    Standing,
    camera_now,
    listed,
    read,
    save,
)
from uniad_desktop.ui.teach.product_form import ProductForm
from uniad_desktop.ui.teach.product_list import ProductList
from uniad_desktop.ui.teach.region_panel import RegionPanel
from uniad_desktop.ui.widgets.panel import Panel

T = TypeVar("T")

_SAVE, _DISCARD = "save", "discard"


class ProductView(Panel):
    """List of products, regions on an example image, settings.

    Nothing is written before Save; whoever goes on to another product is asked.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.

    Signals:
        product_changed: a product was made, saved or chosen here; carries the key of the one that
            should be gone on with.
    """

    product_changed = Signal(str)

    def __init__(self, context: TeachContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._store = ProductStore(context.data_folder)
        self._background = Background("products")
        self._key = ""
        self._base: Product | None = None
        self._wants_frame = False
        self._saving = False
        self.list = ProductList(self)
        self.changes = ProductChanges(context, self._store, self._background, self)
        self.regions = RegionPanel(self)
        self.form = ProductForm(self)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "value")
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.regions, 1)
        middle.addWidget(self.hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.list)
        layout.addLayout(middle, 1)
        layout.addWidget(self.form)
        self._connect()
        self.retranslate()
        self._show(None)

    def _connect(self) -> None:
        self.list.chosen.connect(self.product_changed)
        self.list.new.clicked.connect(self.changes.new)
        self.list.copy.clicked.connect(self.changes.copy)
        self.list.rename.clicked.connect(self.changes.rename)
        self.list.archive.clicked.connect(self._archive_or_restore)
        self.changes.done.connect(self._changed)
        self.regions.editor.changed.connect(self._edited)
        self.regions.editor.refused.connect(self._context.say)
        self.regions.name_wished.connect(self._ask_name)
        self.form.edited.connect(self._edited)
        self.form.camera_wished.connect(self.take_camera)
        self.form.save.clicked.connect(self.save)
        self.form.discard.clicked.connect(self.discard)

    # what the page says

    def show_product(self, key: str) -> None:
        """Goes on with a product; asks first where the former one has changes not saved yet."""
        if key != self._key and self.dirty:
            self._ask_leaving(key)
        elif key != self._key or not self.dirty:
            self._read(key)

    @property
    def product(self) -> Product | None:
        """The product being shown, as it was read."""
        return self._base

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        if self._base is None:
            return False
        try:
            return self.form.wanted(self.regions.editor.regions) != self._base
        except (ProductError, LayoutError):
            return True

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do while it is shown."""
        return {
            "N": self.list.new.click,
            "C": self.list.copy.click,
            "E": self.list.rename.click,
            "S": self.form.save.click,
            "A": self.regions.add.click,
            "X": self.regions.delete.click,
            "B": self.regions.name.click,
            "U": self.regions.undo.click,
        }

    def beat(self) -> None:
        """Takes what the worker finished; returns at once."""
        self._background.beat()
        if self._wants_frame:
            self._show_newest()

    def close_down(self) -> bool:
        """Ends the worker after what it is doing now; whether nothing was left unsaved."""
        self._background.close_down()
        return not self.dirty

    def retranslate(self) -> None:
        """Writes all words anew."""
        self._edited()
        if self._key:
            self._list_again()  # titles are in a language, too

    # reading

    def _read(self, key: str) -> None:
        if key != self._key:
            self._show(None)
        self._key = key
        self._list_again()
        folder = self._context.data_folder
        self._run(lambda: read(folder, key), self._take, self._no_product)

    def _list_again(self) -> None:
        context, code = self._context, language.current()
        self._run(
            lambda: listed(context.data_folder, context.station.products, code), self._take_list
        )

    def _take_list(self, found: tuple[tuple[Listed, ...], tuple[str, ...]]) -> None:
        rows, problems = found
        self.list.show_rows(rows, self._key)
        if problems:
            self._context.say(" ".join(problems))
        self._edited()

    def _take(self, shown: Shown) -> None:
        if shown.product.key != self._key or self.dirty:
            return  # another one was chosen meanwhile, or somebody typed already
        self._show(shown)

    def _no_product(self, sentence: str) -> None:
        self._context.say(sentence)
        self._show(None)

    def _show(self, shown: Shown | None) -> None:
        self._base = None  # what the fields say meanwhile is no change
        product = shown.product if shown else None
        self.regions.show_regions(product.layout.regions if product else ())
        self.form.show_product(product)
        self._wants_frame = product is not None and (shown is None or shown.example is None)
        self.regions.show_example(
            shown.example if shown else None,
            self.tr(
                "There is no image of this product yet. Take in a good part, or start the "
                "inspection; then draw the regions here."
            )
            if product
            else self.tr("Choose a product, or make a new one."),
        )
        self._base = product
        self.changes.show_product(product)
        if self._wants_frame:
            self._show_newest()
        self._edited()

    def _show_newest(self) -> None:
        """The station's newest frame, where there is no part to draw on."""
        newest = self._context.station.newest()
        if newest is not None and newest.frame is not None:
            self._wants_frame = False
            self.regions.show_example(newest.frame.image, "")

    def _edited(self) -> None:
        """Something is another than it was: buttons, scale and hint follow."""
        dirty = self.dirty
        self.form.show_dirty(dirty)
        # What is typed while it is being written would be lost.
        self.form.setEnabled(not self._saving)
        self.regions.setEnabled(not self._saving)
        try:
            self.regions.show_scale(self.form.mm_per_pixel)
        except ProductError:
            self.regions.show_scale(None)
        self.hint.setText(self._hint() if dirty else "")
        self.hint.setVisible(bool(self.hint.text()))

    def _hint(self) -> str:
        if self._base is None or self.regions.editor.regions == self._base.layout.regions:
            return ""
        return self._regions_sentence()

    def _regions_sentence(self) -> str:
        if self.list.standing is not Standing.IN_MODEL:
            return ""
        return self.tr(
            "The model knows this product with its former regions and limits. Regions apply after "
            "the product is taught or calibrated again."
        )

    # what the engineer does

    def save(self) -> None:
        """Writes the changes."""
        self._save(self._key)

    def _save(self, then: str) -> None:
        """Writes the changes, then goes on with a product."""
        base = self._base
        try:
            wanted = self.form.wanted(self.regions.editor.regions)
        except (ProductError, LayoutError) as error:
            self._context.say(str(error))
            return
        if base is None or wanted is None or self._saving:
            return
        told = self._hint()
        self._saving = True
        self._edited()

        def saved(_: Product) -> None:
            self._saving = False
            if told:
                self._context.say(told)
            self._base = None  # what is in the fields is on the disk now
            self._read(then)
            self.product_changed.emit(then)

        def failed(sentence: str) -> None:
            self._saving = False
            self._context.say(sentence)
            self._edited()
            if then != self._key:
                self.product_changed.emit(self._key)

        self._run(lambda: save(self._store, base, wanted), saved, failed)

    def discard(self) -> None:
        """Shows the product as it is on the disk."""
        self._base = None
        self._read(self._key)

    def take_camera(self) -> None:
        """Takes over what the camera says of itself now."""
        features = camera_now(self._context.station.source_info, self.form.camera)
        if features is None:
            self._context.say(
                self.tr("No camera tells its features now; open one, and start it once.")
            )
        else:
            self.form.show_camera(features)

    def _archive_or_restore(self) -> None:
        if self.list.standing is Standing.ARCHIVED:
            self.changes.restore()
        else:
            self.changes.archive()

    def _title(self) -> str:
        return self._base.title(language.current()) if self._base else self._key

    def _ask_name(self, name: str) -> None:
        self._context.ask(
            self.tr("Name of the region"),
            self.tr("Messages call it by this name."),
            [("take", self.tr("Take over"))],
            current=None,
            on_choice=self.regions.editor.set_name,
            entry=name,
        )

    def _ask_leaving(self, key: str) -> None:
        def choose(choice: str) -> None:
            if choice == _SAVE:
                self._save(key)
            else:
                self._base = None
                self._read(key)
                self.product_changed.emit(key)

        # The page goes back until the question is answered, and so it stays where it is not.
        self.product_changed.emit(self._key)
        self._context.ask(
            self.tr("Save the changes of {title}?").format(title=self._title()),
            "",
            [(_SAVE, self.tr("Save")), (_DISCARD, self.tr("Discard them"))],
            current=None,
            on_choice=choose,
        )

    def _changed(self, key: str) -> None:
        """Goes on with a product that was made or changed by a button of the list."""
        self.show_product(key)
        self._list_again()
        self.product_changed.emit(key)

    def _run(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self._background.run(work, then, failed or self._context.say, (StoreError,))
