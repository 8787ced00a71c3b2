import numpy as np
import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.engine.layout import Box, Layout, LayoutError, RegionOfInterest
from uniad_desktop.engine.package import open_package, write_package
from uniad_desktop.engine.preprocess import View, preprocess_batch
from uniad_desktop.engine.sample import MOST_PER_PRODUCT, kept_sample, sample_of, tile_views

SIZE = (64, 80)


def frames(count, height=60, width=90):
    return list(np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8))


def test_tiles_of_the_first_frames_come_from_all_over_the_part():
    layout = Layout((RegionOfInterest(rows=1, columns=3, overlap=0.0),))
    some = frames(2)
    views = list(tile_views(some, layout))
    assert [view.box.x for view in views] == [0, 30, 30, 60, 60, 0]
    assert [view.image is some[0] for view in views] == [True, False] * 3
    assert [view.box for view in tile_views(some, Layout())] == [Box(0, 0, 90, 60)] * 2
    with pytest.raises(LayoutError, match="does not fit"):
        list(tile_views(some, Layout((RegionOfInterest(box=Box(50, 0, 60, 60)),))))


def test_a_bounded_number_is_kept_and_no_more_are_taken():
    taken = []

    def views(count):
        for frame in frames(count):
            taken.append(frame)
            yield View(frame, Box(0, 0, 60, 40))

    kept = kept_sample({"many": views(20), "few": views(2), "none": iter(())}, SIZE)
    assert {key: tuple(one.shape) for key, one in kept.items()} == {
        "many": (MOST_PER_PRODUCT, 3, *SIZE),
        "few": (2, 3, *SIZE),
    }
    assert len(taken) == MOST_PER_PRODUCT + 2
    expected = preprocess_batch([View(frames(1)[0][:40, :60])], *SIZE)
    np.testing.assert_array_equal(kept["many"][:1].numpy(), expected)
    crowd = kept_sample({str(one): views(3) for one in range(40)}, SIZE)
    assert {len(one) for one in crowd.values()} == {1}


def test_a_package_proves_runtimes_on_what_it_keeps(tmp_path):
    tiny = open_package(make_tiny_package(tmp_path))
    assert sample_of(tiny).origin == "previews of the package"
    manifest = tiny.manifest
    kept = kept_sample({"label": [View(one) for one in frames(3)]}, SIZE)
    package = write_package(
        tmp_path,
        name="kept",
        version="0.0.1",
        architecture=manifest.architecture,
        weights=tiny.weights(),
        products=manifest.products,
        backbone_source="random weights",
        backbone_licence="Apache-2.0",
        sample=kept,
    )
    sample = sample_of(package)
    assert sample.origin == "pictures kept in the package"
    assert sample.products == ("label",) * 3
    np.testing.assert_array_equal(sample.normal, kept["label"].numpy())
