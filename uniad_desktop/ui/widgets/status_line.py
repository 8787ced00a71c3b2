"""The line at the bottom: camera, rates, latency, runtime, records, parts not inspected."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.source import SourceInfo
from uniad_desktop.inspection.types import (
    Latency,
    LatencyStart,
    Rates,
    RecordsState,
    RuntimeState,
    ShiftCounters,
    StationState,
)
from uniad_desktop.ui import text
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel

LATE_S = 3.0
"""From here on a recorder that lags is told; opening the database takes a second or two."""

# name -> share of the width
_CELLS = {
    "camera": 35,
    "acquired": 9,
    "inspected": 9,
    "passed_over": 11,
    "latency": 15,
    "runtime": 17,
    "records": 25,
    "disk": 10,
    "not_inspected": 11,
}


class StatusLine(Panel):
    """Figures under captions; all of them measured."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self._folder = ""
        self._lost = 0
        self._runtime = RuntimeState()
        self._since = LatencyStart.RECEPTION
        self._captions: dict[str, Figure] = {}
        self._values: dict[str, Figure] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 5, 14, 6)
        layout.setSpacing(14)
        for name, share in _CELLS.items():
            # Of a long folder the end says more than the middle.
            elide = Qt.TextElideMode.ElideMiddle
            self._captions[name] = Figure("caption", elide=elide, parent=self, shrink=True)
            self._values[name] = Figure("value", parent=self, shrink=True)
            cell = QVBoxLayout()
            cell.setSpacing(1)
            cell.addWidget(self._captions[name])
            cell.addWidget(self._values[name])
            layout.addLayout(cell, share)
        self.retranslate()

    def show_camera(self, info: SourceInfo | None, state: StationState, lost: int = 0) -> None:
        """Shows who delivers the frames and what the station does.

        Args:
            info: who; None where no camera is open.
            state: of the station.
            lost: frames that were lost lately, or arrived damaged; told in place of the size.
        """
        self._lost = lost if info is not None else 0
        self._captions["camera"].show_text(self._camera_caption())
        word = text.state_word(state)
        bad = state in (StationState.CAMERA_LOST, StationState.FAILED)
        if info is None:
            line = self.tr("none · {state}").format(state=word)
        elif lost:
            line = f"{text.lost(lost)} · {info.name} · {word}"
        else:
            line = f"{info.name} · {info.width}×{info.height} {info.pixel_format} · {word}"
        token = "warn_text" if self._lost else ""
        self._values["camera"].show_text(line, "alarm_text" if bad else token)

    def _camera_caption(self) -> str:
        return self.tr("Camera · frames lost in 5 min") if self._lost else self.tr("Camera")

    def show_figures(self, rates: Rates, latency: Latency, counters: ShiftCounters) -> None:
        """Shows rates per second, latency in ms and parts not inspected."""
        for name in ("acquired", "inspected", "passed_over"):
            self._values[name].show_text(f"{getattr(rates, name):.1f}/s")
        self._since = latency.since
        self._captions["latency"].show_text(self._latency_caption())
        p50, p99 = text.milliseconds(latency.p50), text.milliseconds(latency.p99)
        self._values["latency"].show_text(f"{p50} / {p99} ms")
        missed = text.not_inspected(counters)
        token = "error_text" if counters.error else ""
        self._values["not_inspected"].show_text(text.number(missed), token)

    def _latency_caption(self) -> str:
        if self._since is LatencyStart.TRIGGER:
            return self.tr("From trigger p50/p99")
        if self._since is LatencyStart.CAMERA:
            return self.tr("From exposure p50/p99")
        return self.tr("Latency p50 / p99")

    def show_runtime(self, runtime: RuntimeState) -> None:
        """Shows what runs the model and how far its scores are from the reference's at most."""
        self._runtime = runtime
        self._captions["runtime"].show_text(self._runtime_caption())
        # Something else runs than was asked for: a sign and a colour, the sentence is in the log.
        label = f"△ {runtime.label}" if runtime.remarks else runtime.label
        self._values["runtime"].show_text(label, "alarm_text" if runtime.remarks else "")

    def _runtime_caption(self) -> str:
        if not self._runtime.label:
            return self.tr("Runtime")
        if self._runtime.difference is None:
            return self.tr("Runtime · reference")
        return self.tr("Runtime · differs ≤ {n} σ").format(n=f"{self._runtime.difference:.2f}")

    def show_records(self, records: RecordsState) -> None:
        """Shows what is kept on disk; the problem itself stands in the alarm strip."""
        self._folder = _short(records.folder)
        self._captions["records"].show_text(self._records_caption())
        line = self.tr("{n} · {images} images").format(
            n=text.number(records.recorded), images=text.number(records.written)
        )
        late = records.lag_s >= LATE_S
        if late:
            lag = self.tr("△ {s} s behind").format(s=text.number(round(records.lag_s)))
            line = f"{lag} · {line}"
        if records.not_written:
            lost = self.tr("{n} not saved").format(n=text.number(records.not_written))
            line = f"{lost} · {line}"
        bad = bool(records.problem or records.not_written)
        token = "warn_text" if late else ""
        self._values["records"].show_text(line, "alarm_text" if bad else token)
        self._values["disk"].show_text(
            text.disk(records.free_bytes), "alarm_text" if records.problem else ""
        )

    def _records_caption(self) -> str:
        return self.tr("Recorded in {folder}").format(folder=self._folder or text.NONE)

    def shown(self, name: str) -> str:
        """The figure being shown under a name such as ``latency``."""
        return self._values[name].text()

    def caption(self, name: str) -> str:
        """What stands above it."""
        return self._captions[name].text()

    def warns(self, name: str) -> bool:
        """Whether it is shown in the colour of a warning."""
        return self._values[name].token == "warn_text"

    def is_cut(self, name: str) -> bool:
        """Whether the figure does not fit."""
        return self._values[name].is_cut()

    def retranslate(self) -> None:
        """Writes all words anew."""
        captions = {
            "camera": self._camera_caption(),
            "acquired": self.tr("Acquired"),
            "inspected": self.tr("Inspected"),
            "passed_over": self.tr("Passed over"),
            "latency": self._latency_caption(),
            "runtime": self._runtime_caption(),
            "records": self._records_caption(),
            "disk": self.tr("Free disk"),
            "not_inspected": self.tr("Not inspected"),
        }
        for name, words in captions.items():
            self._captions[name].show_text(words)


def _short(folder: str) -> str:
    """A folder with the home directory as ``~``."""
    home = str(Path.home())
    return "~" + folder[len(home) :] if home != "/" and folder.startswith(home) else folder
