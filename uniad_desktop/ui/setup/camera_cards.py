"""The cameras that were found, as cards; the station's own first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QScroller,
    QVBoxLayout,
    QWidget,
)

from uniad_desktop.cameras.discovery import Access, DeviceDescription, DeviceList
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.source import CameraError, SourceInfo
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.setup.context import SetupContext, acquiring
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.touch_button import TouchButton

_HEIGHT = 84  # of a card; a scroll bar goes below it
_BAR = 10
_ADD_WIDTH = 128
_WIDTH = 232
_PLACE = re.compile(r"\d · ")  # as `CameraPlace.name` writes it


class Use(StrEnum):
    """Who has a camera."""

    HERE = "here"
    FREE = "free"
    ELSEWHERE = "elsewhere"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What a card shows.

    Attributes:
        title: vendor and model, or what the source is called.
        serial: serial number, by which the station opens it; a path for files.
        about: interface or producer, pixels and pixel format: what is known.
        use: who has it.
        why_not: a sentence with the next step where it cannot be used, else empty.
    """

    title: str
    serial: str
    about: str
    use: Use
    why_not: str = ""


def own_facts(info: SourceInfo, frames_per_second: float) -> CameraFacts:
    """The source that the station has open."""
    about = f"{frames_per_second:.1f} Hz" if frames_per_second > 0 else info.pixel_format
    # Of several cameras the name begins with the place of this one, which stays in front.
    place = _PLACE.match(info.name)
    number, name = (place[0], info.name[place.end() :]) if place else ("", info.name)
    # The name says the vendor already where the camera has no name of its own.
    title = name if info.vendor in name else f"{info.vendor} {name}"
    return CameraFacts(f"{number}{title}".strip(), info.serial, about, Use.HERE)


def facts_of(device: DeviceDescription) -> CameraFacts:
    """A camera that a producer lists and the station does not have open."""
    use = Use.UNREACHABLE if device.why_not else Use.FREE
    if device.access is Access.IN_USE:
        use = Use.ELSEWHERE
    where = " ".join(one for one in (device.interface, device.address) if one)
    name = f"{device.vendor} {device.model}"
    if device.user_id:
        name = f"{device.user_id} · {name}"
    about = where or device.producer.name
    return CameraFacts(name, device.serial or device.device_id, about, use, device.why_not)


