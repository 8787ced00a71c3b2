"""How a window looks: language, light or dark, full screen; the same for every window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from uniad_desktop.ui import language, theme
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.settings import UiSettings


class Appearance(QObject):
    """Changes how a window looks and has it remembered.

    Args:
        window: the window.
        settings: what it remembers.
        ask: opens a sheet.
        changed: remembers values of the settings, by their names.
    """

    def __init__(
        self,
        window: QMainWindow,
        settings: UiSettings,
        ask: Ask,
        changed: Callable[..., None],
    ) -> None:
        super().__init__(window)
        self._window, self._settings, self._ask = window, settings, ask
        self._changed = changed

    def choose_language(self) -> None:
        """Offers the languages, each in its own words."""
        self._ask(
            self.tr("Language"),
            "",
            [("system", self.tr("As the system")), ("en", "English"), ("zh_CN", "简体中文")],
            current=self._settings.language,
            on_choice=self.set_language,
        )

    def set_language(self, choice: str) -> None:
        """Has the window speak ``system``, ``en`` or ``zh_CN``."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            language.apply(app, choice)
        self._changed(language=choice)

    def switch_theme(self) -> None:
        """Light to dark and back."""
        name = "light" if self._settings.theme == "dark" else "dark"
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, name)
        self.take_theme()
        self._changed(theme=name)

    def take_theme(self) -> None:
        """Hands the theme in force to every widget that draws itself."""
        for widget in self._window.findChildren(QWidget):
            take = getattr(widget, "theme_changed", None)
            if take is not None:
                take()

    def switch_fullscreen(self) -> None:
        """Full screen and back."""
        full = not self._window.isFullScreen()
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()
        self._changed(fullscreen=full)
