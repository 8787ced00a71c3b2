"""What every part of the Review page is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from uniad_desktop.review.background import FolderInspection
from uniad_desktop.review.source import ReviewSource, open_source
from uniad_desktop.ui.ask import Ask
from uniad_desktop.ui.review.filter_state import Wish


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """Where things are and whom to tell.

    Attributes:
        data_folder: of this station; what is taught and exported goes there.
        model: name of the station's model, whose packages show normal parts.
        station: name of the station, for the audit trail.
        ask: opens a sheet over the window.
        say: shows a sentence on the page until it is acknowledged; empty takes it away.
        title_of: what a product is called on the screen, of its key.
        url: of the station's database where it is on a server; empty: in the data folder.
        source: what is opened first; empty: the station's own records.
        wish: what is shown of it at first.
        open_source: opens a source; on a worker.
        judge: begins to judge what is new in a folder or zip; None: as the station would.
    """

    data_folder: Path
    model: str
    station: str
    ask: Ask
    say: Callable[[str], None]
    title_of: Callable[[str], str]
    url: str = ""
    source: str = ""
    wish: Wish = field(default_factory=Wish)
    open_source: Callable[[str, Path, str], ReviewSource] = open_source
    judge: Callable[[ReviewSource], FolderInspection] | None = None
