from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.training.feature_cache import cached_features, channel_statistics, extract
from uniad_desktop.training.network import (
    TrainingError,
    TrainingStopped,
    TrainSettings,
    train_network,
)
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.uniad.features import FeaturePyramid
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.spread import SpreadHead

SETTINGS = TrainSettings(steps=9, batch=4, rate=1e-3, save_every=2, average=0.9)


def make_features(count=10):
    rng = np.random.default_rng(0)
    base = rng.normal(size=(1, 20, 24)) * 3 + 5
    return (base + 0.3 * rng.normal(size=(count, 20, 24))).astype(np.float32)


def train(settings=SETTINGS, features=None, **options):
    features = make_features() if features is None else features
    network = ReconstructionNetwork(tiny_config(dropout=0.1))
    return train_network(network, features, channel_statistics(features), settings, **options)


def same(one, other):
    return all(
        torch.equal(a, b)
        for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    )


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first = train()
    torch.rand(7)  # whatever was drawn before must not matter
    assert same(first, train())
    assert not same(first, train(TrainSettings(steps=9, batch=4, rate=1e-3, average=0.9, seed=1)))


@pytest.mark.parametrize("stop_at", [1, 4, 8])
@pytest.mark.parametrize("average", [0.0, 0.9])
def test_stopped_and_resumed_equals_never_stopped(tmp_path, stop_at, average):
    settings = TrainSettings(steps=9, batch=4, rate=1e-3, save_every=3, average=average)
    whole = train(settings)
    checkpoint = tmp_path / "run" / "network.pt"
    seen = []

    with pytest.raises(TrainingStopped, match=f"after {stop_at} of 9"):
        train(
            settings,
            checkpoint=checkpoint,
            stop=lambda: len(seen) == stop_at,
            report=lambda step, loss: seen.append(step),
        )
    resumed = train(settings, checkpoint=checkpoint, report=lambda step, loss: seen.append(step))
    assert seen == list(range(9))
    assert same(whole, resumed)


def test_a_crash_goes_on_from_the_last_saved_step(tmp_path):
    checkpoint = tmp_path / "network.pt"

    def crash(step, loss):
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(checkpoint=checkpoint, report=crash)
    steps = []
    resumed = train(checkpoint=checkpoint, report=lambda step, loss: steps.append(step))
    assert steps == [4, 5, 6, 7, 8]
    assert same(resumed, train())


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    checkpoint = tmp_path / "network.pt"
    train(checkpoint=checkpoint)
    with pytest.raises(TrainingError, match="belongs to another training"):
        train(TrainSettings(steps=9, batch=4, rate=2e-3, average=0.9), checkpoint=checkpoint)
    with pytest.raises(TrainingError, match="belongs to another training"):
        train(features=make_features() * 2, checkpoint=checkpoint)
    checkpoint.write_bytes(b"half a file")
    with pytest.raises(TrainingError, match="cannot be read"):
        train(checkpoint=checkpoint)


def test_training_learns_what_is_normal():
    features = make_features(40)
    losses = []
    network = train(
        TrainSettings(steps=150, batch=8, rate=5e-3, average=0.9),
        features,
        report=lambda step, loss: losses.append(loss),
    )
    assert np.mean(losses[-10:]) < 0.3 * np.mean(losses[:10])
    scale = channel_statistics(features)
    odd = features[:1].copy()
    odd[0, 7] += 6.0
    tokens = (torch.from_numpy(np.concatenate((features[:1], odd))) - scale[0]) / scale[1]
    with torch.inference_mode():
        norms = (tokens - network(tokens)).norm(dim=-1)
    assert int(norms[1].argmax()) == 7
    assert float(norms[1].max()) > 1.5 * float(norms[0].max())
    assert not network.training


def test_a_loss_that_is_not_finite_stops_with_advice():
    features = make_features()
    features[3, 2, 1] = np.inf
    scale = (torch.zeros(24), torch.ones(24))
    network = ReconstructionNetwork(tiny_config())
    with pytest.raises(TrainingError, match="lower learning rate"):
        train_network(network, features, scale, SETTINGS)


