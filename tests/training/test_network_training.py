import numpy as np
import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.training.batches import pictures_of
from uniad_desktop.training.checkpoints import load_checkpoint, save_checkpoint
from uniad_desktop.training.distributed import Group
from uniad_desktop.training.features import channel_statistics
from uniad_desktop.training.network import (
    TrainingError,
    TrainingStopped,
    TrainSettings,
    _key,
    train_network,
)
from uniad_desktop.training.recipes import Precision
from uniad_desktop.training.spread import SpreadSettings, train_spread
from uniad_desktop.uniad.config import NetworkKind
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.spread import SpreadHead

SETTINGS = TrainSettings(steps=9, batch=4, rate=1e-3, save_every_s=0, average=0.9)


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
    settings = TrainSettings(steps=9, batch=4, rate=1e-3, average=average)
    whole = train(settings)
    checkpoint = tmp_path / "run" / "network.pt"
    seen = []

    with pytest.raises(TrainingStopped, match=f"after {stop_at} of 9"):
        train(
            settings,
            checkpoint=checkpoint,
            stop=lambda: len(seen) == stop_at,
            report=lambda step, loss, rate: seen.append(step),
        )
    resumed = train(
        settings, checkpoint=checkpoint, report=lambda step, loss, rate: seen.append(step)
    )
    assert seen == list(range(9))
    assert same(whole, resumed)


def test_a_crash_goes_on_from_the_last_saved_step(tmp_path):
    checkpoint = tmp_path / "network.pt"

    def crash(step, loss, rate):
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(checkpoint=checkpoint, report=crash)
    steps = []
    resumed = train(checkpoint=checkpoint, report=lambda step, loss, rate: steps.append(step))
    assert steps == [5, 6, 7, 8]
    assert same(resumed, train())


