"""The settings of a product that are typed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from uniad_desktop.teaching.products import Feature, Product
from uniad_desktop.ui.region_shapes import Regions
from uniad_desktop.ui.teach.code_list import CodeList
from uniad_desktop.ui.teach.product_draft import number_of
from uniad_desktop.ui.widgets.figure import Figure
from uniad_desktop.ui.widgets.panel import Panel
from uniad_desktop.ui.widgets.text_field import TextArea, TextField
from uniad_desktop.ui.widgets.touch_button import TouchButton
from uniad_desktop.ui.widgets.touch_list import TouchList

_WIDE = 320


class ProductForm(Panel):
    """Titles, codes, scale, least area, notes and camera features, and the buttons below.

    Args:
        parent: the parent widget.

    Signals:
        edited: something was typed.
        camera_wished: the camera's features should be taken over.
    """

    edited = Signal()
    camera_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, card=True)
        self.setFixedWidth(_WIDE)
        self._base: Product | None = None
        self._camera: dict[str, Feature] = {}
        self.heading = Figure("heading", parent=self)
        self.title_en, self.title_zh = TextField(), TextField()
        self.scale, self.area = TextField(), TextField()
        self.codes, self.notes = CodeList(), TextArea()
        self.features = QLabel()
        self.features.setProperty("role", "limit")
        self.features.setWordWrap(True)
        self.take_over = TouchButton()
        self._captions: list[QLabel] = []
        self.save = TouchButton(primary=True, parent=self)
        self.discard = TouchButton(parent=self)
        self._lay_out()
        for field in (self.title_en, self.title_zh, self.scale, self.area, self.codes.field):
            field.textChanged.connect(self.edited)
        self.notes.textChanged.connect(self.edited)
        self.codes.changed.connect(self.edited)
        self.take_over.clicked.connect(self.camera_wished)
        self.retranslate()

    def _lay_out(self) -> None:
        numbers = QWidget()
        row = QHBoxLayout(numbers)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._captioned(self.scale))
        row.addWidget(self._captioned(self.area))
        camera = QWidget()
        column = QVBoxLayout(camera)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self._captioned(self.features))
        column.addWidget(self.take_over)
        fields = TouchList(
            [
                self._captioned(self.title_en),
                self._captioned(self.title_zh),
                self._captioned(self.codes),
                numbers,
                self._captioned(self.notes),
                camera,
            ],
            self,
        )
        fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.discard, 1)
        buttons.addWidget(self.save, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.heading)
        layout.addWidget(fields, 1)
        layout.addLayout(buttons)

    def _captioned(self, widget: QWidget) -> QWidget:
        """The widget below a caption, which `retranslate` writes."""
        both = QWidget()
        caption = QLabel(both)
        caption.setProperty("role", "caption")
        caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._captions.append(caption)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(4)
        column.addWidget(caption)
        column.addWidget(widget)
        return both

    def show_product(self, product: Product | None) -> None:
        """Shows a product as it was read; None: there is none, and nothing can be typed."""
        self._base = product
        for field, value in (
            (self.title_en, product.titles.get("en", "") if product else ""),
            (self.title_zh, product.titles.get("zh_CN", "") if product else ""),
            (self.scale, _number(product.layout.mm_per_pixel if product else None)),
            (self.area, _number(product.least_area if product else None)),
        ):
            field.setText(value)
        notes = product.notes if product else ""
        if notes != self.notes.toPlainText():
            self.notes.setPlainText(notes)
        self.codes.show_codes(product.codes if product else ())
        self.show_camera(dict(product.camera) if product else {})
        for widget in (self.title_en, self.title_zh, self.scale, self.area, self.codes, self.notes):
            widget.setEnabled(product is not None)
        self.retranslate()

    def show_camera(self, camera: dict[str, Feature]) -> None:
        """Shows values of camera features; they are saved with the product."""
        self._camera = camera
        lines = [f"{name}  {value}" for name, value in sorted(camera.items())]
        self.features.setText("\n".join(lines) or self.tr("none"))
        self.edited.emit()

    @property
    def camera(self) -> dict[str, Feature]:
        """The features being shown."""
        return self._camera

    @property
    def mm_per_pixel(self) -> float | None:
        """The scale that was typed. Raises ProductError where that is no number."""
        return number_of(self.scale.text(), self._no_number)

    def wanted(self, regions: Regions) -> Product | None:
        """The product as it should be; None where none is shown.

        Raises:
            ProductError: what was typed makes no sense.
            LayoutError: the scale does not.
        """
        base = self._base
        if base is None:
            return None
        titles = dict(base.titles)
        for language, field in (("en", self.title_en), ("zh_CN", self.title_zh)):
            typed = field.text().strip()
            if typed or language == "en":
                titles[language] = typed
            else:
                titles.pop(language, None)
        return base.changed(
            titles=titles,
            codes=self.codes.codes,
            layout=replace(base.layout, regions=regions, mm_per_pixel=self.mm_per_pixel),
            least_area=number_of(self.area.text(), self._no_number) or 0.0,
            camera=self._camera,
            notes=self.notes.toPlainText(),
        )

    def show_dirty(self, dirty: bool) -> None:
        """Whether there is something to save."""
        self.save.setEnabled(dirty)
        self.discard.setEnabled(dirty)

    def _no_number(self, typed: str) -> str:
        return self.tr("“{typed}” is no number; write it like 0.05.").format(typed=typed)

    def retranslate(self) -> None:
        """Writes all words anew."""
        key = self._base.key if self._base else ""
        self.heading.show_text(self.tr("SETTINGS OF {key}").format(key=key) if key else "")
        words = [
            self.tr("mm per pixel"),
            self.tr("Least area (px)"),
            self.tr("Camera"),
            self.tr("Title in English"),
            self.tr("Title in Chinese"),
            self.tr("Codes that a barcode reader gives"),
            self.tr("Notes"),
        ]  # in the order in which the captions were made
        for caption, word in zip(self._captions, words, strict=True):
            caption.setText(word)
        self.take_over.setText(self.tr("Take over from the camera"))
        self.save.setText(self.tr("Save (S)"))
        self.discard.setText(self.tr("Discard"))
        if not self._camera:
            self.features.setText(self.tr("none"))


def _number(value: float | None) -> str:
    return "" if not value else f"{value:.10g}"
