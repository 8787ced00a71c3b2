import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.uniad.config import BackboneConfig
from uniad_desktop.uniad.jitter import jitter_features
from uniad_desktop.uniad.layers import DecoderLayer, PositionEmbedding
from uniad_desktop.uniad.network import ReconstructionNetwork, reconstruction_loss


def test_positions_are_column_half_then_row_half():
    position = PositionEmbedding(3, 4, 8)
    laid_out = position()
    assert laid_out.shape == (12, 8)
    for row in range(3):
        for column in range(4):
            expected = torch.cat((position.column[column], position.row[row]))
            assert torch.equal(laid_out[row * 4 + column], expected)
    values = laid_out.detach()
    assert float(values.min()) >= 0.0 and float(values.max()) <= 1.0


@pytest.mark.parametrize("size", [(64, 80), (96, 64)])
@pytest.mark.parametrize("layers", [1, 3])
def test_shapes_and_gradients_everywhere(size, layers):
    config = tiny_config(
        input_height=size[0], input_width=size[1], encoder_layers=layers, decoder_layers=layers
    )
    network = ReconstructionNetwork(config)
    tokens = torch.randn(2, size[0] // 16 * (size[1] // 16), 24)
    rebuilt = network(tokens)
    assert rebuilt.shape == tokens.shape
    reconstruction_loss(tokens, rebuilt).backward()
    missing = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not bool(parameter.grad.abs().sum() > 0)
    ]
    assert missing == []


def test_linear_layers_start_xavier_with_zero_biases():
    network = ReconstructionNetwork(tiny_config())
    for module in network.modules():
        if isinstance(module, torch.nn.Linear):
            bound = (6 / (module.in_features + module.out_features)) ** 0.5
            assert 0.7 * bound < float(module.weight.detach().abs().max()) <= bound
            assert not module.bias.detach().any()


def test_decoder_attends_the_encoder_first_and_the_former_layer_second():
    """Computed by hand, step by step, in the order of section 3.3."""
    torch.manual_seed(0)
    layer = DecoderLayer(20, 16, 2, 32, 0.0).eval()
    previous, encoded, position = (
        torch.randn(2, 20, 16),
        torch.randn(2, 20, 16),
        torch.randn(20, 16),
    )
    query = layer.query.expand(2, -1, -1)
    one = layer.norm1(
        query + layer.attend_encoded(query + position, encoded + position, encoded, None)
    )
    two = layer.norm2(
        one + layer.attend_previous(one + position, previous + position, previous, None)
    )
    expected = layer.norm3(two + layer.feed_forward(two))
    torch.testing.assert_close(layer(previous, encoded, position, None, None), expected)


def test_the_first_decoder_layer_attends_the_encoder_twice():
    network = ReconstructionNetwork(tiny_config()).eval()
    seen = []
    network.decoder[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[:2]))
    network(torch.randn(1, 20, 24))
    assert seen[0][0] is seen[0][1]


def test_every_decoder_layer_has_its_own_query():
    network = ReconstructionNetwork(tiny_config(decoder_layers=3))
    queries = [layer.query for layer in network.decoder]
    assert all(query.shape == (20, 16) for query in queries)
    assert not torch.equal(queries[0], queries[1])


def test_jitter_has_the_deviation_of_the_formula():
    torch.manual_seed(0)
    tokens = torch.randn(4, 500, 24) * torch.rand(4, 500, 1) * 9
    noise = jitter_features(tokens, 20.0, 1.0) - tokens
    expected = 20.0 / 24 * tokens.norm(dim=-1, keepdim=True)
    ratio = noise / expected
    assert abs(float(ratio.mean())) < 0.02
    assert float(ratio.std()) == pytest.approx(1.0, abs=0.02)


def test_jitter_happens_with_its_probability_and_only_in_training():
    torch.manual_seed(0)
    tokens = torch.randn(1, 20, 24)
    changed = sum(jitter_features(tokens, 20.0, 0.3) is not tokens for _ in range(400))
    assert 80 < changed < 160
    assert jitter_features(tokens, 0.0, 1.0) is tokens
    network = ReconstructionNetwork(tiny_config(dropout=0.0)).eval()
    assert torch.equal(network(tokens), network(tokens))
    network.train()
    assert not torch.equal(network(tokens), network(tokens))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input_height": 70}, "multiple"),
        ({"hidden": 18, "heads": 4}, "multiple of 4 heads"),
        ({"neighbour_width": 4}, "odd"),
        ({"dropout": 1.0}, "Probabilities"),
        ({"jitter_scale": -1.0}, "negative"),
        ({"decoder_layers": 0}, "positive"),
        ({"score_pool": 65}, "window"),
    ],
)
def test_config_refuses_what_cannot_be_built(changes, words):
    with pytest.raises(ValueError, match=words):
        tiny_config(**changes)


@pytest.mark.parametrize(
    ("stages", "channels"), [((), ()), ((0, 1), (8,)), ((1, 0), (8, 16)), ((0,), (0,))]
)
def test_backbone_config_refuses_nonsense(stages, channels):
    with pytest.raises(ValueError):
        BackboneConfig(name="mobilenetv2_050", stages=stages, channels=channels)
