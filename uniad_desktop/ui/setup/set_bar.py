"""Feature sets: loaded, saved, compared, and kept for the product."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from uniad_desktop.cameras.feature_set import (
    ApplyReport,
    FeatureSet,
    HasFeatureSets,
    SetDifference,
    compare,
    load,
    save,
    titled,
)
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.engine.package import PackageError
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.ui import text
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.setup.context import SetupContext, acquiring
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.row_button import Row
from uniad_desktop.ui.widgets.touch_button import TouchButton

SUFFIX = ".pfs"
_EXPECTED = (CameraError, StoreError, PackageError, OSError)


class SetBar(Panel):
    """Four buttons; the camera is stopped where it must stand still, after a question.

    Args:
        context: where things are and whom to tell.
        applied: told when a set was applied: every value may be another one now.
        kept: told when a set was kept for the product.
        parent: the parent widget.
    """

    def __init__(
        self,
        context: SetupContext,
        applied: Callable[[], None],
        kept: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._applied, self._kept = context, applied, kept
        self._background = Background("setup-sets")
        self._later: Callable[[], None] | None = None
        self._seen: object = None
        self._sets: HasFeatureSets | None = None
        self.choose_file = self._file_dialogue
        self.load, self.save, self.compare = (TouchButton(parent=self) for _ in range(3))
        self.keep = TouchButton(primary=True, parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for button in (self.load, self.save, self.compare, self.keep):
            layout.addWidget(button, 3 if button is self.keep else 2)
            button.setObjectName("setupAction")
        actions = self.key_actions()
        for key, button in zip(
            "OSCN", (self.load, self.save, self.compare, self.keep), strict=True
        ):
            button.clicked.connect(lambda _=False, chosen=key: actions[chosen]())
        self.retranslate()

    def key_actions(self) -> dict[str, Callable[[], object]]:
        """What keys do; the keys of buttons that are not offered do nothing."""
        offered: dict[str, tuple[TouchButton, Callable[[], None]]] = {
            "O": (self.load, self.ask_load),
            "S": (self.save, self.ask_save),
            "C": (self.compare, self.ask_compare),
            "N": (self.keep, self.ask_keep),
        }
        return {key: partial(_if_enabled, *one) for key, one in offered.items()}

    @property
    def busy(self) -> bool:
        """Whether a set is being read, written or waited for."""
        return self._later is not None or self._background.busy

    # what the engineer does

    def ask_load(self) -> None:
        """Chooses a file, says what it would change, then applies it."""
        self.choose_file(False, lambda path: self._with_set(path, self._offer))

    def ask_save(self) -> None:
        """Chooses a file for the camera's settings."""

        def write(camera: HasFeatureSets, path: Path) -> None:
            self._run(
                lambda: _saved(camera, path),
                lambda made: self._context.say(
                    self.tr("{n} values were saved in {file}. {left}")
                    .format(n=len(made.entries), file=path.name, left=" ".join(made.left_out))
                    .strip()
                ),
            )

        def chosen(path: Path) -> None:
            if not path.suffix:
                path = path.with_suffix(SUFFIX)
            self._standing_still(self.tr("Save the settings?"), lambda camera: write(camera, path))

        self.choose_file(True, chosen)

    def ask_compare(self) -> None:
        """With the product's set or a file."""
        products, product = self._context.products, self._context.station.product.key
        if products is None:
            self.choose_file(False, lambda path: self._with_set(path, self._show_differences))
            return
        title = self._context.title_of(product)

        def chosen(key: str) -> None:
            if key == "file":
                self.choose_file(False, lambda path: self._with_set(path, self._show_differences))
            else:
                self._run(
                    lambda: products.set_of(product),
                    lambda found: self._with_products(found, title),
                )

        self._context.ask(
            self.tr("Compare the camera's settings"),
            self.tr("Nothing is changed."),
            [
                ("product", self.tr("with those of {title}").format(title=title)),
                ("file", self.tr("with a file…")),
            ],
            current=None,
            on_choice=chosen,
        )

    def ask_keep(self) -> None:
        """Makes the camera's settings those of the product."""
        products, product = self._context.products, self._context.station.product.key
        if products is None:
            return
        title = self._context.title_of(product)

        def keep(camera: HasFeatureSets) -> None:
            def work() -> FeatureSet:
                made = camera.read_set()
                products.keep(product, made)
                return made

            def done(made: FeatureSet) -> None:
                self._kept()
                self._context.say(
                    self.tr("{n} values are kept for {title}. {left}")
                    .format(n=len(made.entries), title=title, left=" ".join(made.left_out))
                    .strip()
                )

            self._run(work, done)

        self._standing_still(
            self.tr("Keep these settings for {title}?").format(title=title),
            keep,
            self.tr(
                "The camera gets them whenever {title} is chosen. Limits that were taught with "
                "other settings may no longer fit."
            ).format(title=title),
            label=self.tr("Keep"),
        )

    # how

    def _camera(self) -> HasFeatureSets | None:
        camera = self._context.station.camera_features
        if camera is not self._seen:
            self._seen = camera
            self._sets = camera if isinstance(camera, HasFeatureSets) else None
        return self._sets

    def _standing_still(
        self,
        title: str,
        then: Callable[[HasFeatureSets], None],
        words: str = "",
        *,
        label: str = "",
    ) -> None:
        """Stops the camera after a question and goes on once it stands still.

        With a label, that of the button which goes on, it asks a camera that stands still, too.
        """

        def go() -> None:
            camera = self._camera()
            if camera is not None:
                then(camera)

        def stop_first(_: str = "") -> None:
            if acquiring(self._context.station):
                self._context.station.stop()
            self._later = go

        running = acquiring(self._context.station)
        if not running and not label:
            go()
            return
        if running:
            stands = self.tr("The camera is stopped for it; start it again afterwards (Space).")
            words = f"{words} {stands}".strip()
            label = self.tr("Stop the camera and go on")
        self._context.ask(
            title, words, [("go", label)], current=None, on_choice=stop_first, main=running
        )

    def _with_set(self, path: Path, then: Callable[[FeatureSet, str], None]) -> None:
        self._run(lambda: load(path), lambda found: then(found, path.name))

    def _with_products(self, found: FeatureSet | None, title: str) -> None:
        if found is None:
            self._context.say(
                self.tr("No camera settings are kept for {title} yet.").format(title=title)
            )
        else:
            self._show_differences(found, title)

    def _offer(self, wanted: FeatureSet, name: str) -> None:
        model = f"{wanted.vendor} {wanted.model}".strip()
        whose = self.tr("They were made with {model}.").format(model=model) if model else ""
        self._standing_still(
            self.tr("Apply {n} values of {file}?").format(n=len(wanted.entries), file=name),
            lambda camera: self._run(lambda: camera.apply_set(wanted), self._report),
            self.tr("The camera's present settings are lost unless they were saved. {whose}")
            .format(whose=whose)
            .strip(),
            label=self.tr("Apply"),
        )

    def _report(self, report: ApplyReport) -> None:
        self._applied()
        if report.complete:
            words = self.tr("The camera has all values: {n} changed, {m} as they were.")
            self._context.say(words.format(n=report.written, m=report.unchanged))
            return
        rows = [
            Row(str(place), one.entry.title, one.found or text.NONE, one.sentence)
            for place, one in enumerate(report.problems)
        ]
        self._context.ask(
            self.tr("Values that were not taken: {n}").format(n=len(rows)),
            self.tr("All others are in force: {n} changed, {m} as they were.").format(
                n=report.written, m=report.unchanged
            ),
            [],
            current=None,
            on_choice=lambda _: None,
            rows=rows,
        )

    def _show_differences(self, other: FeatureSet, name: str) -> None:
        def show(found: tuple[SetDifference, ...]) -> None:
            if not found:
                words = self.tr("The camera has the very same settings as {name}.")
                self._context.say(words.format(name=name))
                return
            self._context.ask(
                self.tr("Differences from {name}: {n}").format(n=len(found), name=name),
                self.tr("At the right what the camera has now, below what {name} has.").format(
                    name=name
                ),
                [],
                current=None,
                on_choice=lambda _: None,
                rows=[self._difference(place, one) for place, one in enumerate(found)],
            )

        self._standing_still(
            self.tr("Compare the settings?"),
            lambda camera: self._run(lambda: compare(camera.read_set(), other), show),
        )

    def _difference(self, place: int, one: SetDifference) -> Row:
        nothing = self.tr("does not have it")
        there = nothing if one.second is None else one.second
        here = nothing if one.first is None else one.first
        return Row(str(place), titled(one.name, one.selectors), here, there)

    def _run(self, work: Callable[[], object], then: Callable[..., None]) -> None:
        self._background.run(work, then, self._context.say, _EXPECTED)

    def _file_dialogue(self, saving: bool, then: Callable[[Path], None]) -> None:
        """Asks for a file; the window goes on meanwhile."""
        title = self.tr("Save the camera's settings") if saving else self.tr("Camera settings")
        dialogue = QFileDialog(self, title)
        dialogue.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialogue.setNameFilter(self.tr("Feature sets (*{suffix})").format(suffix=SUFFIX))
        if saving:
            dialogue.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialogue.setDefaultSuffix(SUFFIX.lstrip("."))
        else:
            dialogue.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialogue.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialogue.open()

    # the window

    def beat(self) -> None:
        """Goes on with what waited for the camera to stand still; returns at once."""
        self._background.beat()
        if self._later is not None and not acquiring(self._context.station):
            later, self._later = self._later, None
            later()
        usable = self._camera() is not None and not self.busy
        for button in (self.load, self.save, self.compare):
            button.setEnabled(usable)
        self.keep.setEnabled(usable and self._context.products is not None)

    def close_down(self) -> None:
        """Ends the worker after what it is doing."""
        self._later = None
        self._background.close_down()

    def retranslate(self) -> None:
        """Writes all words anew."""
        self.load.setText(self.tr("Load…\n(O)"))
        self.save.setText(self.tr("Save as…\n(S)"))
        self.compare.setText(self.tr("Compare…\n(C)"))
        self.keep.setText(self.tr("Keep for product\n(N)"))


def _saved(camera: HasFeatureSets, path: Path) -> FeatureSet:
    made = camera.read_set()
    save(path, made)
    return made


def _if_enabled(button: TouchButton, action: Callable[[], None]) -> None:
    if button.isEnabled():
        action()
