import pytest
import torch
from timm.layers import Conv2dSame

from tests.authors import authors_config
from uniad_desktop.engine.folding import fold_batch_norms
from uniad_desktop.uniad.config import BackboneConfig
from uniad_desktop.uniad.features import build_backbone
from uniad_desktop.uniad.padding import FixedPaddingConv2d, same_padding, use_fixed_padding

B4 = authors_config("b4").backbone
PLAIN_B4 = BackboneConfig(name=B4.name, stages=B4.stages, channels=B4.channels)


def sizes_seen(backbone, side):
    seen = {}
    for name, module in backbone.named_modules():
        if isinstance(module, Conv2dSame):
            module.register_forward_pre_hook(
                lambda _, inputs, name=name: seen.update({name: inputs[0].shape[-1]})
            )
    backbone(torch.zeros(1, 3, side, side))
    return seen


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        (380, 3, 2, (0, 1)),
        (95, 5, 2, (2, 2)),
        (56, 5, 2, (1, 2)),
        (7, 3, 1, (1, 1)),
        (9, 1, 2, (0, 0)),
    ],
)
def test_same_padding_by_hand(size, kernel, stride, expected):
    assert same_padding(size, kernel, stride) == expected


def test_at_224_one_convolution_of_b4_pads_otherwise():
    own = {
        name: same_padding(size, *_square(PLAIN_B4, name))
        for name, size in sizes_seen(build_backbone(PLAIN_B4), 224).items()
    }
    fixed = {
        name: module.edges
        for name, module in build_backbone(B4).named_modules()
        if isinstance(module, FixedPaddingConv2d)
    }
    assert fixed.keys() == own.keys()
    changed = {name for name, edges in fixed.items() if edges != own[name] * 2}
    assert changed == {"blocks.2.0.conv_dw"}
    assert fixed["blocks.2.0.conv_dw"] == (2, 2, 2, 2)
    assert own["blocks.2.0.conv_dw"] == (1, 2)
    module = build_backbone(B4).get_submodule("blocks.2.0.conv_dw")
    assert module.kernel_size == (5, 5) and module.stride == (2, 2)


def _square(config, name):
    module = build_backbone(config).get_submodule(name)
    return module.kernel_size[0], module.stride[0]


def test_features_differ_from_that_stage_on_and_names_stay():
    plain, fixed = build_backbone(PLAIN_B4), build_backbone(B4)
    assert list(plain.state_dict()) == list(fixed.state_dict())
    fixed.load_state_dict(plain.state_dict())
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        equal = [
            torch.equal(one, other) for one, other in zip(plain(images), fixed(images), strict=True)
        ]
        # At the size that it is padded for, nothing differs.
        images = torch.nn.functional.interpolate(images, size=(380, 380))
        for one, other in zip(plain(images), fixed(images), strict=True):
            torch.testing.assert_close(one, other)
    assert equal == [True, True, False, False]


def test_fixed_padding_survives_folding():
    config = authors_config("b2").backbone
    backbone = build_backbone(config)
    images = torch.randn(1, 3, 64, 96)
    folded = fold_batch_norms(backbone, images)
    kept = [m for m in folded.modules() if isinstance(m, FixedPaddingConv2d)]
    assert {one.edges for one in kept} == {(0, 1, 0, 1), (2, 2, 2, 2), (1, 1, 1, 1)}
    with torch.no_grad():
        for one, other in zip(backbone(images), folded(images), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("side", "words"), [(224, "no convolution with SAME"), (0, "0 pixels")])
def test_a_backbone_that_cannot_be_padded_is_refused(side, words):
    name = "mobilenetv2_050" if side else B4.name
    stages, channels = ((0,), (8,)) if side else ((0,), (24,))
    backbone = build_backbone(BackboneConfig(name=name, stages=stages, channels=channels))
    with pytest.raises(ValueError, match=words):
        use_fixed_padding(backbone, side)