def test_every_picture_is_seen_once_per_epoch_whatever_the_batch():
    from uniad_desktop.training.network import _picked

    settings = TrainSettings(batch=4)
    picked = np.concatenate([_picked(step, 10, settings) for step in range(5)])
    assert sorted(picked[:10]) == sorted(picked[10:]) == list(range(10))
    assert list(picked[:10]) != list(picked[10:])


def test_rate_rises_then_falls():
    settings = TrainSettings(steps=100, rate=1.0, warm_up=0.1)
    rates = [settings.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert all(a >= b for a, b in pairwise(rates[9:]))
    assert rates[-1] < 0.02


def test_statistics_equal_numpy_and_a_dead_channel_keeps_its_scale():
    features = make_features(7) + 1000.0
    features[..., 5] = 3.0
    mean, deviation = channel_statistics(features, batch=3)
    flat = features.reshape(-1, 24).astype(np.float64)
    np.testing.assert_allclose(mean, flat.mean(axis=0), rtol=1e-6)
    expected = flat.std(axis=0)
    expected[5] = 1.0
    np.testing.assert_allclose(deviation, expected, rtol=1e-4)


def test_spread_head_finds_the_deviation_that_the_network_leaves():
    """A network that rebuilds nothing leaves the features themselves: two places, two spreads."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(64, 20, 24)).astype(np.float32)
    features[:, 10:] *= 4.0
    scale = (torch.zeros(24), torch.ones(24))
    torch.manual_seed(0)
    network = ReconstructionNetwork(tiny_config())
    torch.nn.init.zeros_(network.output_proj.weight)
    head = SpreadHead(16, 24)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    settings = SpreadSettings(steps=300, batch=16, rate=1e-2)
    train_spread(network, head, features, scale, settings)
    with torch.inference_mode():
        spread = head(network.decode(torch.from_numpy(features))).mean(dim=(0, 2))
    assert float(spread[:10].mean()) == pytest.approx(1.0, rel=0.15)
    assert float(spread[10:].mean()) == pytest.approx(4.0, rel=0.15)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    again = SpreadHead(16, 24)
    torch.rand(3)
    train_spread(network, again, features, scale, settings)
    assert same(head, again)


def test_a_checkpoint_belongs_to_its_training_in_every_process():
    """Sets of strings are in another order in each process; the key must not notice."""
    from uniad_desktop.training.network import _key

    class Backwards(frozenset):
        def __iter__(self):
            return reversed(list(super().__iter__()))

    config = tiny_config()
    other = tiny_config(masked=Backwards(config.masked))
    keys = {_key(ReconstructionNetwork(one), make_features(), SETTINGS) for one in (config, other)}
    assert len(keys) == 1
    smaller = ReconstructionNetwork(tiny_config(masked=frozenset()))
    assert _key(smaller, make_features(), SETTINGS) not in keys


@pytest.fixture(scope="module")
def pyramid():
    return FeaturePyramid(tiny_config()).eval()


def pictures(count):
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (40, 50, 3)).astype(np.uint8) for _ in range(count)]


def test_cache_is_filled_once_and_again_only_for_another_key(tmp_path, pyramid):
    path = tmp_path / "cache" / "train.npy"
    options = {"count": 5, "pyramid": pyramid, "size": (64, 80)}
    first = cached_features(path, "a", images=pictures(5), **options)
    expected = np.concatenate(list(extract(pyramid, pictures(5), (64, 80), batch=2)))
    np.testing.assert_allclose(first, expected, rtol=1e-4, atol=1e-4)

    def untouched():
        raise AssertionError("the cache should have been read")
        yield

    again = cached_features(path, "a", images=untouched(), **options)
    assert np.array_equal(first, again)
    other = cached_features(path, "b", images=pictures(5)[::-1], **options)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("given", [4, 6])
def test_a_cache_of_another_length_is_never_left_behind(tmp_path, pyramid, given):
    path = tmp_path / "train.npy"
    with pytest.raises(ValueError, match="announced"):
        cached_features(path, "a", count=5, pyramid=pyramid, images=pictures(given), size=(64, 80))
    assert not path.exists()
