"""The page of whoever sets up the camera: cameras, live picture, features, feature sets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from uniad_desktop.cameras.feature_set import FeatureSet
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.engine.layout import Layout
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.setup.camera_cards import CameraCards
from uniad_desktop.ui.setup.context import SetupContext
from uniad_desktop.ui.setup.feature_panel import FeaturePanel
from uniad_desktop.ui.setup.live_view import Outline
from uniad_desktop.ui.setup.picture_panel import PicturePanel
from uniad_desktop.ui.setup.set_bar import SetBar
from uniad_desktop.ui.widgets.banner import Banner
from uniad_desktop.ui.widgets.panel import Panel


class SetupPage(Panel):
    """Puts the parts of the page side by side and looks up what belongs to the product.

    Args:
        context: where things are and whom to tell.
        parent: the parent widget.
    """

    def __init__(self, context: SetupContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._background = Background("setup-product")
        self._product = ""
        self.station_notice = Banner("recordsAlarm", button=True, parent=self)
        self.notice = Banner("news", button=True, parent=self)
        self.cameras = CameraCards(context, self)
        self.picture = PicturePanel(context, self)
        self.features = FeaturePanel(context, self)
        self.sets = SetBar(context, self.features.desk.read_again, self._look_up, self)
        self.cameras.changed.connect(self.picture.begin_live)
        self._lay_out()
        if self.notice.button:
            self.notice.button.clicked.connect(lambda: self.notice.say(""))
        self.retranslate()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.cameras)
        left.addWidget(self.picture, 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.features, 1)
        right.addWidget(self.sets)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        columns.addLayout(left, 58)
        columns.addLayout(right, 42)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self.station_notice)
        layout.addWidget(self.notice)
        layout.addLayout(columns, 1)

    # the product

    def _look_up(self) -> None:
        """Reads what belongs to the product, beside the window."""
        products, key = self._context.products, self._product
        if products is None:
            return
        wanted = products

        def work() -> tuple[FeatureSet | None, Layout | None]:
            return wanted.set_of(key), wanted.layout_of(key)

        def done(found: tuple[FeatureSet | None, Layout | None]) -> None:
            if key == self._product:
                self.features.show_taught(found[0])
                self.picture.view.show_outlines(outlines_of(found[1]))

        self._background.run(work, done, self._context.say, (CameraError, StoreError))

    # the window

    def escape(self) -> None:
        """Takes a sentence away that was read, else ends what the list is at."""
        if self.notice.sentence():
            self.notice.say("")
        else:
            self.features.escape()

    @property
    def keys(self) -> list[str]:
        """Every key that means something here."""
        return list(self.key_actions())

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do here."""
        return {
            **self.cameras.key_actions(),
            **self.picture.key_actions(),
            **self.features.key_actions(),
            **self.sets.key_actions(),
        }

    def beat(self) -> None:
        """Takes what workers finished and asks anew while the page is shown; returns at once."""
        shown = self.isVisible()
        self._background.beat()
        product = self._context.station.product.key
        if shown and product != self._product:
            self._product = product
            self.features.show_taught(None)
            self.picture.view.show_outlines(())
            self._look_up()
        self.cameras.beat(shown)
        self.picture.beat(shown)
        self.features.beat(shown)
        self.sets.beat()

    def close_down(self) -> None:
        """Ends workers."""
        self._background.close_down()
        for part in (self.cameras, self.picture, self.features, self.sets):
            part.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        for banner in (self.station_notice, self.notice):
            if banner.button:
                banner.button.setText(self.tr("OK (Esc)"))


def outlines_of(layout: Layout | None) -> tuple[Outline, ...]:
    """Corners of every region that is not the whole frame, in full-frame pixels."""
    found: list[Outline] = []
    for region in layout.regions if layout is not None else ():
        box = region.box
        if region.polygon:
            found.append(tuple((float(x), float(y)) for x, y in region.polygon))
        elif box is not None:
            found.append(
                (
                    (box.x, box.y),
                    (box.right, box.y),
                    (box.right, box.bottom),
                    (box.x, box.bottom),
                )
            )
    return tuple(found)
