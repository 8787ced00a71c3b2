"""The Qt binding in use must not lose references: PySide6 6.12.0 does on Python before 3.12.

There every signal emitted takes one reference from ``True`` and every slot called by Qt one from
``None``, until Python ends with ``Fatal Python error: none_dealloc``: minutes after the start.
"""

from __future__ import annotations

import sys

import PySide6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

TIMES = 50


class _Sender(QObject):
    said = Signal()


def test_signals_and_slots_keep_their_references(qapp):
    sender, button = _Sender(), QPushButton()
    button.setCheckable(True)
    button.toggled.connect(lambda _: None)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(TIMES):
        sender.said.emit()
        button.toggle()
    after = sys.getrefcount(True), sys.getrefcount(None)
    button.deleteLater()
    lost = max(first - second for first, second in zip(before, after, strict=True))
    assert lost < TIMES // 2, (
        f"PySide6 {PySide6.__version__} loses references on Python {sys.version.split()[0]}; "
        "install another version (6.11.3 is sound)."
    )
