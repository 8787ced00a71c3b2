"""What became of the last frame that was collected, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from uniad_desktop.inspection.types import StationState
from uniad_desktop.teaching.collect_state import CollectState
from uniad_desktop.teaching.collection import State
from uniad_desktop.ui import text


def last_words(state: CollectState, station: StationState) -> str:
    """One line on the last part, and what else is to be known."""
    told = []
    if station not in (StationState.RUNNING, StationState.COLLECTING):
        told.append(
            _tr("The camera gives no frames now: {state}.").format(state=text.state_word(station))
        )
    if state.preparing:
        told.append(_tr("Preparing the checks…"))
    part = state.last
    if part is not None and part.state is State.ACCEPTED:
        told.append(_tr("✓ Taken in: part {id}.").format(id=part.id[:8]))
    elif part is not None:
        doubts = " ".join(doubt.sentence for doubt in part.doubts)
        told.append(_tr("△ Set aside for a look: {doubts}").format(doubts=doubts))
    if state.duplicates:
        told.append(_tr("{n} were there already.").format(n=text.number(state.duplicates)))
    if state.busy_dropped:
        told.append(
            _tr("{n} were not taken, as the checks were busy.").format(
                n=text.number(state.busy_dropped)
            )
        )
    return " ".join(told)


def _tr(words: str) -> str:
    return QCoreApplication.translate("CollectWords", words)
