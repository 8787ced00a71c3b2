from itertools import pairwise

import pytest
import torch

from uniad_desktop.training.recipes import (
    Precision,
    RecipeName,
    Schedule,
    TrainSettings,
    choose_precision,
    fast_settings,
    make_recipe,
    paper_recipe,
    paper_settings,
)
from uniad_desktop.uniad.config import Alignment


def test_the_published_recipe_to_the_letter():
    recipe = paper_recipe(3629)  # the normal training pictures of MVTec AD
    settings = recipe.settings
    assert settings.steps == 1000 * 454
    assert (settings.batch, settings.rate, settings.clip) == (8, 1e-4, 0.1)
    assert (settings.betas, settings.weight_decay) == ((0.9, 0.999), 1e-4)
    assert settings.embedding_factor == 1.0 and settings.decay_embeddings
    assert settings.average == 0.0 and settings.precision is Precision.F32
    assert not settings.whole_batches
    assert recipe.hold_out == 0.0 and recipe.changed == {}
    assert recipe.config == {
        "alignment": Alignment.BILINEAR,
        "standardised": False,
        "dropout": 0.1,
        "jitter_scale": 20.0,
        "jitter_probability": 1.0,
    }
    rates = [settings.rate_at(epoch * 454) for epoch in range(1000)]
    assert rates == [pytest.approx(1e-4)] * 800 + [pytest.approx(1e-5)] * 200
    assert settings.rate_at(800 * 454 - 1) == pytest.approx(1e-4)


def test_other_epochs_keep_the_drop_at_four_fifths():
    recipe = make_recipe(RecipeName.PAPER, 20, epochs=10)
    assert recipe.settings.steps == 30
    assert recipe.changed == {"epochs": 10}
    rates = [recipe.settings.rate_at(step) for step in range(30)]
    assert rates == [pytest.approx(1e-4)] * 24 + [pytest.approx(1e-5)] * 6


@pytest.mark.parametrize("images", [40, 100, 200, 3629])
def test_the_fast_recipe_takes_at_most_a_tenth_of_the_steps(images):
    assert fast_settings(images).steps <= paper_settings(images).steps / 10
    assert 400 <= fast_settings(images).steps <= 5000


def test_batch_is_that_of_each_process():
    assert paper_settings(64, processes=4).steps == 1000 * 2
    assert make_recipe(RecipeName.PAPER, 64, 4, batch=16).settings.steps == 1000


def test_what_was_asked_wins_and_is_kept():
    recipe = make_recipe(RecipeName.FAST, 40, steps=7, batch=3, rate=1e-3, seed=5)
    settings = recipe.settings
    assert (settings.steps, settings.batch, settings.rate, settings.seed) == (7, 3, 1e-3, 5)
    assert recipe.changed == {"steps": 7, "batch": 3, "rate": 1e-3}
    with pytest.raises(ValueError, match="not both"):
        make_recipe(RecipeName.FAST, 40, steps=7, epochs=3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"batch": 0},
        {"rate": float("nan")},
        {"rate": 0.0},
        {"clip": 0.0},
        {"warm_up": 1.0},
        {"average": 1.0},
        {"drop_at": 0.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\."):
        TrainSettings(**wrong)


def test_one_cycle_rises_then_falls():
    settings = TrainSettings(steps=100, rate=1.0, warm_up=0.1, schedule=Schedule.ONE_CYCLE)
    rates = [settings.rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert all(a >= b for a, b in pairwise(rates[9:]))
    assert rates[-1] < 0.02


def test_precision_follows_the_device(monkeypatch):
    cpu, other = torch.device("cpu"), torch.device("meta")
    for able, expected in ((True, Precision.BF16), (False, Precision.F32)):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda able=able: able)
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
        assert choose_precision(Precision.AUTO, cpu) is expected
        assert choose_precision(Precision.AUTO, cpu, RecipeName.PAPER) is Precision.F32
        assert choose_precision(Precision.F32, cpu) is Precision.F32
    assert choose_precision(Precision.AUTO, other) is Precision.F32
    assert choose_precision(Precision.BF16, cpu, RecipeName.PAPER) is Precision.BF16
