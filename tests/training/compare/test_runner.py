import json
import shutil

import pytest
import torch

from tests.training.compare.small import material, suite, variant
from uniad_desktop.training.compare.curves import curve_as_json
from uniad_desktop.training.compare.measure import Examiner, TestSet
from uniad_desktop.training.compare.runner import train_suite
from uniad_desktop.training.errors import TrainingStopped
from uniad_desktop.training.features import channel_statistics
from uniad_desktop.training.network import train_network
from uniad_desktop.uniad.config import NetworkKind
from uniad_desktop.uniad.network import ReconstructionNetwork

CPU = torch.device("cpu")


def results(folder, what=None, data=None, **options):
    """Names and curves, without the times that differ from run to run."""
    found = train_suite(what or suite(), data or material(), folder, device=CPU, **options)
    return [(one.name, {**curve_as_json(curve), "seconds_per_step": None}) for one, curve in found]


def test_every_variant_is_evaluated_on_the_way_and_at_the_end(tmp_path):
    (_, first), (_, second) = results(tmp_path)
    for curve in (first, second):
        assert [one["step"] for one in curve["points"]] == [3, 6, 9]
        for one in curve["points"]:
            assert one["loss"] > 0.0
            assert list(one["products"]) == ["bolt", "cap"]
            images = [each["image_auroc"] for each in one["products"].values()]
            assert one["image_auroc"] == pytest.approx(sum(images) / 2)
            assert 0.0 <= one["pixel_auroc"] <= 1.0
    assert first["parameters"] == second["parameters"] > 1000
    assert first["points"] != second["points"]


def test_the_evaluations_do_not_change_what_is_trained(tmp_path):
    often = suite(variant("UniAD"), every=1)
    never = suite(variant("UniAD"), every=100)
    (_, one), (_, other) = results(tmp_path, often)[0], results(tmp_path, never)[0]
    assert len(one["points"]) == 9 and len(other["points"]) == 1
    assert one["points"][-1]["products"] == other["points"][-1]["products"]

    data = material()
    alone = ReconstructionNetwork(variant("UniAD").config)
    losses = []
    train_network(
        alone,
        data.train.features,
        channel_statistics(data.train.features),
        variant("UniAD").settings,
        report=lambda step, loss, rate: losses.append(loss),
    )
    assert [each["loss"] for each in one["points"]] == losses


def test_measuring_touches_neither_the_network_nor_the_random_numbers():
    data = material()
    network = ReconstructionNetwork(variant("UniAD").config).train()
    before = {name: one.clone() for name, one in network.state_dict().items()}
    torch.manual_seed(4)
    drawn = torch.rand(3)
    torch.manual_seed(4)
    test = TestSet(data.test.features, data.test.samples, data.masks)
    examiner = Examiner(network, test, channel_statistics(data.train.features))
    figures = examiner.measure(network)
    assert torch.equal(torch.rand(3), drawn)
    assert network.training
    assert all(torch.equal(one, before[name]) for name, one in network.state_dict().items())
    assert examiner.measure(network) == figures


def test_where_the_truth_is_not_known_there_is_no_figure(tmp_path):
    (_, curve), *_ = results(tmp_path, data=material(unmasked=True))
    last = curve["points"][-1]
    assert last["pixel_auroc"] is None
    assert last["products"]["cap"]["image_auroc"] is not None


@pytest.mark.parametrize("stop_at", [1, 3, 8, 13])
def test_stopped_and_resumed_equals_never_stopped(tmp_path, stop_at):
    whole = results(tmp_path / "whole")
    asked = []

    def stop():
        asked.append(None)
        return len(asked) == stop_at

    with pytest.raises(TrainingStopped):
        results(tmp_path / "stopped", stop=stop)
    assert results(tmp_path / "stopped") == whole
    left = sorted(one.name for one in (tmp_path / "stopped").rglob("*") if one.is_file())
    assert left == ["result.json", "result.json"]


def test_after_a_power_cut_that_lost_the_losses_the_training_starts_over(tmp_path):
    whole = results(tmp_path / "whole")
    asked = []

    def stop():
        asked.append(None)
        return len(asked) == 5

    with pytest.raises(TrainingStopped):
        results(tmp_path / "cut", stop=stop)
    (log,) = (tmp_path / "cut").rglob("steps.jsonl")
    lines = log.read_text().splitlines(keepends=True)
    assert len(lines) == 5
    log.write_text("".join(lines[:2]) + lines[2][:7])
    assert results(tmp_path / "cut") == whole


def test_what_is_finished_is_not_trained_again(tmp_path, monkeypatch):
    whole = results(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(
            "uniad_desktop.training.compare.runner.train_network",
            lambda *_, **__: pytest.fail("trained again"),
        )
        assert results(tmp_path) == whole
        renamed = suite(variant("another name"))
        assert results(tmp_path, renamed)[0][1] == whole[0][1]
        for other in (
            suite(variant("UniAD", steps=10)),
            suite(variant("UniAD", jitter_scale=3.0)),
            suite(variant("UniAD"), seeds=(1,)),
            suite(variant("UniAD"), every=2),
        ):
            with pytest.raises(pytest.fail.Exception):
                results(tmp_path, other)
        with pytest.raises(pytest.fail.Exception):
            results(tmp_path, resume=False)
    assert results(tmp_path, resume=False) == whole


def test_a_damaged_result_is_trained_again(tmp_path):
    whole = results(tmp_path)
    for number, path in enumerate(sorted(tmp_path.rglob("result.json"))):
        values = json.loads(path.read_text())
        path.write_text("{" if number else json.dumps({**values, "points": [{}]}))
    assert results(tmp_path) == whole


def test_separate_models_see_their_product_only(tmp_path):
    both = suite(variant("unified"), variant("separate", separate=True))
    (_, unified), (_, separate) = results(tmp_path, both)
    assert separate["parameters"] == 2 * unified["parameters"]
    assert list(separate["points"][-1]["products"]) == ["bolt", "cap"]

    # A network for one product is what comes out where there is no other product.
    data = material()
    rows = [row for row, one in enumerate(data.test.samples) if one.product == "cap"]
    alone = type(data)(
        train=data.train.subset([4, 5, 6, 7]),
        test=data.test.subset(rows),
        masks=tuple(data.masks[row] for row in rows),
        backbone=data.backbone,
        key="cap alone",
        remark="",
    )
    (_, cap), *_ = results(tmp_path, suite(variant("one")), alone)
    assert cap["points"][-1]["products"]["cap"] == separate["points"][-1]["products"]["cap"]


def test_seeds_give_curves_of_their_own(tmp_path):
    found = results(tmp_path, suite(variant("UniAD"), seeds=(0, 7)))
    assert [name for name, _ in found] == ["UniAD", "UniAD"]
    assert [curve["seed"] for _, curve in found] == [0, 7]
    assert found[0][1]["points"] != found[1][1]["points"]


def test_a_variant_may_look_at_some_of_the_stages(tmp_path):
    (_, few), (_, all_) = results(
        tmp_path,
        suite(
            variant("shallow", backbone=_stage_0(), network=NetworkKind.MLP),
            variant("both", network=NetworkKind.MLP),
        ),
    )
    # Only the two outer projections know the number of channels.
    assert all_["parameters"] - few["parameters"] == 16 * 16 + 16 * 16 + 16
    shutil.rmtree(tmp_path)


def _stage_0():
    from dataclasses import replace

    from tests.helpers import tiny_config

    return replace(tiny_config().backbone, stages=(0,), channels=(8,))
