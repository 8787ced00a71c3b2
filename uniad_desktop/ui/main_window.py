"""The window: top bar, pages, alarm strip, status line; timers and keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from uniad_desktop.records.database import default_station
from uniad_desktop.ui import language
from uniad_desktop.ui.appearance import Appearance
from uniad_desktop.ui.asking import Asking
from uniad_desktop.ui.camera_question import CameraQuestion
from uniad_desktop.ui.code_choice import CodeChoice
from uniad_desktop.ui.drift_watch import DriftWatch
from uniad_desktop.ui.pages.inspect import RIGHT_COLUMN, InspectPage
from uniad_desktop.ui.pages.review import ReviewPage
from uniad_desktop.ui.pages.setup import SetupPage
from uniad_desktop.ui.pages.teach import TeachPage
from uniad_desktop.ui.recording_saver import RecordingSaver
from uniad_desktop.ui.review.context import ReviewContext
from uniad_desktop.ui.settings import UiSettings
from uniad_desktop.ui.setup.context import SetupContext
from uniad_desktop.ui.setup.product_camera import product_camera
from uniad_desktop.ui.shift_start import ShiftStart
from uniad_desktop.ui.showing import running_application, show_until_closed
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.station_questions import StationQuestions
from uniad_desktop.ui.surroundings import ALONE, Surroundings
from uniad_desktop.ui.teach.context import TeachContext
from uniad_desktop.ui.version_chooser import VersionChooser
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.sheet import Sheet
from uniad_desktop.ui.widgets.status_line import StatusLine
from uniad_desktop.ui.widgets.top_bar import Page, TopBar

FRAME_MS = 33
SLOW_EVERY = 8
SAVE_AFTER_MS = 500
SMALLEST = (1280, 720)
_MARGIN = 12


class _Part(Protocol):
    """Something with a worker or a question of its own."""

    def beat(self) -> None: ...

    def close_down(self) -> None: ...


class MainWindow(QMainWindow):
    """Shows one station. It never waits: everything it needs is pulled on a timer.

    Args:
        station: the station; it is neither started nor closed here.
        settings: what the window remembers.
        around: where things are and who answers.
    """

    def __init__(
        self,
        station: StationLike,
        settings: UiSettings,
        around: Surroundings = ALONE,
    ) -> None:
        super().__init__()
        self._station = station
        self._settings = settings
        self._around = around
        data_folder = around.data_folder
        self._ask = Asking(self._cover, self._enable_page_keys, self)
        self.appearance = Appearance(self, settings, self._ask, self._changed)
        self.questions = StationQuestions(station, self._ask, self._begin_shift, self)
        self._ticks = 0
        ground = self._ground = QWidget(self)
        ground.setObjectName("ground")
        self.top = TopBar(
            ground, versions=around.versions is not None, teach=data_folder is not None
        )
        self.versions = (
            None
            if around.versions is None
            else VersionChooser(station, around.versions, self._ask, self)
        )
        self._cameras = self._camera_questions()
        self.saver = RecordingSaver(self._stations(), around.recordings, self._tell_saved, self)
        self._pages = QStackedWidget(ground)
        self.drift = self._make_drift(data_folder)
        self.page = InspectPage(
            station, settings.heatmap, settings.heatmap_strength, self.drift.monitor, ground
        )
        self._pages.addWidget(self.page)
        self.teach: TeachPage | None = None
        self.review: ReviewPage | None = None
        self.shift_start: ShiftStart | None = None
        self.codes: CodeChoice | None = None
        if data_folder is not None:
            self.codes = CodeChoice(station, data_folder, self)
            self.shift_start = ShiftStart(station, data_folder, self._ask, self)
            self.teach = TeachPage(self._teach_context(data_folder), ground)
            self._pages.addWidget(self.teach)
            self.codes.untaught.connect(self._untaught)
            self.review = ReviewPage(self._review_context(data_folder), ground)
            self._pages.addWidget(self.review)
        self.setup = SetupPage(self._setup_context(), ground)
        self._pages.addWidget(self.setup)
        self.saved = Banner("news", button=True, parent=ground)
        self._write_words()
        self.records_alarm = Banner("recordsAlarm", parent=ground)
        self.status = StatusLine(ground)
        layout = QVBoxLayout(ground)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.records_alarm)
        layout.addWidget(self.status)
        self.setCentralWidget(ground)
        self.setWindowTitle("UniAD Desktop")
        self.setMinimumSize(*SMALLEST)
        self._connect()
        self._shortcuts = self._keys()
        self._save_timer = QTimer(self)
        self._save_timer.setSingleShot(True)
        self._save_timer.setInterval(SAVE_AFTER_MS)
        self._save_timer.timeout.connect(self._save)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)
        ground.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ground.setFocus()
        self.refresh_all()
        self._timer.start()

    def _make_drift(self, data_folder: Path | None) -> DriftWatch:
        return DriftWatch(self._station, data_folder, self)

    def _teach_context(self, data_folder: Path) -> TeachContext:
        return TeachContext(
            station=self._station,
            data_folder=data_folder,
            model=self._station.model.name,
            ask=self._ask,
            say=lambda sentence: self.teach.notice.say(sentence) if self.teach else None,
            asking=lambda: self.sheet is not None,
        )

    def _review_context(self, data_folder: Path) -> ReviewContext:
        return ReviewContext(
            data_folder=data_folder,
            model=self._station.model.name,
            station=default_station(),
            ask=self._ask,
            say=lambda sentence: self.review.notice.say(sentence) if self.review else None,
            title_of=self._title_of,
            url=self._around.database,
        )

    def _camera_questions(self) -> list[CameraQuestion]:
        """One for each camera that somebody answers for."""
        cameras = self._around.cameras
        return [
            CameraQuestion(own, choice, self._ask, self, number=place if len(cameras) > 1 else 0)
            for place, (own, choice) in enumerate(zip(self._stations(), cameras, strict=False), 1)
        ]

    def _setup_context(self) -> SetupContext:
        data_folder, changer = self._around.data_folder, self._around.changer
        return SetupContext(
            station=self._station,
            ask=self._ask,
            say=self._say_setup,
            title_of=self._title_of,
            favourites=self._settings.favourites,
            remember=lambda favourites: self._changed(favourites=favourites),
            products=(
                product_camera(data_folder, self._station.model.name)
                if data_folder is not None
                else None
            ),
            change_camera=(
                None
                if changer is None
                else lambda serial: changer.change_camera(serial, self._place_shown())
            ),
            camera_index=lambda: changer.camera_index(self._place_shown()) if changer else None,
            held_here=self._held_here,
            list_cameras=self._around.list_cameras,
            add_producer=self._around.add_producer,
            recording=lambda: self.saver.desk(self._place_shown()),
            save_recording=self.save_recordings,
        )

    def _stations(self) -> Sequence[StationLike]:
        """Every station of the window."""
        return (self._station,)

    def _place_shown(self) -> int:
        """Place of the camera that pages of one camera act on, counted from 0."""
        return 0

    def _places_to_save(self) -> Sequence[int]:
        """Of which cameras raw frames are saved at the key."""
        return (self._place_shown(),)

    def _held_here(self) -> frozenset[str]:
        """Serial numbers of the cameras that are open."""
        infos = (station.source_info for station in self._stations())
        return frozenset(info.serial for info in infos if info is not None)

    def _say_setup(self, sentence: str) -> None:
        self.setup.notice.say(sentence)

    def _title_of(self, key: str) -> str:
        """What a product is called on the screen; its key where the model does not know it."""
        known = {one.key: one for one in self._station.products}
        return known[key].title(language.current()) if key in known else key

    def _untaught(self, key: str) -> None:
        """The code of a product that is not taught yet was scanned: it is next to be taught."""
        if self.teach is not None and self.shown is Page.TEACH:
            self.teach.take_product(key)

    def _connect(self) -> None:
        self._ask.closed.connect(self._asked)
        for page, button in self.top.pages.items():
            button.clicked.connect(lambda _=False, chosen=page: self.show_page(chosen))
        self.top.product.clicked.connect(self.questions.choose_product)
        self.top.mode.clicked.connect(self.questions.choose_mode)
        self.top.language.clicked.connect(self.appearance.choose_language)
        self.top.theme.clicked.connect(self.appearance.switch_theme)
        self.top.fullscreen.clicked.connect(self.appearance.switch_fullscreen)
        self.page.shift.reset_wished.connect(self.questions.ask_reset)
        self.page.heatmap.changed.connect(self._heatmap_changed)
        if self.top.model is not None:
            self.top.model.clicked.connect(self.choose_version)
        if self.page.drift.button is not None:
            self.page.drift.button.clicked.connect(self.acknowledge_drift)
        banners = [self.page.notice, self.page.news, self.saved]
        banners += [page.station_notice for page in self._other_pages()]
        for banner in banners:
            if banner.button is not None:
                banner.button.clicked.connect(self.acknowledge)

    def _keys(self) -> dict[str, QShortcut]:
        """The keys printed on the buttons, of all pages."""
        names = [*self._actions(), *self._inspect_actions()]
        for page in self._other_pages():
            names += page.keys
        shortcuts = {}
        for key in dict.fromkeys(names):
            shortcut = QShortcut(QKeySequence(key), self)
            # A key that is held down must not start and stop the line in turn.
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(lambda chosen=key: self.act(chosen))
            shortcuts[key] = shortcut
        return shortcuts

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What keys do on every page."""
        actions: dict[str, Callable[[], object]] = {
            "Space": self.page.start_or_stop,
            "T": self.page.trigger,
            "P": self.questions.choose_product,
            "M": self.questions.choose_mode,
            "L": self.appearance.choose_language,
            "D": self.appearance.switch_theme,
            "F9": self.save_recordings,
            "F11": self.appearance.switch_fullscreen,
            "Esc": self.escape,
        }
        if self.versions is not None:
            actions["V"] = self.choose_version
        actions["F1"] = lambda: self.show_page(Page.INSPECT)
        actions["F4"] = lambda: self.show_page(Page.SETUP)
        if self.teach is not None:
            actions["F2"] = lambda: self.show_page(Page.TEACH)
            actions["F3"] = lambda: self.show_page(Page.REVIEW)
        return actions

    def _inspect_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do on the inspect page."""
        return {
            "H": self.page.heatmap.toggle.toggle,
            "R": self.questions.ask_reset,
            "G": self.page.next_chart,
        }

    def act(self, key: str) -> None:
        """Does what a key does on the page being shown."""
        shown = self._page()
        own = (
            shown.key_actions()
            if isinstance(shown, TeachPage | ReviewPage | SetupPage)
            else self._inspect_actions()
        )
        action = {**self._actions(), **own}.get(key)
        if action is not None:
            action()

    @property
    def shown(self) -> Page:
        """The page being shown."""
        pages = {
            id(self.teach): Page.TEACH,
            id(self.review): Page.REVIEW,
            id(self.setup): Page.SETUP,
        }
        return pages.get(id(self._pages.currentWidget()), Page.INSPECT)

    def _other_pages(self) -> list[TeachPage | ReviewPage | SetupPage]:
        """The pages beside the inspect page."""
        return [one for one in (self.teach, self.review, self.setup) if one is not None]

    def _page(self) -> InspectPage | TeachPage | ReviewPage | SetupPage:
        """The widget of the page being shown."""
        pages = {Page.TEACH: self.teach, Page.REVIEW: self.review, Page.SETUP: self.setup}
        shown = pages.get(self.shown)
        return shown if shown is not None else self.page

    def show_page(self, page: Page) -> None:
        """Changes to a page; inspection goes on whatever is shown."""
        widgets = {
            Page.INSPECT: self.page,
            Page.TEACH: self.teach,
            Page.REVIEW: self.review,
            Page.SETUP: self.setup,
        }
        widget = widgets[page]
        if widget is None:
            return
        self._ask.close()
        self._pages.setCurrentWidget(widget)
        self.refresh_all()
        self._focus_page()

    def _focus_page(self) -> None:
        """Keys go to the window; on the review page arrows go through the grid."""
        if self.review is not None and self.shown is Page.REVIEW:
            self.review.enter()
        else:
            self._ground.setFocus()

    # the timer

    def _parts(self) -> list[_Part]:
        """What beats with the window and ends with it."""
        parts: list[_Part | None] = [
            self.versions,
            self.teach,
            self.review,
            self.setup,
            self.shift_start,
            self.codes,
            self.drift,
            self.saver,
            *self._cameras,
        ]
        return [part for part in parts if part is not None]

    def tick(self) -> None:
        """One beat of the display."""
        self._ticks += 1
        self.refresh_shown()
        for part in self._parts():
            part.beat()
        # Two halves on different beats: no beat takes long.
        if self._ticks % SLOW_EVERY == 0:
            self.page.refresh_slow()
        elif self._ticks % SLOW_EVERY == SLOW_EVERY // 2:
            self.refresh_bars()

    def refresh_shown(self) -> None:
        """What must follow every part."""
        self.page.refresh()

    def refresh_bars(self) -> None:
        """Top bar and status line; a few times a second is enough."""
        station = self._station
        self._show_station()
        self.top.show_model(station.model, self.versions.preparing if self.versions else "")
        self.top.show_page(self.shown)
        self._show_notice()
        records = station.records()
        self.status.show_runtime(station.runtime_state)
        self.status.show_records(records)
        self.records_alarm.say(records.problem)

    def _show_station(self) -> None:
        """Source, product, mode, state and figures."""
        station = self._station
        info = station.source_info
        self.top.show_kind(info.kind if info else None)
        self.top.show_product(station.product.title(language.current()))
        self.top.show_mode(station.trigger_settings, info)
        rates = station.rates()
        self.status.show_camera(info, station.state, rates.lost_lately)
        self.status.show_figures(rates, station.latency(), station.counters())

    @property
    def beating(self) -> bool:
        """Whether a timer of the window is running."""
        return self._timer.isActive() or self._save_timer.isActive()

    def refresh_all(self) -> None:
        """Everything at once."""
        self.page.refresh()
        self.page.refresh_slow()
        self.refresh_bars()

    # what the operator does

    def escape(self) -> None:
        """Takes back a question, else a sentence that was read, else ends a frozen display."""
        if self._ask.close():
            return
        if self._notice() or (self.saved.sentence() and not self.saver.writing):
            self.acknowledge()
        elif not isinstance(page := self._page(), InspectPage):
            page.escape()
        elif self.page.news.sentence():
            self.acknowledge()
        elif self.page.drift.sentence():
            self.acknowledge_drift()
        else:
            self.page.resume()

    def choose_version(self) -> None:
        """Offers the versions of the model, where there is a choice."""
        if self.versions is not None:
            self.versions.choose()

    def save_recordings(self) -> None:
        """Saves the last raw frames; nothing is asked, or they would be gone meanwhile."""
        self.saver.save(self._places_to_save())
        self._show_notice()

    def _tell_saved(self, sentence: str) -> bool:
        """Where the Setup page is shown, its own strip has what became of a saving."""
        if self.shown is not Page.SETUP:
            return False
        self.setup.notice.say(sentence)
        return True

    def _place_saved(self) -> None:
        """Over the foot of the page: pages that fill a small screen have no room for a strip."""
        if self.saved.isHidden():
            return
        width = self._ground.width() - 2 * _MARGIN
        height = self.saved.heightForWidth(width)
        foot = self._pages.geometry().bottom() - _MARGIN
        self.saved.setGeometry(_MARGIN, foot - height, width, height)
        self.saved.raise_()

    def acknowledge(self) -> None:
        """Takes away what was said: about a version, a saving, the start of the shift."""
        for part in self._tellers():
            if part.problem:
                part.acknowledge()
                break
        else:
            if self.saver.news and not self.saver.writing:
                self.saver.acknowledge()
            elif self.shift_start is not None:
                self.shift_start.acknowledge()
        self._show_notice()

    def acknowledge_drift(self) -> None:
        """Takes away what was said about a drift; the charts go on showing it."""
        self.drift.acknowledge()
        self._show_notice()

    def _tellers(self) -> list[VersionChooser | ShiftStart | CodeChoice | RecordingSaver]:
        """Who may have something to say on every page, the most urgent first."""
        tellers = (self.shift_start, self.versions, self.codes, self.saver)
        return [one for one in tellers if one is not None]

    def _notice(self) -> str:
        return next((one.problem for one in self._tellers() if one.problem), "")

    def _show_notice(self) -> None:
        self.page.notice.say(self._notice())
        for page in self._other_pages():
            page.station_notice.say(self._notice())
        shift = self.shift_start.news if self.shift_start is not None else ""
        self.page.news.say(self.saver.news or shift)
        # A question has the foot of the page for its buttons.
        elsewhere = self.shown in (Page.TEACH, Page.REVIEW) and self.sheet is None
        self.saved.say(self.saver.news if elsewhere else "")
        self._place_saved()
        drift = self.drift.sentence
        self.page.drift.say(f"△  {drift}" if drift else "")

    def _begin_shift(self) -> None:
        self._station.reset_shift()
        self.drift.begin_shift()
        if self.shift_start is not None:
            self.shift_start.begin()

    def _cover(self) -> tuple[QWidget, int]:
        """Verdict and main buttons of the inspect page stay in sight and reach of a question."""
        return self._page(), RIGHT_COLUMN + 18 if self.shown is Page.INSPECT else 0

    def _asked(self) -> None:
        if self.sheet is None:  # a choice may lead to a question of its own
            self._focus_page()
        self.refresh_all()

    def _enable_page_keys(self, enabled: bool) -> None:
        """While something is asked only the keys of the main buttons go on working."""
        # On the review page Space and T are no main buttons.
        kept = ("Esc", "F9") if self.shown is Page.REVIEW else ("Space", "T", "Esc", "F9")
        for name, shortcut in self._shortcuts.items():
            if name not in kept:
                shortcut.setEnabled(enabled)

    @property
    def sheet(self) -> Sheet | None:
        """The question being asked."""
        return self._ask.sheet

    def _heatmap_changed(self, on: bool, strength: float) -> None:
        self._changed(heatmap=on, heatmap_strength=strength)

    def _changed(self, **values: object) -> None:
        if self._settings.update(**values):
            self._save_timer.start()

    def _save(self) -> None:
        if self._settings.on_change is not None:
            self._settings.on_change(self._settings)

    # Qt

    def _write_words(self) -> None:
        """The words of the window itself."""
        if self.saved.button is not None:
            self.saved.button.setText(self.tr("OK (Esc)"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Takes the strip over the page along."""
        super().resizeEvent(event)
        self._place_saved()

    def changeEvent(self, event: QEvent) -> None:
        """Words that the station gives are asked for again in the new language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._write_words()
            # After the children have taken the new language.
            QTimer.singleShot(0, self, self.refresh_all)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends timer, composer and worker and saves what is not saved yet."""
        self.hide()  # a child process may take its time to end
        self._timer.stop()
        if self._save_timer.isActive():
            self._save_timer.stop()
            self._save()
        self.page.close_down()
        for part in self._parts():
            part.close_down()
        super().closeEvent(event)


def run_window(
    station: StationLike,
    settings: UiSettings,
    around: Surroundings = ALONE,
    *,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Shows the window until it is closed; `create_application` must have been called.

    Args:
        station: the station; neither started nor closed here.
        settings: what the window remembers.
        around: where things are and who answers.
        stop: asked several times a second; True closes the window (Ctrl-C, the end of a service).

    Returns:
        The exit code of Qt.

    Raises:
        RuntimeError: there is no application yet.
    """
    app = running_application()
    window = MainWindow(station, settings, around)
    return show_until_closed(app, window, fullscreen=settings.fullscreen, stop=stop)
