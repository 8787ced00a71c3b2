"""A window with the Review page only: no station, no camera, no model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from uniad_desktop.app import DEFAULT_MODEL
from uniad_desktop.engine.package import PackageError
from uniad_desktop.records.database import default_station
from uniad_desktop.review.background import FolderInspection
from uniad_desktop.review.source import ReviewSource
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.limit_change import open_in_use
from uniad_desktop.teaching.products import ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.appearance import Appearance
from uniad_desktop.ui.asking import Asking
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.pages.review import ReviewPage
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.review.filter_state import Wish
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.showing import running_application, show_until_closed
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.sheet import Sheet
from uniad_desktop.ui.widgets.touch_button import TouchButton

BEAT_MS = 33
SMALLEST = (1280, 720)


class ReviewBar(Panel):
    """Name, language, theme and full screen; its buttons are public, the window connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("topBar")
        name = QLabel("UniAD Desktop", self)
        name.setObjectName("appName")
        self.title = QLabel(self)
        self.title.setProperty("role", "heading")
        self.language = TouchButton("language", parent=self)
        self.theme = TouchButton("theme", parent=self)
        self.fullscreen = TouchButton("fullscreen", parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.setSpacing(12)
        layout.addWidget(name)
        layout.addWidget(self.title)
        layout.addStretch(1)
        for button in (self.language, self.theme, self.fullscreen):
            layout.addWidget(button)
        self.retranslate()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.title.setText(self.tr("Review without a station"))
        self.language.setText("(L)")
        self.language.setAccessibleName(self.tr("Language"))
        self.theme.setAccessibleName(self.tr("Light or dark"))
        self.fullscreen.setText("F11")
        self.fullscreen.setAccessibleName(self.tr("Full screen"))


class ReviewWindow(QMainWindow):
    """Shows one source; it never waits.

    Args:
        source: folder, zip or data folder; empty: the records of this station.
        settings: what the window remembers.
        data_folder: of this station.
        database: where its records are: the URL of a server; empty: in the data folder.
        model: name of its model.
        wish: what is shown at first; None: everything.
        judge: begins to judge what is new in a folder or zip; None: as the station would.
    """

    def __init__(
        self,
        source: str,
        settings: UiSettings,
        *,
        data_folder: Path,
        database: str = "",
        model: str = DEFAULT_MODEL,
        wish: Wish | None = None,
        judge: Callable[[ReviewSource], FolderInspection] | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._ask = Asking(lambda: (self.page, 0), self._enable_keys, self)
        self._ask.closed.connect(self._asked)
        self.appearance = Appearance(self, settings, self._ask, self._changed)
        self._titles: dict[str, dict[str, str]] = {}
        self._background = Background("review-titles")
        ground = QWidget(self)
        ground.setObjectName("ground")
        self.bar = ReviewBar(ground)
        context = ReviewContext(
            data_folder=data_folder,
            model=model,
            station=default_station(),
            ask=self._ask,
            say=self._say,
            title_of=self._title_of,
            url=database,
            source=source,
            wish=wish or Wish(),
            judge=judge,
        )
        self.page = ReviewPage(context, ground)
        layout = QVBoxLayout(ground)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.page, 1)
        self.setCentralWidget(ground)
        self.setWindowTitle("UniAD Desktop")
        self.setMinimumSize(*SMALLEST)
        self.bar.language.clicked.connect(self.appearance.choose_language)
        self.bar.theme.clicked.connect(self.appearance.switch_theme)
        self.bar.fullscreen.clicked.connect(self.appearance.switch_fullscreen)
        self._shortcuts = self._keys()
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.tick)
        self._background.run(lambda: _titles(data_folder, model), self._take_titles)
        self.page.enter()
        self._timer.start()

    def _say(self, sentence: str) -> None:
        self.page.notice.say(sentence)

    def _keys(self) -> dict[str, QShortcut]:
        shortcuts = {}
        for key in dict.fromkeys([*self.page.keys, *self._actions()]):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(lambda chosen=key: self.act(chosen))
            shortcuts[key] = shortcut
        return shortcuts

    def _actions(self) -> dict[str, Callable[[], object]]:
        return {
            "L": self.appearance.choose_language,
            "F11": self.appearance.switch_fullscreen,
            "Esc": self.escape,
        }

    def act(self, key: str) -> None:
        """Does what a key does."""
        action = {**self._actions(), **self.page.key_actions()}.get(key)
        if action is not None:
            action()

    def tick(self) -> None:
        """One beat of the display."""
        self._background.beat()
        self.page.beat()

    @property
    def beating(self) -> bool:
        """Whether the timer is running."""
        return self._timer.isActive()

    # titles

    def _take_titles(self, titles: dict[str, dict[str, str]]) -> None:
        self._titles = titles
        self.page.filters.retranslate()

    def _title_of(self, key: str) -> str:
        titles = self._titles.get(key, {})
        return titles.get(language.current()) or titles.get("en") or key

    # what the engineer does

    def escape(self) -> None:
        """Takes back a question, else what the page says."""
        if not self._ask.close():
            self.page.escape()

    def _changed(self, **values: object) -> None:
        if self._settings.update(**values) and self._settings.on_change is not None:
            self._settings.on_change(self._settings)

    # questions

    def _asked(self) -> None:
        if self.sheet is None:  # a choice may lead to a question of its own
            self.page.enter()

    def _enable_keys(self, enabled: bool) -> None:
        for name, shortcut in self._shortcuts.items():
            if name != "Esc":
                shortcut.setEnabled(enabled)

    @property
    def sheet(self) -> Sheet | None:
        """The question being asked."""
        return self._ask.sheet

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends timer and workers."""
        self.hide()  # a child process may take its time to end
        self._timer.stop()
        self._background.close_down()
        self.page.close_down()
        super().closeEvent(event)


def run_review_window(
    source: str,
    settings: UiSettings,
    *,
    data_folder: Path,
    database: str = "",
    model: str = DEFAULT_MODEL,
    wish: Wish | None = None,
    judge: Callable[[ReviewSource], FolderInspection] | None = None,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Shows the window until it is closed; `create_application` must have been called.

    Args:
        source: folder, zip or data folder; empty: the records of this station.
        settings: what the window remembers.
        data_folder: of this station.
        database: where its records are: the URL of a server; empty: in the data folder.
        model: name of its model.
        wish: what is shown at first; None: everything.
        judge: begins to judge what is new in a folder or zip; None: as the station would.
        stop: asked several times a second; True closes the window.

    Returns:
        The exit code of Qt.

    Raises:
        RuntimeError: there is no application yet.
    """
    app = running_application()
    window = ReviewWindow(
        source,
        settings,
        data_folder=data_folder,
        database=database,
        model=model,
        wish=wish,
        judge=judge,
    )
    return show_until_closed(app, window, fullscreen=settings.fullscreen, stop=stop)


def _titles(data_folder: Path, model: str) -> dict[str, dict[str, str]]:
    """What the model and this station call the products; what cannot be read is left out."""
    found: dict[str, dict[str, str]] = {}
    try:
        products = open_in_use(data_folder, model).manifest.products
        found |= {key: dict(entry.titles) for key, entry in products.items()}
    except PackageError:
        found = {}  # keys are shown
    try:
        listed = ProductStore(data_folder).listing(archived=True).products
        found |= {one.key: dict(one.titles) for one in listed}
    except StoreError:
        return found
    return found
