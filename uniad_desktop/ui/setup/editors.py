"""One editor for each kind of feature (GenApi interface type), for fingers and keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from uniad_desktop.cameras.feature_tree import Feature, FeatureKind, Representation
from uniad_desktop.ui.setup import values
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.text_field import TextField
from uniad_desktop.ui.widgets.touch_button import TOUCH, TouchButton

_SLIDER_STEPS = 1000
_FIELD = 112, 190  # least and most pixels of width beside a slider
_SEND = 68
_ADDRESSES = (Representation.IPV4_ADDRESS, Representation.MAC_ADDRESS)


def has_editor(feature: Feature) -> bool:
    """Whether there is something to do with a feature: change it, or stop to change it."""
    return feature.writable or feature.locked


def editor_kind(feature: Feature) -> tuple[object, ...]:
    """Two features, or states of one, with the same kind share an editor."""
    return feature.kind, feature.writable, feature.locked, values.has_slider(feature)


def make_editor(feature: Feature, parent: QWidget | None = None) -> FeatureEditor:
    """The editor for a feature that has one."""
    if not feature.writable:
        return StopEditor(feature, parent)
    made: dict[FeatureKind, type[FeatureEditor]] = {
        FeatureKind.INTEGER: NumberEditor,
        FeatureKind.FLOAT: NumberEditor,
        FeatureKind.BOOLEAN: SwitchEditor,
        FeatureKind.ENUMERATION: ChoiceEditor,
        FeatureKind.COMMAND: CommandEditor,
    }
    return made.get(feature.kind, TextEditor)(feature, parent)


class FeatureEditor(Panel):
    """What an open line holds.

    Args:
        feature: what it changes.
        parent: the parent widget.

    Signals:
        written: a value for the camera.
        refused: why what was typed is no value, a sentence; empty once it may be one.
        choice_wished: the entries of an enumeration should be offered.
        stop_wished: acquisition should be stopped.
    """

    written = Signal(object)
    refused = Signal(str)
    choice_wished = Signal()
    stop_wished = Signal()

    def __init__(self, feature: Feature, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.feature = feature
        self.setAutoFillBackground(False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)

    @property
    def dirty(self) -> bool:
        """Whether something was begun that the camera has not been told."""
        return False

    def show_feature(self, feature: Feature) -> None:
        """Takes what the camera told; an edit in progress stays as it is."""
        self.feature = feature
        if not self.dirty:
            self._show()

    def give_up(self) -> None:
        """Forgets an edit in progress: the camera's value is shown again."""
        self._show()

    def take_focus(self) -> None:
        """Keys go to what is changed."""
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is not handed on: it would open the line anew."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        """Shows the feature."""


class TextEditor(FeatureEditor):
    """A line to type and a button that sends it: texts and registers."""

    def __init__(self, feature: Feature, parent: QWidget | None = None) -> None:
        super().__init__(feature, parent)
        self._typed = False
        self.field = TextField("", self)
        self.field.setAccessibleName(feature.display_name)
        if feature.kind is FeatureKind.STRING and feature.length > 0:
            self.field.setMaxLength(feature.length)
        self.send = TouchButton(parent=self)
        self.send.setObjectName("setupAction")
        self.send.setFixedWidth(_SEND)
        self.field.textEdited.connect(self._edited)
        self.field.returnPressed.connect(self._send)
        self.send.clicked.connect(self._send)
        self._fill()
        self.retranslate()
        self._show()

    def _fill(self) -> None:
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.send)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that was not sent."""
        return self._typed

    def take_focus(self) -> None:
        """Typing goes to the field."""
        self.field.setFocus()
        self.field.selectAll()

    def give_up(self) -> None:
        """Forgets what was typed."""
        self._typed = False
        self._show()

    def _edited(self) -> None:
        self._typed = True
        self.send.setEnabled(True)
        self.refused.emit("")

    def _send(self) -> None:
        try:
            value = values.parsed(self.feature, self.field.text())
        except values.WrongValueError as error:
            self.refused.emit(str(error))
            return
        self._typed = False
        self.send.setEnabled(False)
        self.written.emit(value)

    def _show(self) -> None:
        shown = values.as_typed(self.feature, self.feature.value)
        if shown != self.field.text():
            self.field.setText(shown)
        self.send.setEnabled(False)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.send.setText(self.tr("Set\n(Enter)"))


