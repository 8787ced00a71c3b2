import pytest
import torch

from uniad_desktop.uniad.backbones import backbone_config
from uniad_desktop.uniad.config import IMAGENET_MEAN, UniADConfig
from uniad_desktop.uniad.features import FeaturePyramid, backbone_shapes, build_backbone
from uniad_desktop.uniad.timm_models import create_features, shapes_of


def test_the_papers_backbone():
    config = backbone_config("tf_efficientnet_b4.aa_in1k")
    assert config.name == "tf_efficientnet_b4.aa_in1k"
    assert config.stages == (0, 1, 2, 3)
    assert config.channels == (24, 32, 56, 160)
    assert config.stride == 16
    assert config.image_mean == IMAGENET_MEAN


@pytest.mark.parametrize(
    ("name", "stages", "stride"),
    [
        ("mobilenetv2_050", (0, 1, 2, 3), 16),
        ("test_convnext", (0, 1, 2), 16),  # begins at stride 4
        ("vgg11", (1, 2, 3, 4), 16),  # begins at stride 1
        ("test_vit", (1, 2, 4, 5), 16),  # six blocks
        ("vit_tiny_patch16_224", (2, 5, 8, 11), 16),
        ("vit_small_patch14_dinov2", (2, 5, 8, 11), 14),
        ("swin_tiny_patch4_window7_224", (0, 1, 2), 16),
    ],
)
def test_default_stages(name, stages, stride):
    config = backbone_config(name)
    assert config.stages == stages
    assert config.stride == stride
    maps = shapes_of(create_features(name, (224, 224), stages=stages, device="meta"), (224, 224))
    assert [one[0] for one in maps] == list(config.channels)
    assert maps[-1][1:] == (224 // stride, 224 // stride)


def test_stages_and_padding_can_be_chosen():
    config = backbone_config("mobilenetv2_050", stages=(1, 2), pad_type="same")
    assert config.channels == (16, 16)
    assert config.stride == 8
    assert config.pad_type == "same"


def test_image_statistics_are_those_of_the_weights():
    assert backbone_config("tf_efficientnet_lite0").image_mean == (0.5, 0.5, 0.5)
    assert backbone_config("tf_efficientnet_lite0").image_deviation == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("tf_eficientnet_b4", {}, "Close ones are .*tf_efficientnet_b4"),
        ("hf-hub:timm/resnet18", {}, "no backbone named 'hf-hub:timm/resnet18'"),
        ("tf_efficientnet_b4.zz", {}, "no weights 'zz' .* aa_in1k"),
        ("resnet18", {"stages": (0, 7)}, "stages 0 to 4"),
        ("resnet18", {"stages": ()}, "stages 0 to 4"),
        ("resnet18", {"stages": (2, 1)}, "must rise"),
        ("resnet18", {"pad_type": "same"}, "pad_type"),
        ("mvitv2_tiny", {"input_size": (256, 320)}, "256 x 320"),
        ("crossvit_tiny_240", {}, "cannot take pictures of 224 x 224"),
    ],
)
def test_what_cannot_be_a_backbone_is_named(name, options, said):
    with pytest.raises(ValueError, match=said):
        backbone_config(name, **options)


@pytest.mark.parametrize("size", [(64, 80), (224, 224), (256, 320), (448, 448)])
@pytest.mark.parametrize("name", ["mobilenetv2_050", "test_vit", "test_convnext"])
def test_any_input_size(name, size):
    config = UniADConfig(
        backbone=backbone_config(name, input_size=size),
        input_height=size[0],
        input_width=size[1],
    )
    with torch.inference_mode():
        tokens = FeaturePyramid(config).raw(torch.rand(1, 3, *size))
    assert tokens.shape == (1, size[0] * size[1] // 256, config.backbone.feature_channels)


def test_maps_with_channels_last_are_turned():
    size = (64, 96)
    config = backbone_config("swin_tiny_patch4_window7_224", stages=(0,), input_size=size)
    assert config.channels == (96,)
    backbone = create_features(config.name, size, stages=(0,))
    (one,) = backbone(torch.rand(2, 3, *size))
    assert one.shape == (2, 96, 16, 24)
    assert one.is_contiguous()


@pytest.mark.parametrize(
    ("name", "stages", "first_unused"),
    [
        ("test_vit", (0, 2), "model.blocks.3"),
        ("mobilenetv2_050", (0, 1), "blocks.2"),
        ("test_convnext", (0, 1), "stages_2"),
        ("resnet10t", (0, 1, 2), "layer3"),
    ],
)
def test_nothing_after_the_last_stage_is_kept(name, stages, first_unused):
    whole = create_features(name, (224, 224), device="meta").state_dict()
    cut = build_backbone(backbone_config(name, stages=stages)).state_dict()
    head = ("head", "classifier", "fc", "norm_head", "model.head", "model.norm.")
    assert any(key.startswith(first_unused) for key in whole)
    assert not any(key.startswith((first_unused, *head)) for key in cut)
    assert set(cut) == set(backbone_shapes(backbone_config(name, stages=stages), (224, 224)))


def test_padding_of_another_size_is_put_in():
    from dataclasses import replace

    plain = backbone_config("mobilenetv2_050", stages=(0, 1), pad_type="same")
    fixed = build_backbone(replace(plain, padded_for=95))
    backbone = build_backbone(plain)
    backbone.load_state_dict(fixed.state_dict(), strict=True)
    images = torch.rand(1, 3, 64, 64)
    assert not torch.equal(fixed(images)[1], backbone(images)[1])