def test_a_checkpoint_of_another_training_is_kept_and_said(tmp_path, caplog):
    checkpoint = tmp_path / "network.pt"
    train(checkpoint=checkpoint)
    former = checkpoint.read_bytes()
    other = TrainSettings(steps=9, batch=4, rate=2e-3, average=0.9)
    assert same(train(other, checkpoint=checkpoint), train(other))
    assert "belongs to another training" in caplog.text
    assert (tmp_path / "network.pt.other").read_bytes() == former
    steps = []
    train(other, make_features() * 2, checkpoint=checkpoint, report=lambda *one: steps.append(one))
    assert len(steps) == 9


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, caplog):
    checkpoint = tmp_path / "network.pt"
    train(checkpoint=checkpoint)
    data = bytearray(checkpoint.read_bytes())
    data[len(data) // 2] ^= 1
    checkpoint.write_bytes(data)
    steps = []
    resumed = train(checkpoint=checkpoint, report=lambda step, loss, rate: steps.append(step))
    assert steps == [8]
    assert same(resumed, train())
    assert "cannot be used (it is damaged)" in caplog.text
    for one in tmp_path.iterdir():
        one.write_bytes(one.read_bytes()[:-7])
    assert load_checkpoint(checkpoint) is None


def test_a_checkpoint_never_runs_code(tmp_path):
    class Bad:
        def __reduce__(self):
            return (print, ("ran",))

    save_checkpoint(tmp_path / "c", {"key": Bad()})
    assert load_checkpoint(tmp_path / "c") is None


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    from uniad_desktop.training import checkpoints

    path = tmp_path / "c"
    save_checkpoint(path, {"step": 1})

    def full(where, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "write_durably", full)
        for _ in range(2):
            with pytest.raises(TrainingError, match="No space left on device"):
                save_checkpoint(path, {"step": 2})
    assert load_checkpoint(path) == {"step": 1}


def test_training_learns_what_is_normal():
    features = make_features(40)
    losses = []
    network = train(
        TrainSettings(steps=150, batch=8, rate=5e-3, average=0.9),
        features,
        report=lambda step, loss, rate: losses.append(loss),
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
    with pytest.raises(TrainingError, match=r"lower learning rate.*No checkpoint had been"):
        train_network(network, features, scale, SETTINGS)


def test_divergence_leaves_the_last_good_checkpoint(tmp_path):
    """The picture with a value that is no number comes up at some step; all before it is kept."""
    features = make_features()
    features[3] = np.nan
    good = features.copy()
    good[3] = 0.0
    scale = channel_statistics(good)
    settings = TrainSettings(steps=40, batch=1, average=0.9, save_every_s=0, seed=3)
    steps = []
    checkpoint = tmp_path / "network.pt"
    with pytest.raises(
        TrainingError, match=r"diverged at step \d+ of 40 \(loss nan.*rate .*--rate"
    ) as raised:
        train_network(
            ReconstructionNetwork(tiny_config()),
            features,
            scale,
            settings,
            checkpoint=checkpoint,
            report=lambda step, loss, rate: steps.append(step),
        )
    assert steps  # it was not the first step
    assert f"The last good checkpoint, {checkpoint}, is kept" in str(raised.value)
    kept = load_checkpoint(checkpoint)
    assert kept["step"] == steps[-1] + 1
    assert all(torch.isfinite(one).all() for one in kept["network"].values())


@pytest.mark.parametrize("processes", [1, 3])
def test_every_picture_is_seen_once_per_epoch_whatever_the_batch(processes):
    settings = TrainSettings(batch=4)
    groups = [Group(rank, processes) for rank in range(processes)]
    picked = np.concatenate(
        [pictures_of(step, 10, settings, group) for step in range(5) for group in groups]
    )
    epochs = picked[: len(picked) // 10 * 10].reshape(-1, 10)
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert list(epochs[0]) != list(epochs[1])


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_a_published_epoch_ends_with_what_is_left_over(processes):
    settings = TrainSettings(batch=4, whole_batches=False)
    per_epoch = settings.steps_per_epoch(10, processes)
    assert per_epoch == {1: 3, 2: 2, 4: 1}[processes]
    groups = [Group(rank, processes) for rank in range(processes)]
    for epoch in range(2):
        steps = range(epoch * per_epoch, (epoch + 1) * per_epoch)
        shares = [[pictures_of(s, 10, settings, group) for s in steps] for group in groups]
        sizes = {tuple(len(one) for one in share) for share in shares}
        assert len(sizes) == 1  # every process as many pictures
        seen = np.concatenate([one for share in shares for one in share])
        assert set(seen) == set(range(10))
        assert len(seen) == -(-10 // processes) * processes


def test_bf16_trains_as_well_and_the_weights_stay_f32():
    features = make_features(40)
    losses = []
    network = train(
        TrainSettings(steps=100, batch=8, rate=5e-3, average=0.9, precision=Precision.BF16),
        features,
        report=lambda step, loss, rate: losses.append(loss),
    )
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])
    assert {one.dtype for one in network.parameters()} == {torch.float32}


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_baselines_train_too(kind):
    features = make_features()
    network = ReconstructionNetwork(tiny_config(network=NetworkKind(kind)))
    losses = []
    settings = TrainSettings(steps=60, batch=8, rate=3e-3, average=0.0)
    train_network(
        network,
        features,
        channel_statistics(features),
        settings,
        report=lambda step, loss, rate: losses.append(loss),
    )
    assert losses[-1] < losses[0]


def test_positions_and_queries_may_have_a_rate_of_their_own():
    from uniad_desktop.training.network import _optimiser

    network = ReconstructionNetwork(tiny_config())
    settings = TrainSettings(embedding_factor=25.0, decay_embeddings=False, weight_decay=1e-4)
    layers, embeddings = _optimiser(network, settings).param_groups
    assert len(embeddings["params"]) == 2 + network.config.decoder_layers
    assert (layers["factor"], layers["weight_decay"]) == (1.0, 1e-4)
    assert (embeddings["factor"], embeddings["weight_decay"]) == (25.0, 0.0)


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

    class Backwards(frozenset):
        def __iter__(self):
            return reversed(list(super().__iter__()))

    config = tiny_config()
    other = tiny_config(masked=Backwards(config.masked))
    keys = {_key(ReconstructionNetwork(one), make_features(), SETTINGS) for one in (config, other)}
    assert len(keys) == 1
    smaller = ReconstructionNetwork(tiny_config(masked=frozenset()))
    assert _key(smaller, make_features(), SETTINGS) not in keys
