"""Names both ways, held against lists written by hand."""

import pytest
import torch

from tests.authors import authors_arch, authors_config, authors_state, random_model
from uniad_desktop.uniad.authors_checkpoint import (
    from_authors,
    read_config,
    to_authors,
    without_wrapper,
)
from uniad_desktop.uniad.authors_efficientnet import EFFICIENTNETS, find_efficientnet
from uniad_desktop.uniad.authors_settings import AuthorsSettings, read_settings
from uniad_desktop.uniad.config import Attention, PositionKind, ScoreKind

THREE = AuthorsSettings(neighbour=(3, 3))
NORM = ("weight", "bias", "running_mean", "running_var")

# One encoder and one decoder layer, as the authors' modules name them.
NETWORK = """
pos_embed.row_embed.weight pos_embed.col_embed.weight
transformer.encoder.layers.0.self_attn.in_proj_weight
transformer.encoder.layers.0.self_attn.in_proj_bias
transformer.encoder.layers.0.self_attn.out_proj.weight
transformer.encoder.layers.0.self_attn.out_proj.bias
transformer.encoder.layers.0.linear1.weight transformer.encoder.layers.0.linear1.bias
transformer.encoder.layers.0.linear2.weight transformer.encoder.layers.0.linear2.bias
transformer.encoder.layers.0.norm1.weight transformer.encoder.layers.0.norm1.bias
transformer.encoder.layers.0.norm2.weight transformer.encoder.layers.0.norm2.bias
transformer.decoder.layers.0.learned_embed.weight
transformer.decoder.layers.0.self_attn.in_proj_weight
transformer.decoder.layers.0.self_attn.in_proj_bias
transformer.decoder.layers.0.self_attn.out_proj.weight
transformer.decoder.layers.0.self_attn.out_proj.bias
transformer.decoder.layers.0.multihead_attn.in_proj_weight
transformer.decoder.layers.0.multihead_attn.in_proj_bias
transformer.decoder.layers.0.multihead_attn.out_proj.weight
transformer.decoder.layers.0.multihead_attn.out_proj.bias
transformer.decoder.layers.0.linear1.weight transformer.decoder.layers.0.linear1.bias
transformer.decoder.layers.0.linear2.weight transformer.decoder.layers.0.linear2.bias
transformer.decoder.layers.0.norm1.weight transformer.decoder.layers.0.norm1.bias
transformer.decoder.layers.0.norm2.weight transformer.decoder.layers.0.norm2.bias
transformer.decoder.layers.0.norm3.weight transformer.decoder.layers.0.norm3.bias
transformer.decoder.norm.weight transformer.decoder.norm.bias
input_proj.weight input_proj.bias output_proj.weight output_proj.bias
"""

# The first block has no expansion, so its norms are the second and third.
BLOCK_0 = [
    "_depthwise_conv.weight",
    *(f"_bn1.{one}" for one in NORM),
    "_se_reduce.weight",
    "_se_reduce.bias",
    "_se_expand.weight",
    "_se_expand.bias",
    "_project_conv.weight",
    *(f"_bn2.{one}" for one in NORM),
]
LATER_BLOCK = ["_expand_conv.weight", *(f"_bn0.{one}" for one in NORM), *BLOCK_0]


def b0_names():
    """EfficientNet-b0 has 1 + 2 + 2 + 3 + 3 blocks up to stride 16."""
    names = ["_conv_stem.weight", *(f"_bn0.{one}" for one in NORM)]
    names += [f"_blocks.0.{one}" for one in BLOCK_0]
    names += [f"_blocks.{number}.{one}" for number in range(1, 11) for one in LATER_BLOCK]
    return names


def test_names_are_those_of_the_authors():
    config = authors_config("b0", decoder_layers=1)
    names = set(to_authors(random_model(config).state_dict(), config))
    assert names == {f"reconstruction.{one}" for one in NETWORK.split()} | {
        f"backbone.{one}" for one in b0_names()
    }


