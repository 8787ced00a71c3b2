import json

import numpy as np
import pytest
import torch

from tests.helpers import make_tiny_package, tiny_config
from tests.training.images import write_product
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import open_package
from uniad_desktop.training.datasets import ImageReader, open_data
from uniad_desktop.training.decoder import add_decoder
from uniad_desktop.training.errors import TrainingError, TrainingStopped
from uniad_desktop.training.feature_cache import live_features
from uniad_desktop.training.features import channel_statistics
from uniad_desktop.training.recipes import RecipeName, make_recipe
from uniad_desktop.training.train_plan import TrainPlan
from uniad_desktop.training.visualisation import (
    VisualisationSettings,
    live_pictures,
    stored_pictures,
    train_visualisation,
)
from uniad_desktop.uniad.config import VisualisationConfig
from uniad_desktop.uniad.features import FeaturePyramid
from uniad_desktop.uniad.visualisation import VisualisationDecoder

SIZE, GRID, CHANNELS = (64, 80), (4, 5), 24
SHAPE = VisualisationConfig(width=32)


def make_decoder():
    return VisualisationDecoder(SHAPE, CHANNELS, GRID, SIZE)


@pytest.mark.parametrize(
    ("grid", "size"),
    [((14, 14), (224, 224)), ((4, 5), (64, 80)), ((16, 16), (224, 224)), ((1, 2), (8, 16))],
)
def test_a_picture_has_the_size_of_the_input_whatever_the_stride(grid, size):
    decoder = VisualisationDecoder(SHAPE, CHANNELS, grid, size)
    with torch.inference_mode():
        picture = decoder(torch.randn(2, grid[0] * grid[1], CHANNELS) * 100)
    assert picture.shape == (2, 3, *size)
    assert float(picture.min()) >= 0.0 and float(picture.max()) <= 1.0


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Two products of different colours, their pictures and raw features."""
    folder = tmp_path_factory.mktemp("parts")
    for product, seed in (("blue", 1), ("red", 2)):
        write_product(folder / product, 5, seed=seed)
    samples = open_data([folder], work=folder / "work").train()
    torch.manual_seed(0)
    pyramid = FeaturePyramid(tiny_config()).eval()
    stored = live_features(samples, ImageReader(), pyramid, SIZE)
    return folder, pyramid, stored


def test_the_loss_falls_and_a_part_looks_like_itself(parts):
    _, _, stored = parts
    pictures = live_pictures(stored, ImageReader(), SIZE)
    scale = channel_statistics(stored.features)
    losses = []
    settings = VisualisationSettings(steps=80, batch=5, rate=3e-3)
    decoder = train_visualisation(
        make_decoder(),
        stored.features,
        pictures,
        scale,
        settings,
        report=lambda step, loss, rate: losses.append(loss),
    )
    assert np.mean(losses[-5:]) < 0.3 * np.mean(losses[:5])
    everything = pictures(np.arange(len(stored.samples)))
    with torch.inference_mode():
        rendered = decoder(torch.from_numpy(np.array(stored.features[:])))
    mean = everything.mean(dim=0)
    for real, shown in zip(everything, rendered, strict=True):
        assert float((shown - real).square().mean()) < 0.5 * float((mean - real).square().mean())
    again = train_visualisation(make_decoder(), stored.features, pictures, scale, settings)
    assert all(
        torch.equal(a, b)
        for a, b in zip(decoder.state_dict().values(), again.state_dict().values(), strict=True)
    )


def test_it_takes_the_features_as_the_network_sees_them(parts):
    """Trained with the network's scale or without: the same pictures for the same parts."""
    _, _, stored = parts
    pictures = live_pictures(stored, ImageReader(), SIZE)
    mean, deviation = channel_statistics(stored.features)
    settings = VisualisationSettings(steps=3, batch=4)
    raw, seen = (
        train_visualisation(
            make_decoder(), stored.features, pictures, (mean, deviation), settings, seen=one
        )
        for one in (None, (mean, deviation))
    )
    tokens = torch.from_numpy(np.array(stored.features[:2]))
    with torch.inference_mode():
        torch.testing.assert_close(raw(tokens), seen((tokens - mean) / deviation))


def test_pictures_from_the_cache_are_the_pictures(parts, tmp_path):
    _, _, stored = parts
    options = {"cache": tmp_path, "limit_bytes": 10**9}
    cached = stored_pictures(stored, ImageReader(), SIZE, **options)
    live = live_pictures(stored, ImageReader(), SIZE)
    picked = np.array([7, 1])
    torch.testing.assert_close(cached(picked), live(picked), rtol=0, atol=1e-6)
    with pytest.raises(TrainingError, match="--cache-limit"):
        stored_pictures(stored, ImageReader(), (80, 64), cache=tmp_path, limit_bytes=10)


def test_it_stops_when_asked_and_says_when_it_diverges(parts):
    _, _, stored = parts
    pictures = live_pictures(stored, ImageReader(), SIZE)
    scale = channel_statistics(stored.features)
    settings = VisualisationSettings(steps=3, batch=4)
    with pytest.raises(TrainingStopped, match="the network is kept"):
        train_visualisation(
            make_decoder(), stored.features, pictures, scale, settings, stop=lambda: True
        )
    with pytest.raises(TrainingError, match="diverged at step 0"):
        train_visualisation(
            make_decoder(),
            stored.features,
            lambda picked: pictures(picked) * float("nan"),
            scale,
            settings,
        )


def test_a_decoder_is_added_to_a_package_that_else_stays_as_it_is(parts, tmp_path):
    folder, _, _ = parts
    package = open_package(make_tiny_package(tmp_path / "models"))
    plan = TrainPlan(
        data=open_data([folder], work=tmp_path / "work"),
        config=package.manifest.architecture,
        recipe=lambda images, processes: make_recipe(RecipeName.FAST, images, processes),
        models=tmp_path / "models",
        name="unused",
        run=tmp_path / "run",
        cache=tmp_path / "cache",
        limit_bytes=10**9,
        weights_cache=tmp_path / "weights",
        device=torch.device("cpu"),
        decoder_steps=2,
    )
    added = add_decoder(plan, package, SHAPE, lambda: False)
    assert (added.manifest.name, added.manifest.version) == ("tiny", "0.0.2")
    assert added.manifest.products == package.manifest.products
    assert added.manifest.backbone == package.manifest.backbone
    one, other = package.weights(), added.weights()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert added.preview("flange").read_bytes() == package.preview("flange").read_bytes()
    assert added.manifest.visualisation == SHAPE
    decoder = make_decoder()
    decoder.load_state_dict(added.visualisation_weights())
    tokens = load_model(added).pyramid(torch.rand(1, 3, *SIZE))
    assert decoder(tokens).shape == (1, 3, *SIZE)
    assert _changes(added)[-1]["visualisation"]["steps"] == 2
    assert add_decoder(plan, package, SHAPE, lambda: False).manifest.version == "0.0.3"


def _changes(package):
    """What was changed since the training, as it stands in the file."""
    return json.loads(package.manifest.model_dump_json())["training"]["changes"]
