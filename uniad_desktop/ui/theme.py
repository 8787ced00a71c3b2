"""Colours and style: grey ground, colour only for states that matter (ISA-101)."""

from __future__ import annotations

import json
import string
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from uniad_desktop.ui.resource import resource

# First what Windows and most Linux desktops have, then a Chinese face, then what is always there.
FONT_FAMILIES = (
    "Inter",
    "Segoe UI",
    "Noto Sans",
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei UI",
    "WenQuanYi Micro Hei",
)
_ICON_SIZES = (1, 2)


class Theme:
    """Named colours of one theme, read from ``resources/style/NAME.json``."""

    def __init__(self, name: str) -> None:
        self.name = name
        text = resource("style", f"{name}.json").read_text(encoding="utf-8")
        self.colours: dict[str, str] = json.loads(text)

    def colour(self, token: str) -> QColor:
        """Colour of a token such as ``ground`` or ``fail``. Raises KeyError."""
        return QColor(self.colours[token])


_active: list[Theme] = []


def active() -> Theme:
    """The theme in force; dark before any was applied."""
    if not _active:
        _active.append(load("dark"))
    return _active[0]


@lru_cache(maxsize=4)
def load(name: str) -> Theme:
    """The theme of that name. Raises FileNotFoundError."""
    return Theme(name)


def apply(app: QApplication, name: str) -> Theme:
    """Puts a theme in force for the whole application."""
    theme = load(name)
    _active[:] = [theme]
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "ground",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "card",
        QPalette.ColorRole.AlternateBase: "raised",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.Highlight: "accent",
        QPalette.ColorRole.HighlightedText: "on_accent",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "dim",
        QPalette.ColorRole.Mid: "border",
    }
    for role, token in roles.items():
        palette.setColor(role, theme.colour(token))
    disabled = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(disabled, role, theme.colour("dim"))
    app.setPalette(palette)
    sheet = string.Template(resource("style", "style.qss").read_text(encoding="utf-8"))
    app.setStyleSheet(sheet.substitute(theme.colours))
    return theme


def application_font() -> QFont:
    """The font of the application: known families first, figures of equal width."""
    font = QFont()
    font.setFamilies(list(FONT_FAMILIES))
    font.setPixelSize(14)
    # Figures that change many times a second must not dance (OpenType feature tnum).
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def icon(name: str, colour: QColor, size: int = 28) -> QIcon:
    """An icon of ``resources/icons`` drawn in one colour, for normal and high-DPI screens."""
    source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour.name()).encode()))
    result = QIcon()
    for ratio in _ICON_SIZES:
        pixmap = QPixmap(size * ratio, size * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        result.addPixmap(pixmap)
    return result
