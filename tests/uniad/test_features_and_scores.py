import math

import pytest
import torch
from torch.nn import functional as F

from tests.helpers import tiny_config
from uniad_desktop.uniad.config import Alignment, BackboneConfig, ScoreKind
from uniad_desktop.uniad.features import FeaturePyramid, align_features, build_backbone
from uniad_desktop.uniad.model import UniAD
from uniad_desktop.uniad.scoring import anomaly_map, image_score
from uniad_desktop.uniad.spread import LEAST, MOST, SpreadHead, spread_loss

BACKBONES = [
    BackboneConfig(name="mobilenetv2_050", stages=(0, 1, 2, 3), channels=(8, 16, 16, 48)),
    BackboneConfig(name="resnet10t", stages=(0, 1, 2), channels=(64, 64, 128)),
    BackboneConfig(name="efficientnet_lite0", stages=(1, 3), channels=(24, 112)),
]


@pytest.mark.parametrize("config", BACKBONES, ids=lambda config: config.name)
def test_backbone_is_frozen_and_ends_with_its_last_stage(config):
    backbone = build_backbone(config)
    assert not any(parameter.requires_grad for parameter in backbone.parameters())
    used = set()
    for name, module in backbone.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda *_, name=name: used.add(name))
    maps = backbone(torch.rand(1, 3, 64, 64))
    assert [one.shape[1] for one in maps] == list(config.channels)
    built = {n for n, m in backbone.named_modules() if isinstance(m, torch.nn.Conv2d)}
    assert used == built


@pytest.mark.parametrize(("name", "channels"), [("no_such_model", (8,)), ("mobilenetv2_050", (9,))])
def test_wrong_backbone_is_refused_by_name(name, channels):
    with pytest.raises(ValueError, match=name):
        build_backbone(BackboneConfig(name=name, stages=(0,), channels=channels))


def test_alignment_resizes_with_aligned_corners_and_keeps_the_order():
    maps = [torch.randn(2, 3, 16, 20), torch.randn(2, 5, 4, 5)]
    tokens = align_features(maps, (4, 5), Alignment.BILINEAR)
    assert tokens.shape == (2, 20, 8)
    corner = maps[0][:, :, -1, -1]
    torch.testing.assert_close(tokens[:, -1, :3], corner)
    torch.testing.assert_close(tokens[:, 7, 3:], maps[1][:, :, 1, 2])


def test_pyramid_stays_in_eval_mode_and_standardises():
    pyramid = FeaturePyramid(tiny_config()).train()
    assert not any(module.training for module in pyramid.modules())
    images = torch.rand(2, 3, 64, 80)
    raw = pyramid.raw(images)
    torch.testing.assert_close(pyramid(images), raw)
    pyramid.mean.copy_(raw.mean(dim=(0, 1)))
    pyramid.deviation.copy_(raw.std(dim=(0, 1)))
    assert float(pyramid(images).mean().abs()) < 1e-5
    plain = FeaturePyramid(tiny_config(standardised=False))
    assert plain.standardise(raw) is raw


def test_map_is_the_channel_norm_upsampled_with_aligned_corners():
    difference = torch.randn(2, 20, 24)
    maps = anomaly_map(difference, (4, 5), (64, 80))
    assert maps.shape == (2, 64, 80)
    norms = difference.norm(dim=-1).view(2, 4, 5)
    torch.testing.assert_close(maps[:, 0, 0], norms[:, 0, 0])
    torch.testing.assert_close(maps[:, -1, -1], norms[:, -1, -1])


def test_scores_of_a_small_bright_square():
    maps = torch.zeros(1, 64, 80)
    maps[:, 20:28, 30:46] = 2.0
    assert float(image_score(maps, ScoreKind.MAX_POOLED, 16)) == pytest.approx(1.0)
    assert float(image_score(maps, ScoreKind.MAX_POOLED, 8)) == pytest.approx(2.0)
    assert float(image_score(maps, ScoreKind.MEAN)) == pytest.approx(2.0 * 128 / 5120)
    assert float(image_score(maps, ScoreKind.DEVIATION)) == pytest.approx(float(maps.std()))


def test_area_alignment_sees_what_lies_between_the_points_that_bilinear_reads():
    spot = torch.zeros(1, 1, 32, 40)
    spot[0, 0, 4, 4] = 64.0
    assert not align_features([spot], (4, 5), Alignment.BILINEAR)[0, 0, 0]
    tokens = align_features([spot], (4, 5), Alignment.AREA)
    assert float(tokens[0, 0, 0]) == pytest.approx(1.0)
    small = torch.randn(1, 2, 2, 3)
    torch.testing.assert_close(
        align_features([small], (4, 5), Alignment.AREA),
        align_features([small], (4, 5), Alignment.BILINEAR),
    )


@pytest.mark.parametrize("spread", [False, True])
def test_model_puts_everything_together(spread):
    torch.manual_seed(0)
    model = UniAD(tiny_config(spread=spread)).eval()
    if spread:
        model.spread.layers[-1].bias.data.fill_(math.log(2.0))
    images = torch.rand(2, 3, 64, 80)
    with torch.inference_mode():
        maps, scores = model(images)
        tokens = model.pyramid(images)
        norms = (tokens - model.network(tokens)).norm(dim=-1) / (2.0 if spread else 1.0)
    expected = F.interpolate(
        norms.view(2, 1, 4, 5), size=(64, 80), mode="bilinear", align_corners=True
    )
    torch.testing.assert_close(maps, expected[:, 0])
    torch.testing.assert_close(scores, F.avg_pool2d(expected, 16, stride=1).amax(dim=(1, 2, 3)))


def test_the_paper_has_no_spread_head():
    assert UniAD(tiny_config()).spread is None
    assert not any(name.startswith("spread") for name in UniAD(tiny_config()).state_dict())


def test_spread_head_starts_at_one_and_stays_bounded():
    head = SpreadHead(16, 24).requires_grad_(False)
    decoded = torch.randn(2, 20, 16)
    assert torch.equal(head(decoded), torch.ones(2, 20, 24))
    head.layers[-1].bias.fill_(100.0)
    assert float(head(decoded).max()) == pytest.approx(MOST)
    head.layers[-1].bias.fill_(-100.0)
    assert float(head(decoded).min()) == pytest.approx(LEAST)


def test_spread_loss_is_least_at_the_true_deviation():
    torch.manual_seed(0)
    difference = torch.randn(1, 4000, 1) * 3.0
    losses = {s: float(spread_loss(difference, torch.full((1, 1, 1), s))) for s in (1.5, 3.0, 6.0)}
    assert min(losses, key=losses.get) == 3.0
