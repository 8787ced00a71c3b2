from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.training.datasets.trees import mvtec, opened, put
from uniad_desktop.simulator.parts import DEFECT_KINDS, PRODUCTS
from uniad_desktop.training import simulated_data
from uniad_desktop.training.datasets import DataError, ImageReader, open_data, simulated_source
from uniad_desktop.training.datasets.simulated_source import Amounts, amounts_of, is_simulated
from uniad_desktop.training.simulated_data import Light, Use, normal_parts


@pytest.fixture
def drawn(monkeypatch):
    """Draws small parts and notes each."""
    calls = []
    render = simulated_source.render_part

    def small(product, seed, **options):
        calls.append((product, seed, options["defect"]))
        return render(product, seed, size=(48, 36), **options)

    monkeypatch.setattr(simulated_source, "render_part", small)
    return calls


@pytest.mark.parametrize(
    ("source", "amounts"),
    [
        ("simulated", Amounts(100, 25, 5)),
        ("simulated:40", Amounts(40, 10, 2)),
        ("simulated:4", Amounts(4, 5, 1)),
        ("simulated:4:2", Amounts(4, 2, 1)),
        ("simulated:8:50", Amounts(8, 50, 10)),
    ],
)
def test_amounts(source, amounts):
    assert is_simulated(source)
    assert amounts_of(source) == amounts


@pytest.mark.parametrize(
    "source",
    [f"simulated:{rest}" for rest in ("", "0", "x", "1:0", "1:2:3", "-1", "999999", "4:")],
)
def test_amounts_that_mean_nothing(tmp_path, source):
    with pytest.raises(DataError, match=f"{source} is no source of simulated parts; write"):
        opened(tmp_path, source)


def test_every_product_is_rendered_once(tmp_path, drawn):
    data = opened(tmp_path, "simulated:2:1")
    assert data.layout == "simulated parts"
    assert data.products == tuple(sorted(PRODUCTS))
    assert data.notes == ()
    for product in PRODUCTS:
        assert len(data.train(product)) == 2
        assert [s.kind for s in data.test(product)] == ["", *DEFECT_KINDS[product]]
    assert len(drawn) == len(set(drawn)) == len(data.samples)
    drawn.clear()
    assert opened(tmp_path, "simulated:2:1") == data
    assert drawn == []
    reader = ImageReader(strict=True)
    for sample in data.samples:
        image = reader.read(sample)
        assert image.shape == (36, 48, 3)
        assert reader.mask(sample, image.shape[:2]).any() != sample.good
    assert reader.summary() == ""


def test_what_lies_on_disk_is_mvtec_layout(tmp_path, drawn):
    data = opened(tmp_path, "simulated:1:1", products=("fabric", "board"))
    (folder,) = (tmp_path / "work").iterdir()
    read = opened(tmp_path, folder)
    assert read.layout == "MVTec AD"
    assert set(read.samples) == set(data.samples)


def test_the_parts_are_those_of_the_simulated_data(tmp_path):
    data = open_data(["simulated:1:1"], products=["label"], work=tmp_path)
    reader = ImageReader(strict=True)
    (expected,) = normal_parts("label", Use.TRAIN, 1, Light())
    assert np.array_equal(reader.read(data.train()[0]), expected)
    parts = list(simulated_data.test_parts("label", Use.TEST, 1, 1, Light()))
    for sample, part in zip(data.test(), parts, strict=True):
        assert np.array_equal(reader.read(sample), part.image)
        assert sample.kind == (part.defect or "")
        assert np.array_equal(reader.mask(sample, part.mask.shape), part.mask > 0)


def test_rendering_goes_on_where_it_ended(tmp_path, drawn):
    told = []

    def end(done, count):
        told.append((done, count))
        if done == 3:
            raise KeyboardInterrupt

    arguments = {"products": ["flange"], "work": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        open_data(["simulated:4:1"], report=end, **arguments)
    assert len(drawn) == 3
    data = open_data(["simulated:4:1"], report=lambda *now: told.append(now), **arguments)
    assert len(drawn) == len(data.samples) == 10
    assert told == [(n, 10) for n in range(4)] + [(n, 10) for n in range(11)]
    # A mask that was lost is made again.
    lost = data.test()[-1].mask
    lost.unlink()
    open_data(["simulated:4:1"], **arguments)
    assert lost.is_file()


def test_another_amount_or_renderer_makes_a_new_folder(tmp_path, drawn, monkeypatch):
    for source in ("simulated:1:1", "simulated:2:1", "simulated:1:2"):
        opened(tmp_path, source, products=("fabric",))
    assert len(list((tmp_path / "work").iterdir())) == 3
    fake = tmp_path / "renderer" / "__init__.py"
    fake.parent.mkdir()
    fake.write_text("# other\n")
    monkeypatch.setattr(simulated_source.renderer, "__file__", str(fake))
    opened(tmp_path, "simulated:1:1", products=("fabric",))
    monkeypatch.setattr(cv2, "__version__", "0")
    opened(tmp_path, "simulated:1:1", products=("fabric",))
    assert len(list((tmp_path / "work").iterdir())) == 5


def test_only_products_that_are_wanted_are_rendered(tmp_path, drawn):
    mvtec(tmp_path / "cap")
    data = opened(tmp_path, "simulated:1:1", tmp_path / "cap", products=("cap", "FABRIC"))
    assert data.products == ("cap", "fabric")
    assert {product for product, *_ in drawn} == {"fabric"}
    drawn.clear()
    with pytest.raises(DataError, match="no product cap in the data; there are flange, label"):
        opened(tmp_path, "simulated:1:1", products=("cap",))
    assert drawn == []


def test_a_folder_called_simulated_is_given_with_its_path(tmp_path, monkeypatch):
    put(tmp_path / "simulated" / "1.png")
    monkeypatch.chdir(tmp_path)
    assert opened(tmp_path, "./simulated").layout == "flat folder"


def test_samples_are_plain_values(tmp_path, drawn):
    sample = opened(tmp_path, "simulated:1:1", products=("fabric",)).samples[0]
    assert replace(sample) == sample
    assert hash(replace(sample)) == hash(sample)
