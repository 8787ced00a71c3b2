"""Our network against the plain one of `tests.uniad.reference`, weights in the authors' layout."""

import pytest
import torch

from tests.authors import authors_config, random_model
from tests.uniad.reference import ReferenceNetwork, sine_table
from uniad_desktop.uniad.authors_checkpoint import to_authors
from uniad_desktop.uniad.config import Attention, PositionKind, UniADConfig
from uniad_desktop.uniad.network import ReconstructionNetwork
from uniad_desktop.uniad.positions import SinePosition

PLACES = (Attention.ENCODER, Attention.DECODER_ENCODED, Attention.DECODER_PREVIOUS)


def close(actual, expected, tolerance):
    assert float((actual - expected).abs().max()) <= tolerance * float(expected.abs().max())


@pytest.mark.parametrize(
    ("changes", "masks"),
    [
        ({}, (True, True, True)),
        ({"heads": 4}, (False, False, False)),
        ({"input_width": 128, "encoder_layers": 3}, (True, False, False)),
        ({"input_height": 96}, (False, True, False)),
        ({"decoder_layers": 1}, (False, False, True)),
        ({"input_height": 112, "input_width": 96, "neighbour_height": 4}, (True, True, True)),
        ({"input_width": 144, "neighbour_width": 8, "neighbour_height": 2}, (True, True, True)),
        ({"position": PositionKind.SINE, "input_width": 96}, (True, True, True)),
    ],
)
def test_forward_parity(changes, masks):
    masked = frozenset(place for place, on in zip(PLACES, masks, strict=True) if on)
    config = authors_config(masked=masked, **changes)
    model = random_model(config)
    reference = ReferenceNetwork(
        to_authors(model.state_dict(), config),
        grid=config.grid,
        heads=config.heads,
        neighbour=(config.neighbour_height, config.neighbour_width),
        masks=masks,
    )
    torch.manual_seed(1)
    tokens = torch.randn(2, config.grid[0] * config.grid[1], config.backbone.feature_channels)
    close(model.network(tokens), reference.rebuild(tokens), 1e-5)


def test_published_network_has_the_published_size():
    backbone = authors_config("b4").backbone
    network = ReconstructionNetwork(UniADConfig(backbone=backbone))
    assert sum(parameter.numel() for parameter in network.parameters()) == 7_717_392
    assert not any("allowed" in name for name in network.state_dict())


@pytest.mark.parametrize("size", [(3, 5, 8), (14, 14, 256), (1, 2, 12)])
def test_sines_are_those_of_detr(size):
    position = SinePosition(*size)
    torch.testing.assert_close(position(), sine_table(*size), rtol=0.0, atol=2e-6)
    assert not list(position.parameters()) and not position.state_dict()


def test_sines_need_a_width_of_four_parts():
    with pytest.raises(ValueError, match="multiple of 4"):
        SinePosition(3, 3, 6)
