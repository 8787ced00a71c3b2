import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.fused import fused_network
from uniad_desktop.engine.graph import InspectionGraph
from uniad_desktop.uniad.config import (
    Alignment,
    Attention,
    NetworkKind,
    PositionKind,
    QueryDesign,
    UniADConfig,
)
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.network import ReconstructionNetwork


def network(config: UniADConfig) -> ReconstructionNetwork:
    torch.manual_seed(0)
    built = ReconstructionNetwork(config).eval()
    for name, parameter in built.named_parameters():
        if name.endswith("bias"):  # zeros at the start would hide a forgotten one
            torch.nn.init.normal_(parameter)
    return built.requires_grad_(False)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"encoder_layers": 3, "decoder_layers": 2},
        {"position": PositionKind.SINE},
        {"masked": frozenset()},
        {"masked": frozenset({Attention.DECODER_ENCODED})},
        {"masked": frozenset({Attention.DECODER_PREVIOUS, Attention.ENCODER})},
        {"query": QueryDesign.LAYER_ADDED},
        {"query": QueryDesign.NONE},
        {"network": NetworkKind.MLP},
        {"network": NetworkKind.CNN},
    ],
)
@pytest.mark.parametrize("batch", [1, 3])
def test_sums_done_ahead_change_nothing(changes, batch):
    plain = network(tiny_config(**changes))
    tokens = torch.randn(batch, 20, 24)
    with torch.inference_mode():
        expected = plain.decode(tokens)
        actual = fused_network(plain)(tokens)
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)


def test_the_network_that_was_fused_is_left_alone():
    plain = network(tiny_config())
    before = {name: value.clone() for name, value in plain.state_dict().items()}
    fused_network(plain)
    assert all(torch.equal(value, before[name]) for name, value in plain.state_dict().items())


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize("alignment", list(Alignment))
def test_the_graph_gives_the_distances_of_the_model(spread, standardised, alignment):
    torch.manual_seed(1)
    config = tiny_config(spread=spread, standardised=standardised, alignment=alignment)
    model = UniAD(config).eval().requires_grad_(False)
    model.pyramid.mean.normal_()
    model.pyramid.deviation.uniform_(0.5, 2.0)
    pictures = torch.randint(0, 256, (2, 3, 64, 80), dtype=torch.uint8)
    with torch.inference_mode():
        tokens = model.pyramid(pictures / 255.0)
        expected = torch.linalg.vector_norm(model.difference(tokens), dim=-1).view(2, 4, 5)
        actual = InspectionGraph(model).eval()(pictures)
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)