class NumberEditor(TextEditor):
    """Smaller, a field, larger, and a slider where the camera means the number to be dragged."""

    def _fill(self) -> None:
        self.less, self.more = TouchButton(parent=self), TouchButton(parent=self)
        self.less.setText("−")
        self.more.setText("+")
        self.less.clicked.connect(lambda: self._step(-1))
        self.more.clicked.connect(lambda: self._step(1))
        self._row.addWidget(self.less)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.more)
        if self.feature.representation in _ADDRESSES:  # the next address means nothing
            self.less.hide()
            self.more.hide()
        self.slider: QSlider | None = None
        if values.has_slider(self.feature):
            self.field.setMinimumWidth(_FIELD[0])
            self.field.setMaximumWidth(_FIELD[1])
            slider = self.slider = QSlider(Qt.Orientation.Horizontal, self)
            slider.setRange(0, _SLIDER_STEPS)
            slider.setMinimumSize(QSize(80, TOUCH))
            slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            slider.setAccessibleName(self.feature.display_name)
            slider.sliderMoved.connect(self._dragged)
            slider.sliderReleased.connect(self._dropped)
            slider.actionTriggered.connect(self._clicked)
            self._row.addWidget(slider, 1)
        self._row.addWidget(self.send)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that was not sent, or the slider is held."""
        return self._typed or (self.slider is not None and self.slider.isSliderDown())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down are larger and smaller."""
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
        else:
            self._step(direction)

    def _step(self, direction: int) -> None:
        try:
            now = values.parsed(self.feature, self.field.text())
        except values.WrongValueError:
            now = self.feature.value  # type: ignore[assignment]
        value = values.stepped(self.feature, now, direction)
        if value is not None:
            self._send_number(value)

    def _send_number(self, value: int | float) -> None:
        """Shows the value at once, so that the next step starts from it."""
        self._typed = False
        self.send.setEnabled(False)
        self.field.setText(values.as_typed(self.feature, value))
        self.refused.emit("")
        self.written.emit(value)

    def _dragged(self, place: int) -> None:
        value = values.slider_value(self.feature, place, _SLIDER_STEPS)
        self.field.setText(values.as_typed(self.feature, value))

    def _dropped(self) -> None:
        if self.slider is not None:
            place = self.slider.value()
            self._send_number(values.slider_value(self.feature, place, _SLIDER_STEPS))

    def _clicked(self, action: int) -> None:
        """Beside the handle, or with a key."""
        if self.slider is not None and action != QSlider.SliderAction.SliderMove.value:
            place = self.slider.sliderPosition()
            self._send_number(values.slider_value(self.feature, place, _SLIDER_STEPS))

    def _show(self) -> None:
        super()._show()
        value = self.feature.value
        if self.slider is not None and isinstance(value, int | float):
            self.slider.setValue(values.slider_place(self.feature, value, _SLIDER_STEPS))
        for button, direction in ((self.less, -1), (self.more, 1)):
            button.setEnabled(values.stepped(self.feature, value, direction) is not None)

    def retranslate(self) -> None:
        """Writes all words anew."""
        super().retranslate()
        self.less.setAccessibleName(self.tr("Smaller"))
        self.more.setAccessibleName(self.tr("Larger"))


class SwitchEditor(FeatureEditor):
    """Off and on."""

    def __init__(self, feature: Feature, parent: QWidget | None = None) -> None:
        super().__init__(feature, parent)
        self.off, self.on = TouchButton(parent=self), TouchButton(parent=self)
        for button, value in ((self.off, False), (self.on, True)):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, wanted=value: self._press(wanted))
            self._row.addWidget(button, 1)
        self.retranslate()
        self._show()

    def take_focus(self) -> None:
        """Enter presses the other one."""
        (self.off if self.feature.value else self.on).setFocus()

    def _press(self, wanted: bool) -> None:
        self._show()  # what is marked is what the camera has
        self.written.emit(wanted)

    def _show(self) -> None:
        self.off.setChecked(self.feature.value is False)
        self.on.setChecked(self.feature.value is True)

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.off.setText(self.tr("Off"))
        self.on.setText(self.tr("On"))


class OneButton(FeatureEditor):
    """An editor with one large button."""

    def __init__(self, feature: Feature, parent: QWidget | None = None) -> None:
        super().__init__(feature, parent)
        self.button = TouchButton(parent=self)
        self.button.clicked.connect(self._press)
        self._row.addWidget(self.button, 1)
        self.retranslate()

    def take_focus(self) -> None:
        """Enter presses it."""
        self.button.setFocus()

    def _press(self) -> None:
        """The button was pressed."""

    def _show(self) -> None:
        self.retranslate()


class ChoiceEditor(OneButton):
    """Offers the entries of an enumeration in a sheet."""

    def _press(self) -> None:
        self.choice_wished.emit()

    def retranslate(self) -> None:
        """Writes all words anew."""
        now = values.as_text(self.feature, self.feature.value) or "–"
        words = self.tr("{now} · choose one of {n} ▾").format(now=now, n=len(self.feature.entries))
        if words != self.button.text():
            self.button.setText(words)


class CommandEditor(OneButton):
    """Executes a command."""

    def _press(self) -> None:
        self.written.emit(True)

    def retranslate(self) -> None:
        """Writes all words anew."""
        name = self.feature.display_name or self.feature.name
        self.button.setText(self.tr("Execute “{name}”").format(name=name))


class StopEditor(OneButton):
    """Of a feature that the camera holds while it acquires."""

    def _press(self) -> None:
        self.stop_wished.emit()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.button.setText(self.tr("Stop to change it"))
