"""Reads and writes features beside the window: a node that takes seconds stops nothing."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from uniad_desktop.cameras.feature_tree import Feature, FeatureValue, HasFeatures
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.inspection.types import StationState
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.setup.context import acquiring
from uniad_desktop.ui.setup.feature_rows import Doing, FeatureRows
from uniad_desktop.ui.station_like import StationLike

log = logging.getLogger(__name__)

REFRESH_S = 1.0
RETRY_S = 2.0
SLOW_S = 0.7
"""From here on a row says that it is being read."""


class Tree(StrEnum):
    """What is there to be shown."""

    NO_CAMERA = "no-camera"
    NO_FEATURES = "no-features"
    READING = "reading"
    READY = "ready"
    LOST = "lost"


class FeatureDesk:
    """Keeps rows up to date with the camera of a station; one access after the other.

    Args:
        station: the station.
        rows: what is shown.
        visible: names of the features in sight.
        refused: told name and sentence of a write that was refused.

    Attributes:
        tree: what is there to be shown.
        problem: why nothing is there, a sentence, else empty.
    """

    def __init__(
        self,
        station: StationLike,
        rows: FeatureRows,
        visible: Callable[[], tuple[str, ...]],
        refused: Callable[[str, str], None],
    ) -> None:
        self._station, self._rows = station, rows
        self._visible, self._refused = visible, refused
        self._background = Background("setup-features")
        self._camera: HasFeatures | None = None
        self._acquiring = False
        self._next = 0.0
        self._asked_at = 0.0
        self._asked: tuple[str, ...] = ()
        self._writing: Counter[str] = Counter()
        self.tree = Tree.NO_CAMERA
        self.problem = ""

    @property
    def busy(self) -> bool:
        """Whether the camera is being asked or told something."""
        return self._background.busy

    def beat(self, shown: bool) -> None:
        """Takes what the camera answered and asks anew; returns at once.

        Args:
            shown: whether somebody looks; what was asked is taken in any case.
        """
        self._background.beat()
        self._mark_slow()
        camera = self._station.camera_features
        if camera is not self._camera:
            self._camera = camera
            self._writing.clear()
            self._rows.clear()
            self.tree, self.problem, self._next = Tree.READING, "", 0.0
        if camera is None:
            info = self._station.source_info
            self.tree = Tree.NO_CAMERA if info is None else Tree.NO_FEATURES
            return
        if self._station.state is StationState.CAMERA_LOST:
            # The station opens it again; what is read then may be another firmware's.
            self.tree, self.problem = Tree.LOST, self._station.problem
            self._next = 0.0
            return
        now = acquiring(self._station)
        if now != self._acquiring:  # other features are locked
            self._acquiring, self._next = now, 0.0
        if shown and not self.busy and time.monotonic() >= self._next:
            self._next = time.monotonic() + REFRESH_S
            self._ask(camera)

    def soon(self) -> None:
        """Other features came in sight: they are read at the next chance."""
        if self.tree is Tree.READY:
            self._next = 0.0

    def read_again(self) -> None:
        """Everything is read anew, as after a feature set was applied."""
        if self._camera is not None:
            self.tree, self._next = Tree.READING, 0.0

    def write(self, name: str, value: FeatureValue) -> None:
        """Has a value written; the row says so meanwhile, and why it was refused."""
        camera = self._camera
        if camera is None:
            return
        wanted = dict.fromkeys((name, *self._in_sight()))
        self._rows.tell(name, "")
        self._wait_for(name, 1)

        def work() -> tuple[Feature, ...]:
            camera.write_feature(name, value)
            return camera.refresh(tuple(wanted))

        def done(found: tuple[Feature, ...]) -> None:
            self._take(camera, found)
            self._wait_for(name, -1)
            self._next = time.monotonic() + REFRESH_S

        def failed(problem: str) -> None:
            self._wait_for(name, -1)
            self._rows.tell(name, problem)
            self._refused(name, problem)
            self._next = 0.0

        self._background.run(work, done, failed, (CameraError,))

    def _wait_for(self, name: str, more: int) -> None:
        """Several values of a feature may be on their way, as when a step is tapped quickly."""
        self._writing[name] += more
        self._rows.mark_writing(name, self._writing[name] > 0)

    def _in_sight(self) -> tuple[str, ...]:
        """Features in sight, and those that say of which of several their values are."""
        names = dict.fromkeys(self._visible())
        for name in tuple(names):
            feature = self._rows.feature(name)
            names.update(dict.fromkeys(feature.selected_by if feature is not None else ()))
        return tuple(names)

    def close_down(self) -> None:
        """Ends the worker after the access in hand."""
        self._background.close_down()

    def _ask(self, camera: HasFeatures) -> None:
        if self.tree is Tree.READY:
            names = self._in_sight()
            if not names:
                return
            self._asked, self._asked_at = names, time.monotonic()
            self._background.run(
                lambda: camera.refresh(names),
                lambda found: self._refreshed(camera, found),
                lambda problem: self._not_read(camera, problem),
                (CameraError,),
            )
        else:
            self._background.run(
                camera.features,
                lambda found: self._take_all(camera, found),
                lambda problem: self._not_read(camera, problem),
                (CameraError,),
            )

    def _take_all(self, camera: HasFeatures, found: tuple[Feature, ...]) -> None:
        if camera is self._camera and self.tree in (Tree.READING, Tree.LOST):
            self._rows.take_all(found)
            self.tree, self.problem = Tree.READY, ""

    def _refreshed(self, camera: HasFeatures, found: tuple[Feature, ...]) -> None:
        self._asked = ()
        self._rows.mark((), Doing.NOTHING)
        self._take(camera, found)

    def _take(self, camera: HasFeatures, found: Iterable[Feature]) -> None:
        if camera is self._camera:
            self._rows.update(found)

    def _not_read(self, camera: HasFeatures, problem: str) -> None:
        self._asked = ()
        self._rows.mark((), Doing.NOTHING)
        if camera is self._camera:
            log.info("The features cannot be read: %s", problem)
            self.tree, self.problem = Tree.LOST, problem
            self._next = time.monotonic() + RETRY_S

    def _mark_slow(self) -> None:
        if self._asked and time.monotonic() - self._asked_at > SLOW_S:
            self._rows.mark(self._asked, Doing.READING)
