"""Makes the Qt application in the language and theme of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from uniad_desktop.ui import language, theme
from uniad_desktop.ui.resource import resource
from uniad_desktop.ui.settings import UiSettings


def create_application(argv: Sequence[str], settings: UiSettings) -> QApplication:
    """The application, made or, where there is one already (tests), taken.

    Args:
        argv: command line, the first entry being the program's name.
        settings: language and theme are taken from here.

    Raises:
        FileNotFoundError: resources are missing; the message says what to do.
    """
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(argv))
    app.setApplicationName("uniad-desktop")
    app.setApplicationDisplayName("UniAD Desktop")
    app.setDesktopFileName("uniad-desktop")
    app.setStyle("Fusion")
    app.setFont(theme.application_font())
    app.setWindowIcon(QIcon(str(resource("icons", "uniad-desktop.svg"))))
    theme.apply(app, settings.theme)
    language.apply(app, settings.language)
    return app
