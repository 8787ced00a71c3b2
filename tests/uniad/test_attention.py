import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.uniad.attention import MultiHeadAttention, neighbour_mask
from uniad_desktop.uniad.config import Attention
from uniad_desktop.uniad.layers import EncoderLayer
from uniad_desktop.uniad.network import ReconstructionNetwork


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [(5, 5, 3, 3), (6, 9, 5, 1), (14, 14, 7, 7), (14, 12, 8, 2)],
)
def test_mask_is_the_square_around_each_query(height, width, rows, columns):
    allowed = neighbour_mask(height, width, rows, columns)
    for query in range(height * width):
        for key in range(height * width):
            dy = abs(query // width - key // width)
            dx = abs(query % width - key % width)
            assert bool(allowed[query, key]) == (dy > rows // 2 or dx > columns // 2)


def test_even_squares_reach_as_far_as_the_next_odd_one():
    assert torch.equal(neighbour_mask(14, 14, 8, 8), neighbour_mask(14, 14, 9, 9))
    assert int((~neighbour_mask(14, 14, 8, 8))[7 * 14 + 7].sum()) == 81
    assert int((~neighbour_mask(14, 14, 8, 8))[0].sum()) == 25


def test_mask_that_leaves_nothing_to_look_at_is_refused():
    with pytest.raises(ValueError, match="covers the whole"):
        neighbour_mask(3, 3, 5, 5)


def test_no_information_of_masked_neighbours_passes():
    """The gradient of one output by every input is exactly zero inside the square, not outside."""
    torch.manual_seed(0)
    layer = MultiHeadAttention(16, 2, dropout=0.0)
    tokens = torch.randn(1, 35, 16, requires_grad=True)
    allowed = neighbour_mask(5, 7, 3, 3)
    query = 2 * 7 + 3
    out = layer(torch.randn(1, 35, 16), tokens, tokens, allowed)
    out[0, query].sum().backward()
    touched = tokens.grad[0].abs().sum(dim=-1) > 0
    assert torch.equal(touched, allowed[query])


@pytest.mark.parametrize("heads", [1, 4])
def test_attention_equals_torch_multihead_attention(heads):
    torch.manual_seed(1)
    ours = MultiHeadAttention(16, heads, dropout=0.0).eval()
    theirs = torch.nn.MultiheadAttention(16, heads, batch_first=True).eval()
    theirs.load_state_dict(ours.state_dict())
    query, key, value = (torch.randn(2, 20, 16) for _ in range(3))
    allowed = neighbour_mask(4, 5, 3, 3)
    expected, _ = theirs(query, key, value, attn_mask=~allowed)
    torch.testing.assert_close(ours(query, key, value, allowed), expected, rtol=1e-5, atol=1e-6)


def test_one_masked_encoder_layer_sees_neighbours_only_through_the_residual():
    torch.manual_seed(0)
    layer = EncoderLayer(16, 2, 32, 0.0).eval()
    allowed = neighbour_mask(4, 5, 3, 3)
    tokens = torch.randn(1, 20, 16, requires_grad=True)
    layer(tokens, torch.zeros(20, 16), allowed)[0, 7, 0].backward()
    touched = tokens.grad[0].abs().sum(dim=-1) > 0
    expected = allowed[7].clone()
    expected[7] = True
    assert torch.equal(touched, expected)


@pytest.mark.parametrize("masked", [frozenset(), frozenset({Attention.ENCODER})])
def test_masks_are_worn_only_where_the_config_says(masked):
    torch.manual_seed(0)
    full = ReconstructionNetwork(tiny_config()).eval()
    other = ReconstructionNetwork(tiny_config(masked=masked)).eval()
    other.load_state_dict(full.state_dict())
    tokens = torch.randn(1, 20, 24)
    assert not torch.allclose(full(tokens), other(tokens))
