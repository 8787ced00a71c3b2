"""Another version that is activated takes over in a running station."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.inspection.fakes import FakeDetector, FakeSource, wait_for
from uniad_desktop.app import product_list
from uniad_desktop.engine.package import ModelPackage, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.inspection.detector_like import DetectorLike
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import StationState
from uniad_desktop.model_watch import ModelWatch
from uniad_desktop.teaching.activation import activate
from uniad_desktop.teaching.products import ProductStore


class Loaded(FakeDetector):
    def __init__(self, package: ModelPackage) -> None:
        super().__init__()
        self.model = package.identity


@pytest.fixture
def package(tmp_path: Path) -> ModelPackage:
    return open_package(make_tiny_package(tmp_path / "models"))


@pytest.fixture
def station(package: ModelPackage) -> Iterator[Station]:
    source = FakeSource()
    made = Station(
        open_source=lambda: source,
        load_detector=lambda: Loaded(package),
        products=product_list(package),
        product="flange",
        model=package.identity,
    )
    made.start()
    wait_for(lambda: made.state is StationState.RUNNING)
    yield made
    assert made.close(5.0)


def watching(station: Station, tmp_path: Path, load: object = Loaded) -> ModelWatch:
    return ModelWatch(station, tmp_path, "tiny", load, every_s=0.02)  # type: ignore[arg-type]


def test_the_version_that_is_activated_takes_over(
    station: Station, package: ModelPackage, tmp_path: Path
) -> None:
    watch = watching(station, tmp_path)
    activate(tmp_path, package, who="me", why="in use")
    products = dict(package.manifest.products)
    products["flange"] = products["flange"].model_copy(update={"reject": 99.0, "accept": 99.0})
    other = write_next(package, tmp_path / "models", note={}, products=products)
    time.sleep(0.1)
    assert station.model == package.identity  # written is not activated
    activate(tmp_path, other, who="me", why="better")
    wait_for(lambda: station.model == other.identity)
    assert station.product.limits.reject == 99.0
    assert watch.close()


def test_a_version_that_cannot_be_loaded_is_told_once_and_the_former_goes_on(
    station: Station, package: ModelPackage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def fail(other: ModelPackage) -> DetectorLike:
        tried.append(other)
        raise OSError("no memory left")

    watch = watching(station, tmp_path, fail)
    other = write_next(package, tmp_path / "models", note={})
    activate(tmp_path, other, who="me", why="better")
    wait_for(lambda: "no memory left" in caplog.text)
    time.sleep(0.2)
    assert len(tried) == 1 and caplog.text.count("no memory left") == 1
    assert station.model == package.identity
    assert watch.close()


def test_a_record_that_cannot_be_read_is_told_once(
    station: Station, package: ModelPackage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    activate(tmp_path, package, who="me", why="in use")
    watch = watching(station, tmp_path)
    (tmp_path / "models" / "tiny" / "active.json").write_text("{")
    wait_for(lambda: "was not put into use" in caplog.text)
    time.sleep(0.2)
    assert caplog.text.count("was not put into use") <= 2
    assert watch.close()


def test_products_are_called_what_this_station_calls_them(
    station: Station, package: ModelPackage, tmp_path: Path
) -> None:
    store = ProductStore(tmp_path)
    store.create("flange", {"en": "Cap of line 3"})
    watch = watching(station, tmp_path)
    wait_for(lambda: station.product.title("en") == "Cap of line 3")
    limits = station.product.limits
    store.archive("flange")
    wait_for(lambda: station.product.archived)
    assert station.product.limits == limits
    activate(tmp_path, package, who="me", why="in use")
    store.restore("flange")
    store.rename("flange", "Cap of line 4")
    wait_for(lambda: station.product.title("en") == "Cap of line 4")
    assert not station.product.archived
    other = write_next(package, tmp_path / "models", note={"what": "nothing"})
    activate(tmp_path, other, who="me", why="newer")
    wait_for(lambda: station.model.version == other.identity.version)
    wait_for(lambda: station.product.title("en") == "Cap of line 4")
    assert watch.close()
