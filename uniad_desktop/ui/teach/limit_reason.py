"""Asks why limits are changed: a ready reason or own words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.teach.limit_desk import LimitDesk

OWN_WORDS = "own"


def ask_reason(ask: Ask, title: str, desk: LimitDesk, then: Callable[[str], None]) -> None:
    """Opens the sheet; returns at once.

    Args:
        ask: opens a sheet.
        title: of the product.
        desk: the limits to be applied.
        then: told of the reason; not where nothing was chosen.
    """
    tr = QCoreApplication.translate
    reasons = {
        "fewer": tr("LimitReason", "fewer false rejects"),
        "missed": tr("LimitReason", "a defect was missed"),
        "lot": tr("LimitReason", "new lot or material"),
        "trial": tr("LimitReason", "after a trial"),
    }

    def chosen(key: str) -> None:
        if key != OWN_WORDS:
            then(reasons[key])
            return
        ask(
            tr("LimitReason", "Why are the limits changed?"),
            tr("LimitReason", "The reason is kept in the model and with the activation."),
            [("apply", tr("LimitReason", "Apply"))],
            current=None,
            on_choice=then,
            entry="",
        )

    ask(
        tr("LimitReason", "Why are the limits of “{product}” changed?").format(product=title),
        _words(desk),
        [*reasons.items(), (OWN_WORDS, tr("LimitReason", "own words…"))],
        current=None,
        on_choice=chosen,
    )


def _words(desk: LimitDesk) -> str:
    """Old and new, and what will happen."""
    old, new = (
        QCoreApplication.translate("LimitReason", "T1 {accept}, T2 {reject}").format(
            accept=f"{desk.shown(accept):.1f}", reject=f"{desk.shown(reject):.1f}"
        )
        for accept, reject in (
            (desk.entry.accept, desk.entry.reject),
            (desk.accept, desk.reject),
        )
    )
    return QCoreApplication.translate(
        "LimitReason",
        "From {old} to {new} on the present scale. The next version is written and decides from "
        "the next part on; the former one stays.",
    ).format(old=old, new=new)