@pytest.mark.parametrize(
    ("kind", "theirs", "ours"),
    [
        ("b0", "_conv_stem.weight", "conv_stem.weight"),
        ("b0", "_bn0.running_mean", "bn1.running_mean"),
        ("b0", "_blocks.0._bn1.bias", "blocks.0.0.bn1.bias"),
        ("b0", "_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight"),
        ("b0", "_blocks.0._bn2.running_var", "blocks.0.0.bn2.running_var"),
        ("b0", "_blocks.4._se_reduce.bias", "blocks.2.1.se.conv_reduce.bias"),
        ("b0", "_blocks.10._expand_conv.weight", "blocks.4.2.conv_pw.weight"),
        ("b4", "_blocks.1._depthwise_conv.weight", "blocks.0.1.conv_dw.weight"),
        ("b4", "_blocks.6._bn0.weight", "blocks.2.0.bn1.weight"),
        ("b4", "_blocks.6._bn1.weight", "blocks.2.0.bn2.weight"),
        ("b4", "_blocks.21._project_conv.weight", "blocks.4.5.conv_pwl.weight"),
        ("b4", "_blocks.21._bn2.bias", "blocks.4.5.bn3.bias"),
    ],
)
def test_backbone_tensors_go_where_a_person_would_put_them(kind, theirs, ours):
    config = authors_config(kind)
    state = random_model(config).state_dict()
    name = f"pyramid.backbone.{ours}"
    assert torch.equal(to_authors(state, config)[f"backbone.{theirs}"], state[name])


def test_decoder_attends_encoder_with_self_attn():
    config = authors_config()
    state = random_model(config).state_dict()
    theirs = to_authors(state, config)
    prefix = "reconstruction.transformer.decoder.layers.1."
    for one, other in (("self_attn", "attend_encoded"), ("multihead_attn", "attend_previous")):
        ours = state[f"network.decoder.1.{other}.in_proj_weight"]
        assert torch.equal(theirs[f"{prefix}{one}.in_proj_weight"], ours)
    row = theirs["reconstruction.pos_embed.row_embed.weight"]
    assert torch.equal(row, state["network.position.row"])


@pytest.mark.parametrize("wrapped", [False, True])
def test_there_and_back_again(wrapped):
    config = authors_config("b2", input_height=96)
    state = without_wrapper(authors_state(config, wrapped=wrapped, seed=5))
    found = read_config(state, THREE)
    assert found == config
    back = from_authors(state, found)
    expected = random_model(config, seed=5).state_dict()
    assert back.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(back[name], tensor), name


@pytest.mark.parametrize(
    ("kind", "channels", "blocks"),
    [
        ("b0", (16, 24, 40, 112), 11),
        ("b1", (16, 24, 40, 112), 16),
        ("b2", (16, 24, 48, 120), 16),
        ("b3", (24, 32, 48, 136), 18),
        ("b4", (24, 32, 56, 160), 22),
        ("b5", (24, 40, 64, 176), 27),
        ("b6", (32, 40, 72, 200), 31),
        ("b7", (32, 48, 80, 224), 38),
    ],
)
def test_every_efficientnet_is_known_and_told_from_the_others(kind, channels, blocks):
    model = EFFICIENTNETS[kind]
    assert model.feature_channels == channels
    assert sum(model.repeats) == blocks
    outputs = [c for c, n in zip(model.channels, model.repeats, strict=True) for _ in range(n)]
    shapes = {
        f"_blocks.{number}._project_conv.weight": (width, 9, 1, 1)
        for number, width in enumerate([*outputs, 192])
    }
    assert find_efficientnet(shapes) is model
    del shapes["_blocks.3._project_conv.weight"]
    with pytest.raises(ValueError, match="blocks are"):
        find_efficientnet(shapes)


@pytest.mark.parametrize(
    ("kind", "name", "side"), [("b4", "tf_efficientnet_b4.aa_in1k", 380), ("b0", "", 224)]
)
def test_backbone_and_its_padding_are_seen_from_the_shapes(kind, name, side):
    config = authors_config(kind)
    found = read_config(authors_state(config, wrapped=False), THREE)
    assert found.backbone == config.backbone
    assert found.backbone.padded_for == side
    assert found.backbone.name == (name or found.backbone.name)


def test_without_a_backbone_the_channels_tell_it_where_they_can():
    four = authors_state(authors_config("b4"), wrapped=False, backbone=False)
    config = read_config(four, THREE)
    assert config.backbone == authors_config("b4").backbone
    back = from_authors(four, config)
    assert back.keys() == {k for k in random_model(config).state_dict() if "backbone" not in k}
    none = authors_state(authors_config("b0"), wrapped=False, backbone=False)
    with pytest.raises(ValueError, match=r"possible: b0, b1.*--backbone"):
        read_config(none, THREE)
    settings = AuthorsSettings(neighbour=(3, 3), backbone="b1")
    assert read_config(none, settings).backbone == authors_config("b1").backbone


def test_fewer_stages_are_the_deepest():
    whole = authors_config("b0").backbone
    fewer = type(whole)(
        name=whole.name, stages=(2, 3), channels=whole.channels[2:], padded_for=whole.padded_for
    )
    config = authors_config("b0", backbone=fewer)
    state = authors_state(config, wrapped=False)
    assert read_config(state, THREE).backbone == fewer
    assert from_authors(state, config).keys() == random_model(config).state_dict().keys()


