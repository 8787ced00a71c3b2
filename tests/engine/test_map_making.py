import numpy as np
import pytest
import torch

from tests.helpers import tiny_config
from uniad_desktop.engine.map_making import full_maps, score_inside, scores_of
from uniad_desktop.uniad.config import ScoreKind
from uniad_desktop.uniad.scoring import anomaly_map, image_score


def coarse_map(config, batch=3):
    rng = np.random.default_rng(0)
    return rng.gamma(2.0, 1.0, (batch, *config.grid)).astype(np.float32)


@pytest.mark.parametrize("kind", list(ScoreKind))
@pytest.mark.parametrize("size", [(64, 80), (16, 80), (224, 224)])
@pytest.mark.parametrize("pool", [1, 16])
def test_small_products_give_the_paper_s_map_and_score(kind, size, pool):
    config = tiny_config(
        input_height=size[0],
        input_width=size[1],
        score=kind,
        score_pool=pool,
        neighbour_height=1,
        neighbour_width=1,
    )
    coarse = coarse_map(config)
    # The norm over a single channel is the channel, so this is the coarse map itself.
    difference = torch.from_numpy(coarse).flatten(1)[..., None]
    maps = anomaly_map(difference, config.grid, size)
    scores = image_score(maps, kind, pool)
    np.testing.assert_allclose(full_maps(coarse, config), maps.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scores_of(coarse, config), scores.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", list(ScoreKind))
def test_inside_a_polygon_that_covers_everything_the_score_is_the_usual_one(kind):
    config = tiny_config(score=kind)
    coarse = coarse_map(config, 1)
    anomaly = full_maps(coarse, config)[0]
    everywhere = np.ones(anomaly.shape, bool)
    expected = float(scores_of(coarse, config)[0])
    assert score_inside(anomaly, everywhere, config) == pytest.approx(expected, rel=1e-5)


def test_what_lies_outside_a_polygon_does_not_count_and_its_edge_hides_nothing():
    config = tiny_config()
    anomaly = np.ones((64, 80), np.float32)
    anomaly[:, 40:] = 100.0
    inside = np.zeros((64, 80), bool)
    inside[:, :40] = True
    assert score_inside(anomaly, inside, config) == pytest.approx(1.0)
    anomaly[:, 36:40] = 9.0  # a defect right at the edge, as wide as the least share that counts
    assert score_inside(anomaly, inside, config) == pytest.approx(9.0)
    assert score_inside(anomaly, np.zeros_like(inside), config) == 0.0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_stays_none(value):
    config = tiny_config()
    coarse = coarse_map(config, 1)
    coarse[0, 1, 2] = value
    assert not np.isfinite(scores_of(coarse, config)).all()
    assert not np.isfinite(full_maps(coarse, config)).all()
