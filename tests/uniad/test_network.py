import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.detector import load_model
from uniad_desktop.engine.package import find_packages, open_newest
from uniad_desktop.engine.shipped import shipped_models
from uniad_desktop.uniad.config import BackboneConfig, NetworkKind, PositionKind, QueryDesign
from uniad_desktop.uniad.jitter import jitter_features
from uniad_desktop.uniad.layers import DecoderLayer
from uniad_desktop.uniad.network import ReconstructionNetwork, reconstruction_loss
from uniad_desktop.uniad.positions import LearnedPosition

VARIANTS = [
    *({"query": query} for query in QueryDesign),
    {"position": PositionKind.SINE},
    {"network": NetworkKind.MLP},
    {"network": NetworkKind.CNN},
]


def test_positions_are_column_half_then_row_half():
    position = LearnedPosition(3, 4, 8)
    laid_out = position()
    assert laid_out.shape == (12, 8)
    for row in range(3):
        for column in range(4):
            expected = torch.cat((position.column[column], position.row[row]))
            assert torch.equal(laid_out[row * 4 + column], expected)
    values = laid_out.detach()
    assert float(values.min()) >= 0.0 and float(values.max()) <= 1.0


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize("size", [(64, 80), (96, 64)])
@pytest.mark.parametrize("layers", [1, 3])
def test_shapes_and_gradients_everywhere(size, layers, variant):
    torch.manual_seed(0)
    config = tiny_config(
        input_height=size[0],
        input_width=size[1],
        encoder_layers=layers,
        decoder_layers=layers,
        **variant,
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


def decoded_by_hand(network, tokens):
    """The plain decoders step by step, from their description and with nothing shared."""
    config, position = network.config, network.position()
    encoded = network.input_proj(tokens)
    for layer in network.encoder:
        encoded = layer(encoded, position, network.allowed)
    stream = encoded
    for number, layer in enumerate(network.decoder):
        known = asking = stream
        if config.query is QueryDesign.SINGLE and number == 0:
            known = asking = layer.query[None].repeat(len(tokens), 1, 1)
        elif config.query is QueryDesign.LAYER_ADDED:
            asking = stream + layer.query
        seen = layer.attend_previous(asking + position, known + position, known, network.allowed)
        stream = layer.norm1(asking + seen)
        seen = layer.attend_encoded(stream + position, encoded + position, encoded, network.allowed)
        stream = layer.norm2(stream + seen)
        stream = layer.norm3(stream + layer.feed_forward(stream))
    return network.norm(stream)


@pytest.mark.parametrize(
    ("query", "queries"),
    [(QueryDesign.NONE, 0), (QueryDesign.SINGLE, 1), (QueryDesign.LAYER_ADDED, 3)],
)
def test_query_designs_of_the_comparison(query, queries):
    torch.manual_seed(0)
    network = ReconstructionNetwork(tiny_config(query=query, decoder_layers=3)).eval()
    learned = [name for name, _ in network.named_parameters() if name.endswith(".query")]
    assert learned == [f"decoder.{number}.query" for number in range(queries)]
    tokens = torch.randn(2, 20, 24)
    torch.testing.assert_close(network.decode(tokens), decoded_by_hand(network, tokens))


def test_a_single_query_and_layer_wise_ones_hide_the_input_from_the_stream():
    """Where a query takes the stream's place, the input comes in through attention only."""
    torch.manual_seed(0)
    for query, hidden in [
        (QueryDesign.NONE, False),
        (QueryDesign.LAYER_ADDED, False),
        (QueryDesign.SINGLE, True),
        (QueryDesign.LAYER_ATTENDED, True),
    ]:
        layer = ReconstructionNetwork(tiny_config(query=query)).eval().decoder[0]
        silent = torch.zeros(16, 16)
        for attention in (layer.attend_encoded, layer.attend_previous):
            attention.out_proj.weight.data = silent
        encoded = torch.randn(1, 20, 16)
        out = layer(encoded, encoded, torch.zeros(20, 16), None, None)
        other = layer(encoded.flip(2), encoded.flip(2), torch.zeros(20, 16), None, None)
        assert torch.equal(out, other) is hidden


def test_each_baseline_token_sees_what_its_layers_let_it_see():
    """A fully connected stack sees its own token, a stack of n convolutions n tokens around it."""
    torch.manual_seed(0)
    for kind in (NetworkKind.MLP, NetworkKind.CNN):
        config = tiny_config(network=kind, input_height=112, input_width=112)
        network = ReconstructionNetwork(config).eval()
        tokens = torch.randn(1, 49, 24, requires_grad=True)
        network(tokens)[0, 24].sum().backward()
        touched = tokens.grad[0].abs().sum(dim=-1).view(7, 7) > 0
        expected = torch.zeros(7, 7, dtype=torch.bool)
        reach = 0 if kind is NetworkKind.MLP else 2  # one layer for the encoder, one for the other
        expected[3 - reach : 4 + reach, 3 - reach : 4 + reach] = True
        assert torch.equal(touched, expected)
        assert network.allowed is None


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_variant_learns(variant):
    torch.manual_seed(0)
    network = ReconstructionNetwork(tiny_config(**variant, jitter_scale=0.0, dropout=0.0))
    tokens = torch.randn(4, 20, 24)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(60):
        loss = reconstruction_loss(tokens, network(tokens))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]


def test_no_mask_is_made_where_none_is_worn():
    """Nor refused for its size: without masks a small grid is fine."""
    config = tiny_config(masked=frozenset(), neighbour_height=9, neighbour_width=9)
    network = ReconstructionNetwork(config).eval()
    assert network.allowed is None
    assert network(torch.randn(1, 20, 24)).shape == (1, 20, 24)
    with pytest.raises(ValueError, match="covers the whole"):
        ReconstructionNetwork(tiny_config(neighbour_height=9, neighbour_width=9))


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_no_device_is_named(variant):
    """All that is computed on the way follows the weights to wherever they are moved."""
    network = ReconstructionNetwork(tiny_config(**variant)).to("meta")
    for mode in (True, False):
        assert network.train(mode)(torch.randn(2, 20, 24, device="meta")).device.type == "meta"


def test_names_of_the_published_design_stay():
    """Packages that were written before still load."""
    names = list(ReconstructionNetwork(tiny_config()).state_dict())
    attention = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    feed_forward = [f"feed_forward.{one}" for one in ("0.weight", "0.bias", "3.weight", "3.bias")]
    norms = [f"norm{n}.{one}" for n in (1, 2, 3) for one in ("weight", "bias")]
    assert names == [
        "input_proj.weight",
        "input_proj.bias",
        "position.row",
        "position.column",
        *(f"encoder.0.attention.{one}" for one in attention),
        *(f"encoder.0.{one}" for one in (*feed_forward, *norms[:4])),
        "decoder.0.query",
        *(f"decoder.0.attend_encoded.{one}" for one in attention),
        *(f"decoder.0.attend_previous.{one}" for one in attention),
        *(f"decoder.0.{one}" for one in (*feed_forward, *norms)),
        "norm.weight",
        "norm.bias",
        "output_proj.weight",
        "output_proj.bias",
    ]


def test_the_shipped_package_loads():
    folder = shipped_models()
    if folder is None or not find_packages([folder]):
        pytest.skip("no shipped model in this working copy")
    package = open_newest("unified", [folder])
    assert load_model(package).config == package.manifest.architecture


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
        ({"neighbour_width": 0}, "at least one token"),
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
