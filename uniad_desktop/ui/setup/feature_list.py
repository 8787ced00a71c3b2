"""The scrolled list of features, of which one line at a time is open."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QScroller, QWidget

from uniad_desktop.ui.setup.editors import FeatureEditor, editor_kind, has_editor
from uniad_desktop.ui.setup.feature_delegate import STAR, FeatureDelegate
from uniad_desktop.ui.setup.feature_rows import FeatureRows


class FeatureList(QListView):
    """Lines are painted; a tap opens one and puts its editor below, another tap closes it.

    Args:
        rows: what is listed.
        parent: the parent widget.

    Signals:
        opened: another line is open; carries the name of its feature, empty for none.
        write_wished: name and value for the camera.
        choice_wished: the entries of this feature should be offered.
        stop_wished: acquisition should be stopped.
        starred: a star was given or taken.
    """

    opened = Signal(str)
    write_wished = Signal(str, object)
    choice_wished = Signal(str)
    stop_wished = Signal()
    starred = Signal()

    def __init__(self, rows: FeatureRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._pressed = QModelIndex()
        self._kind: tuple[object, ...] = ()
        self.editor: FeatureEditor | None = None
        self._delegate = FeatureDelegate(self)
        self._delegate.made.connect(self._made)
        self.setItemDelegate(self._delegate)
        self.setModel(rows)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        rows.modelReset.connect(self._reset)
        rows.dataChanged.connect(self._changed)

    @property
    def open(self) -> str:
        """Name of the feature whose line is open, else empty."""
        return self._delegate.open

    def visible_names(self) -> tuple[str, ...]:
        """Features that are in sight."""
        first = self.indexAt(QPoint(2, 1))
        last = self.indexAt(QPoint(2, self.viewport().height() - 2))
        if not first.isValid():
            return ()
        end = last.row() if last.isValid() else self._rows.rowCount() - 1
        names = (self._rows.name_at(self._rows.index(at)) for at in range(first.row(), end + 1))
        return tuple(name for name in names if name)

    def open_line(self, name: str, *, focus: bool = False) -> None:
        """Opens the line of a feature and closes the one that was open; empty closes only."""
        self._close()
        index = self._rows.place(name)
        if index.isValid():
            self._delegate.open = name
            self.setCurrentIndex(index)
            self._make_editor()
            self.scheduleDelayedItemsLayout()
            self.executeDelayedItemsLayout()
            self.scrollTo(index)
            if focus and self.editor is not None:
                self.editor.take_focus()
        else:
            self.scheduleDelayedItemsLayout()
        self.viewport().update()
        self.opened.emit(self.open)

    def theme_changed(self) -> None:
        """Colours are taken while painting."""
        self.viewport().update()

    def _make_editor(self) -> None:
        feature = self._rows.feature(self.open)
        index = self._rows.place(self.open)
        if feature is not None and index.isValid():
            self._kind = editor_kind(feature)
            if has_editor(feature):
                self.openPersistentEditor(index)

    def _close(self) -> None:
        index = self._rows.place(self.open)
        if self.editor is not None and index.isValid():
            self.closePersistentEditor(index)
        self.editor = None
        self._delegate.open = ""

    def _made(self, editor: FeatureEditor) -> None:
        name = self.open
        self.editor = editor
        editor.written.connect(lambda value: self.write_wished.emit(name, value))
        editor.refused.connect(lambda problem: self._rows.tell(name, problem))
        editor.choice_wished.connect(lambda: self.choice_wished.emit(name))
        editor.stop_wished.connect(self.stop_wished)

    def _reset(self) -> None:
        """The editor went with the lines; the open one is opened again where it is listed."""
        name, self.editor, self._delegate.open = self.open, None, ""
        if name:
            self.open_line(name if self._rows.place(name).isValid() else "")

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """A feature that was held can be changed now, or the other way round."""
        feature = self._rows.feature(self.open)
        if feature is None or editor_kind(feature) == self._kind:
            return
        if first.row() <= self._rows.place(self.open).row() <= last.row():
            self.open_line(self.open)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Less room, as when a sentence is said above: the open line stays in sight."""
        super().resizeEvent(event)
        index = self._rows.place(self.open)
        if index.isValid():
            self.executeDelayedItemsLayout()
            self.scrollTo(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The begin of a tap."""
        self._pressed = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap opens a line or, at its left end, gives and takes the star."""
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        name = self._rows.name_at(index) if index == self._pressed else ""
        self._pressed = QModelIndex()
        if not name:
            return
        if place.x() < STAR:
            self.star(name)
        else:
            self.open_line("" if name == self.open else name)

    def star(self, name: str) -> None:
        """Gives a feature its star or takes it away."""
        self._rows.star(name)
        self.starred.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the line that the arrows are at; its editor gets the keys."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_line(self._rows.name_at(self.currentIndex()), focus=True)
        else:
            super().keyPressEvent(event)
