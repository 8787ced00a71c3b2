"""Follows the decisions of the station for drift and tells the operator once per drift."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from uniad_desktop.inspection.spc.baseline import Baseline, Quantity, baseline_of_calibration
from uniad_desktop.inspection.spc.monitor import DriftMonitor, Subject
from uniad_desktop.inspection.types import ProductInfo
from uniad_desktop.ui import drift_words
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.station_like import StationLike


class DriftWatch(QObject):
    """Owns the monitor; `beat` hands it the baselines of the product and model in force.

    Args:
        station: whose decisions are followed.
        data_folder: of the station, where parts at teaching are looked for; None: only what the
            model itself tells is known.
        parent: the window.
    """

    def __init__(
        self, station: StationLike, data_folder: Path | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._station, self._folder = station, data_folder
        self._background = Background("drift")
        self.monitor = DriftMonitor()
        self._asked: Subject | None = None
        # Alarms that were read: what, and since which part.
        self._read: set[tuple[Subject, Quantity, int]] = set()
        station.add_sink(self.monitor.take)

    def beat(self) -> None:
        """Takes what is known of the product; returns at once."""
        self._background.beat()
        product = self._station.product
        subject = (product.key, self._station.model.sha256)
        if subject != self._asked:
            self._asked = subject
            self._learn(subject, product)

    def begin_shift(self) -> None:
        """A shift begins: parts that were taught meanwhile count, first parts are learnt anew."""
        self.monitor.begin_shift()
        self._asked = None

    @property
    def sentence(self) -> str:
        """What the operator should know and has not read yet, else empty."""
        told = []
        for quantity in Quantity:
            drift = self.monitor.drift(quantity)
            if drift is not None and drift.settled and self._key(quantity) not in self._read:
                told.append(drift_words.sentence(quantity, drift))
        return " ".join(told)

    def acknowledge(self) -> None:
        """What is told now has been read; a drift is told again only when it arises anew."""
        for quantity in Quantity:
            drift = self.monitor.drift(quantity)
            if drift is not None and drift.settled:
                self._read.add(self._key(quantity))

    def close_down(self) -> None:
        """Follows nothing any more."""
        self._station.remove_sink(self.monitor.take)
        self._background.close_down()

    def _key(self, quantity: Quantity) -> tuple[Subject, Quantity, int]:
        watched = self.monitor.watched(quantity)
        return (watched.subject, quantity, watched.drift.since_number if watched.drift else 0)

    def _learn(self, subject: Subject, product: ProductInfo) -> None:
        folder, model = self._folder, self._station.model

        def look() -> None:
            found: dict[Quantity, Baseline] = {}
            if folder is None:
                score = baseline_of_calibration(product.calibration)
                if score is not None:
                    found[Quantity.SCORE] = score
            else:
                # Imported here, on the worker: it brings the whole of teaching along.
                from uniad_desktop.teaching.chart_baselines import chart_baselines

                found = chart_baselines(folder, model, product.key, product.calibration)
            # Here, too: charting 500 parts anew is nothing for the Qt thread.
            self.monitor.set_baselines(subject, found)

        self._background.run(look)
