"""The package that comes with the application does its job on parts it never saw."""

import pytest

from uniad_desktop.engine.detector import Detector
from uniad_desktop.engine.expectation import FrameExpectation
from uniad_desktop.engine.package import find_packages, open_newest
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.simulator.parts import DEFECT_KINDS, PRODUCTS, render_part

FRESH = 91_000_000


@pytest.fixture(scope="module")
def package():
    folder = shipped_models()
    if folder is None or not find_packages([folder]):
        pytest.skip("no shipped model in this working copy")
    return open_newest("unified", [folder])


@pytest.fixture(scope="module")
def detector(package):
    ready = Detector(package, device="cpu")
    ready.warm_up()
    return ready


def test_it_knows_every_simulated_product_with_limits_from_enough_parts(package):
    assert set(package.manifest.products) == set(PRODUCTS)
    for key, product in package.manifest.products.items():
        assert product.titles["en"] and product.titles["zh_CN"]
        assert product.calibration.parts + 1 >= 1 / product.calibration.false_reject_rate
        assert product.calibration.note == ""
        assert package.preview(key) is not None


def test_it_keeps_pictures_for_runtimes_to_prove_themselves_and_wants_colour(package):
    size = (8, 3, 224, 224)
    assert {key: tuple(one.shape) for key, one in package.sample().items()} == dict.fromkeys(
        PRODUCTS, size
    )
    for product in package.manifest.products.values():
        assert product.frame == FrameExpectation(colour=True)


def test_it_is_small_enough_to_ship(package):
    size = sum(entry.size for entry in package.manifest.files.values())
    assert size < 40e6


@pytest.mark.parametrize("product", PRODUCTS)
def test_fresh_parts_are_told_apart_at_the_limit(detector, product):
    reject = detector.products[product].reject
    good = [render_part(product, FRESH + n).image for n in range(8)]
    rejected = sum(p.image_score > reject for p in detector.predict_batch(good))
    assert rejected <= 1
    kinds = DEFECT_KINDS[product]
    bad = [
        render_part(product, FRESH + 100 + n, defect=kinds[n % len(kinds)]).image
        for n in range(2 * len(kinds))
    ]
    caught = sum(p.image_score > reject for p in detector.predict_batch(bad))
    assert caught >= 0.6 * len(bad)


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_map_peaks_on_the_defect(detector, product):
    hits = 0
    for number in range(4):
        kind = DEFECT_KINDS[product][number % len(DEFECT_KINDS[product])]
        part = render_part(product, FRESH + 200 + number, defect=kind)
        anomaly_map = detector.predict(part.image).anomaly_map
        height, width = anomaly_map.shape
        row, column = divmod(int(anomaly_map.argmax()), width)
        # Within one token of the defect, which is as fine as the map can be.
        rows = slice(max(0, (row - 16) * 720 // height), (row + 17) * 720 // height)
        columns = slice(max(0, (column - 16) * 960 // width), (column + 17) * 960 // width)
        hits += bool(part.mask[rows, columns].any())
    assert hits >= 3


def test_it_remembers_enough_of_every_product_to_be_taught_another(package):
    memory = package.memory()
    for key in package.manifest.products:
        for part in ("trained", "held"):
            assert memory[f"{key}.{part}"].shape == (16, 196, 168)