def test_sine_checkpoints_have_no_positions():
    config = authors_config(position=PositionKind.SINE)
    state = authors_state(config, wrapped=False)
    assert not any("pos_embed" in name for name in state)
    assert read_config(state, THREE) == config
    from_authors(state, config)
    oblong = authors_config(position=PositionKind.SINE, input_width=96)
    state = authors_state(oblong, wrapped=False)
    with pytest.raises(ValueError, match="24 tokens, which make no square"):
        read_config(state, THREE)
    assert read_config(state, AuthorsSettings(neighbour=(3, 3), grid=(4, 6))) == oblong


LAYER = "reconstruction.transformer.encoder.layers.0."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update({LAYER + "gate": torch.ones(1)}), "gate', which UniAD has no place"),
        (lambda s: s.update({"head.weight": torch.ones(1)}), "head.weight', which UniAD"),
        (lambda s: s.update({"backbone.layer1.0.conv1.weight": torch.ones(1)}), "layer1.0.conv1"),
        (lambda s: s.pop(LAYER + "norm2.bias"), r"norm2.bias' is missing"),
        (lambda s: s.pop("backbone._blocks.7._bn1.weight"), r"_blocks.7._bn1.weight' is missing"),
        (lambda s: s.pop("reconstruction.input_proj.weight"), "input_proj.weight' is missing"),
        (lambda s: s.update({LAYER + "linear2.bias": torch.ones(31)}), "is 31, where .* needs 32"),
        (lambda s: s[LAYER + "norm1.bias"].fill_(float("nan")), "norm1.bias' holds values"),
        (lambda s: s["backbone._bn0.running_var"].fill_(float("inf")), "_bn0.running_var' holds"),
        (
            lambda s: s.update({"reconstruction.input_proj.weight": torch.ones(32, 191)}),
            "191 channels",
        ),
        (
            lambda s: s.update({LAYER + "linear1.weight": torch.ones(1, 1).expand(1 << 40, 32)}),
            "larger than any",
        ),
        (
            lambda s: s.update({"reconstruction.pos_embed.row_embed.weight": torch.ones(99, 16)}),
            "larger than any",
        ),
    ],
)
def test_what_does_not_fit_is_named(change, words):
    state = authors_state(authors_config(), wrapped=False)
    change(state)
    with pytest.raises(ValueError, match=words):
        from_authors(state, read_config(state, THREE))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("img_backbone.conv1.weight", "pts_bbox_head.query"), "driving model .* 2206.03687"),
        (("conv1.weight", "layer1.0.conv1.weight"), "another network .*'conv1.weight'"),
        ((), "none at all"),
    ],
)
def test_other_networks_are_recognised(names, words):
    with pytest.raises(ValueError, match=words):
        read_config({name: torch.ones(2) for name in names}, THREE)


def test_what_the_training_script_noted_is_read():
    masked = frozenset({Attention.DECODER_ENCODED})
    config = authors_config(
        heads=4, neighbour_height=8, masked=masked, dropout=0.2, jitter_scale=7.0,
        jitter_probability=0.5,
    )  # fmt: skip
    settings = read_settings(authors_arch(config, "b1"))
    assert settings == AuthorsSettings(
        backbone="b1", grid=(4, 4), heads=4, neighbour=(8, 3), masked=masked, dropout=0.2,
        jitter_scale=7.0, jitter_probability=0.5, score=ScoreKind.MAX_POOLED,
    )  # fmt: skip
    off = read_settings(authors_arch(config, neighbor_mask=None, feature_jitter=None))
    assert off.masked == frozenset() and off.jitter_scale == 0.0
    for nothing in (None, "resnet18", [], [3, {"name": 4}], {"name": "x"}):
        assert read_settings(nothing) == AuthorsSettings()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normalize_before": True}, "before each attention"),
        ({"activation": "gelu"}, "gelu"),
        ({"nhead": -1}, "nhead"),
        ({"nhead": True}, "nhead"),
        ({"dropout": 2.0}, "dropout"),
        ({"feature_size": [14]}, "feature_size"),
        ({"feature_jitter": 3}, "feature_jitter"),
        ({"feature_jitter": {"scale": float("nan")}}, "scale"),
        ({"neighbor_mask": {"mask": [True]}}, "mask"),
        ({"neighbor_mask": {"mask": [True] * 3, "neighbor_size": "7"}}, "neighbor_size"),
    ],
)
def test_settings_that_make_no_sense_are_named(changes, words):
    with pytest.raises(ValueError, match=words):
        read_settings(authors_arch(authors_config(), **changes))
