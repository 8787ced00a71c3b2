"""Notices that another version of the model was activated or a product was renamed here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from uniad_desktop.engine.prediction import ModelIdentity
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.station import StationError
from uniad_desktop.inspection.types import ProductInfo, ProductName

if TYPE_CHECKING:
    from uniad_desktop.engine.package import ModelPackage

log = logging.getLogger(__name__)

LONGEST_LOAD_S = 600.0


class Watched(Protocol):
    """A station, or several that share a model."""

    @property
    def model(self) -> ModelIdentity:
        """Which model decides."""
        ...

    def name_products(self, names: Mapping[str, ProductName]) -> None:
        """Has products be called what this station calls them."""
        ...

    def change_model(
        self, load_detector: Callable[[], DetectorLike], products: Sequence[ProductInfo]
    ) -> Future[None]:
        """Puts another model in the place of this one; see `Station.change_model`."""
        ...


class ModelWatch:
    """Looks at activations and products once a second, on a thread of its own.

    A product is called what this station calls it. A new version is loaded and warmed up beside
    the inspection and takes over between two frames. Where it cannot, the former one goes on and
    the log says why, once.

    Args:
        station: whose model is watched.
        data_folder: where the record lies.
        name: of the model.
        load: makes a package ready to run.
        every_s: seconds between two looks.
    """

    def __init__(
        self,
        station: Watched,
        data_folder: Path,
        name: str,
        load: Callable[[ModelPackage], DetectorLike],
        every_s: float = 1.0,
    ) -> None:
        self._station, self._folder, self._name, self._load = station, data_folder, name, load
        self._every_s = every_s
        self._told = ""
        self._names: dict[str, ProductName] = {}
        self._closing = threading.Event()
        self._seen = station.model.sha256
        self._thread = threading.Thread(target=self._run, name="model-watch", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> bool:
        """Ends the thread; whether that was done in time."""
        self._closing.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closing.wait(self._every_s):
            try:
                self._look_at_names()
                self._look()
                self._told = ""
            except Exception as error:
                # Whatever is wrong with the other version, the one that inspects is not.
                if str(error) != self._told:
                    log.warning("The other version was not put into use: %s", error)
                    log.debug("Changing the model failed", exc_info=True)
                self._told = str(error)

    def _look_at_names(self) -> None:
        from uniad_desktop.teaching.products import ProductStore

        listed = ProductStore(self._folder).listing(archived=True).products
        names = {one.key: ProductName(one.titles, one.archived) for one in listed}
        if names != self._names:
            self._names = names
            self._station.name_products(names)

    def _look(self) -> None:
        from uniad_desktop.app import product_list
        from uniad_desktop.teaching.activation import active_version, open_active

        active = active_version(self._folder, self._name)
        if active is None or active.sha256 == self._seen:
            return
        self._seen = active.sha256  # tried once, whatever comes of it
        package = open_active(self._folder, self._name)
        if package is None or not package.manifest.products:
            raise StationError(f"{self._name} {active.version} has no product with limits.")
        done = self._station.change_model(lambda: self._load(package), product_list(package))
        waited = 0.0
        while not self._closing.wait(0.1) and waited < LONGEST_LOAD_S:
            waited += 0.1
            if done.done():
                done.result()
                self._names = {}  # it has names of its own
                log.info("%s %s has taken over", self._name, active.version)
                return
