"""What is asked about the station: product, trigger mode, a new shift."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from uniad_desktop.ui import language
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.station_like import StationLike
from uniad_desktop.ui.trigger_choice import choose_trigger, trigger_choices, trigger_current


class StationQuestions(QObject):
    """Asks, and has the station do what was answered.

    Args:
        station: the station.
        ask: opens a sheet.
        begin_shift: sets the counters to zero.
        parent: the window.
    """

    def __init__(
        self,
        station: StationLike,
        ask: Ask,
        begin_shift: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._station, self._ask, self._begin_shift = station, ask, begin_shift

    def choose_product(self) -> None:
        """Offers the products."""
        code = language.current()
        now = self._station.product.key
        choices = [
            (product.key, product.title(code))
            for product in self._station.products
            if not product.archived or product.key == now
        ]
        self._ask(
            self.tr("Product"),
            self.tr("The limits of the product apply from the next part on."),
            choices,
            current=now,
            on_choice=self._station.select_product,
        )

    def choose_mode(self) -> None:
        """Offers the trigger modes."""
        settings, info = self._station.trigger_settings, self._station.source_info
        self._ask(
            self.tr("Trigger mode"),
            self.tr(
                "Free running: the newest image is inspected, others are passed over and counted. "
                "Software trigger: every trigger gets one decision. "
                "Hardware trigger: every signal at the line does."
            ),
            trigger_choices(settings, info),
            current=trigger_current(settings, info),
            on_choice=lambda key: choose_trigger(self._station, key),
        )

    def ask_reset(self) -> None:
        """Asks before the counters of the shift go to zero."""
        self._ask(
            self.tr("Reset the counters of this shift?"),
            self.tr("All counters go to zero. Inspection goes on; records stay."),
            [("reset", self.tr("Reset counters"))],
            current=None,
            on_choice=lambda _: self._begin_shift(),
            main=True,
        )