class CameraCard(TouchButton):
    """One camera."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("cameraCard")
        self.facts: CameraFacts | None = None
        self.title = Figure("value", parent=self, shrink=True)
        self.lines = tuple(Figure("caption", parent=self, shrink=True) for _ in range(2))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 10, 6)
        layout.setSpacing(2)
        layout.addWidget(self.title)
        for line in self.lines:
            layout.addWidget(line)
        for label in (self.title, *self.lines):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(QSize(_WIDTH, _HEIGHT))

    def show_facts(self, facts: CameraFacts, state: str) -> None:
        """Shows a camera; `state` says who has it."""
        self.facts = facts
        sign = {Use.HERE: "●", Use.FREE: "○", Use.ELSEWHERE: "△", Use.UNREACHABLE: "△"}[facts.use]
        held = facts.use in (Use.ELSEWHERE, Use.UNREACHABLE)
        self.title.show_text(f"{sign} {facts.title}", "warn_text" if held else "")
        self.lines[0].show_text(" · ".join(one for one in (facts.serial, facts.about) if one))
        self.lines[1].show_text(state, "warn_text" if held else "")
        if self.property("use") != facts.use.value:
            self.setProperty("use", facts.use.value)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setAccessibleName(f"{facts.title} {facts.serial} {state}")


class CameraCards(Panel):
    """Cards side by side, scrolled where there is no room, and a button that looks again.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.

    Signals:
        changed: the station was given another camera, which is not open yet.
    """

    changed = Signal()

    def __init__(self, context: SetupContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("setup-cameras")
        self.choose_file = self._file_dialogue
        self._found: DeviceList | None = None
        self._own = ""
        self.cards: list[CameraCard] = []
        self.refresh = TouchButton(parent=self)
        self.refresh.setObjectName("setupAction")
        self.refresh.setFixedSize(96, _HEIGHT + _BAR)
        self.refresh.clicked.connect(self.look)
        self._inner = QWidget()
        self._row = QHBoxLayout(self._inner)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words = Figure("caption", parent=self._inner)
        self._row.addWidget(self.words, 1)
        self.add = TouchButton(parent=self._inner)
        self.add.setObjectName("setupAction")
        self.add.setFixedSize(_ADD_WIDTH, _HEIGHT)
        self.add.setVisible(context.add_producer is not None)
        self.add.clicked.connect(self.add_producer)
        self._row.addWidget(self.add)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(_HEIGHT + _BAR)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._inner)
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(area, 1)
        layout.addWidget(self.refresh)
        self.retranslate()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do."""
        return {"B": self.look, "G": self.add_producer}

    # what the engineer does

    def look(self) -> None:
        """Asks every producer again; the window goes on meanwhile."""
        if self._background.busy:
            return
        self._background.run(self._context.list_cameras, self._take)
        self.retranslate()

    def add_producer(self) -> None:
        """Asks for the file of a GenTL producer; the window goes on meanwhile."""
        if self._context.add_producer is not None and not self._background.busy:
            self.choose_file(self._take_producer)

    def _file_dialogue(self, then: Callable[[Path], None]) -> None:
        dialogue = QFileDialog(self, self.tr("GenTL producer of a camera's maker"))
        dialogue.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialogue.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialogue.setNameFilter(self.tr("GenTL producers (*.cti)"))
        dialogue.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialogue.open()

    def _take_producer(self, file: Path) -> None:
        add = self._context.add_producer
        if add is None:
            return

        def added(_: object) -> None:
            words = self.tr("{producer} is asked for cameras from now on.")
            self._context.say(words.format(producer=file.name))
            self.look()

        self._background.run(lambda: add(file), added, self._context.say, (CameraError,))
        self.retranslate()

    def choose(self, facts: CameraFacts) -> None:
        """Says why a camera cannot be used, or asks before the station changes to it."""
        if facts.use is Use.HERE:
            return
        if facts.use is not Use.FREE:
            self._context.say(facts.why_not or self._in_use(facts))
            return
        if self._context.change_camera is None or not facts.serial:
            words = self.tr("Start the program with --camera {serial} to use {title}.")
            self._context.say(words.format(serial=facts.serial, title=facts.title))
            return
        stops = self.tr("Inspection stops for it.") if acquiring(self._context.station) else ""
        index = self._context.camera_index()
        if index is None or self._simulated(facts.serial):
            words = self.tr(
                "The station opens it instead of the present camera, until the program ends; after "
                "that, start it with --camera {serial}. Limits were set with the other camera: "
                "check them before parts are inspected. {stops}"
            )
        else:
            words = self.tr(
                "The station opens it instead of the present camera from now on, at every start: "
                "it will be camera {index}. Limits were set with the other camera: check them "
                "before parts are inspected. {stops}"
            )
        self._context.ask(
            self.tr("Change to {title}, {serial}?").format(title=facts.title, serial=facts.serial),
            words.format(serial=facts.serial, index=index, stops=stops).strip(),
            [("change", self.tr("Change to this camera"))],
            current=None,
            on_choice=lambda _: self._change(facts.serial),
            main=True,
        )

    def _change(self, serial: str) -> None:
        if self._context.change_camera is not None:
            self._context.change_camera(serial)
            self.changed.emit()

    def _simulated(self, serial: str) -> bool:
        """Whether it is listed as one that invents its pictures, which no index ever means."""
        devices = self._found.devices if self._found is not None else ()
        return any(device.simulated for device in devices if device.serial == serial)

    def _tapped(self, card: CameraCard, _: bool = False) -> None:
        if card.facts is not None:
            self.choose(card.facts)

    def _in_use(self, facts: CameraFacts) -> str:
        words = self.tr("{title} is in use by another program: close that one, then look again.")
        return words.format(title=facts.title)

    def _take(self, found: DeviceList) -> None:
        self._found = found
        if found.problems:
            self._context.say(" ".join(found.problems))
        self.retranslate()

    # the window

    def beat(self, shown: bool) -> None:
        """Takes what was found; looks by itself the first time that somebody looks."""
        self._background.beat()
        if not shown:
            return
        info = self._context.station.source_info
        own = info.serial if info is not None else ""
        if self._found is None or own != self._own:  # the former one is free now
            self._own = own
            self.look()
        self._show_cards()

    def close_down(self) -> None:
        """Ends the worker."""
        self._background.close_down()

    def _facts(self) -> list[CameraFacts]:
        station = self._context.station
        info, facts = station.source_info, []
        if info is not None:
            facts.append(own_facts(info, station.rates().acquired))
        held = self._context.held_here()
        for device in self._found.devices if self._found is not None else ():
            if info is None or info.kind is SourceKind.FILE or device.serial != info.serial:
                found = facts_of(device)
                if device.serial in held:
                    sentence = self.tr("{title} is another camera of this station.")
                    # Also where its producer lets it be opened twice.
                    found = replace(
                        found, use=Use.ELSEWHERE, why_not=sentence.format(title=found.title)
                    )
                facts.append(found)
        return facts

    def _show_cards(self) -> None:
        facts = self._facts()
        while len(self.cards) < len(facts):
            card = CameraCard(self._inner)
            card.clicked.connect(partial(self._tapped, card))
            self._row.insertWidget(len(self.cards), card)
            self.cards.append(card)
        while len(self.cards) > len(facts):
            card = self.cards.pop()
            card.hide()
            card.deleteLater()
        for card, one in zip(self.cards, facts, strict=True):
            card.show_facts(one, self._state_words(one))
        only_own = len(facts) == 1 and facts[0].use is Use.HERE
        self.words.show_text(self._alone() if only_own or not facts else "")

    def _alone(self) -> str:
        if self._background.busy or self._found is None:
            return self.tr("Looking for cameras…")
        if self.cards:
            return self.tr("No other camera was found.")
        if self._found.remedy:
            return self._found.remedy
        return self.tr("No camera was found: check cable and power, then look again.")

    def _state_words(self, facts: CameraFacts) -> str:
        if facts.use is Use.HERE:
            if self._context.station.state is StationState.CAMERA_LOST:
                return self.tr("lost; opened again as soon as it is back")
            return self.tr("in use here")
        if facts.use is Use.FREE:
            return self.tr("free · tap to use it")
        if facts.use is Use.ELSEWHERE:
            here = facts.serial in self._context.held_here()
            return (
                self.tr("another camera of this station")
                if here
                else self.tr("in use by another program · tap for more")
            )
        return self.tr("cannot be used · tap for the reason")

    def retranslate(self) -> None:
        """Writes all words anew."""
        busy = self._background.busy
        self.refresh.setText(self.tr("Looking…") if busy else self.tr("Look\nagain (B)"))
        self.refresh.setEnabled(not busy)
        self.add.setText(self.tr("Add\nproducer… (G)"))
        self.add.setEnabled(not busy)
        self._show_cards()
