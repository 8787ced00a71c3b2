"""The part of ``review`` that opens the window; needs Qt and a display."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from uniad_desktop.app import DEFAULT_MODEL
from uniad_desktop.interrupt import Interrupt
from uniad_desktop.records.filters import RecordFilter
from uniad_desktop.settings import Settings, save_settings
from uniad_desktop.ui.application import create_application
from uniad_desktop.ui.review.filter_state import Wish
from uniad_desktop.ui.review_window import run_review_window
from uniad_desktop.ui.settings import UiSettings

log = logging.getLogger(__name__)


def show_window(
    options: argparse.Namespace,
    folder: Path,
    settings: Settings,
    wanted: RecordFilter,
    interrupt: Interrupt,
) -> int:
    """Shows the Review page until its window is closed.

    Args:
        options: of the command.
        folder: data folder of this station.
        settings: what was remembered; changes are written back.
        wanted: what is shown at first.
        interrupt: Ctrl-C closes the window.

    Returns:
        The exit code of Qt.
    """

    def remember(changed: UiSettings) -> None:
        values = {"language": changed.language, "theme": changed.theme}
        try:
            save_settings(folder, settings.model_copy(update=values))
        except OSError as error:
            log.warning("The settings were not saved in %s: %s", folder, error.strerror or error)

    shown = UiSettings(language=settings.language, theme=settings.theme, on_change=remember)
    create_application(sys.argv[:1], shown)
    named = bool(options.model) and not Path(options.model).is_dir()
    return run_review_window(
        options.source,
        shown,
        data_folder=folder,
        database=settings.records.database,
        model=options.model.partition("@")[0] if named else DEFAULT_MODEL,
        wish=Wish.of(wanted),
        stop=interrupt.is_asked,
    )
