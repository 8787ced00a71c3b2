"""Choosing the product with a barcode reader."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import Product, ProductStore
from uniad_desktop.ui import language
from uniad_desktop.ui.background import Background
from uniad_desktop.ui.barcode import WedgeReader
from uniad_desktop.ui.station_like import StationLike

_LONGEST_SHOWN = 40


class CodeChoice(QObject):
    """Finds the product of a code that was scanned and has the station inspect it.

    Args:
        station: whose product is chosen.
        data_folder: of the station.
        window: the reader types into it.

    Signals:
        untaught: the code is of a product that the model does not know; carries its key.
    """

    untaught = Signal(str)

    def __init__(self, station: StationLike, data_folder: Path, window: QWidget) -> None:
        super().__init__(window)
        self._station = station
        self._store = ProductStore(data_folder)
        self._background = Background("codes")
        self.problem = ""
        self.reader = WedgeReader(window)
        self.reader.scanned.connect(self.take)
        self.reader.install()

    def take(self, code: str) -> None:
        """A code was scanned."""
        self._background.run(
            lambda: self._store.by_code(code),
            lambda product: self._choose(code, product),
            self._tell,
            (StoreError,),
        )

    def acknowledge(self) -> None:
        """Takes the sentence away."""
        self.problem = ""

    def beat(self) -> None:
        """Takes what was found; returns at once."""
        self._background.beat()

    def close_down(self) -> None:
        """Ends worker and reader."""
        self.reader.remove()
        self._background.close_down()

    def _choose(self, code: str, product: Product | None) -> None:
        known = {one.key for one in self._station.products}
        # A product that only the model knows has no codes, but a key.
        key = product.key if product is not None else code.strip()
        if key in known:
            self.problem = ""
            if key != self._station.product.key:
                self._station.select_product(key)
        elif product is None:
            self._tell(
                self.tr(
                    "No product has the code “{code}”; the station goes on with {product}. A "
                    "process engineer can give a product its code under Teach, Product."
                ).format(code=code[:_LONGEST_SHOWN], product=self._now())
            )
        else:
            self._tell(
                self.tr(
                    "The code is of “{other}”, which the model does not know yet; the station goes "
                    "on with {product}."
                ).format(other=product.title(language.current()), product=self._now())
            )
            self.untaught.emit(product.key)

    def _now(self) -> str:
        return self._station.product.title(language.current())

    def _tell(self, sentence: str) -> None:
        self.problem = sentence
