import json

import pytest

from uniad_desktop.training.compare.suite_file import build_suite, read_suites
from uniad_desktop.training.compare.suites import SUITES
from uniad_desktop.training.compare.variants import CompareError
from uniad_desktop.uniad.config import Attention, NetworkKind, QueryDesign

TOML = """
title = "Narrower or not"

[base]
size = "small"
data = "parts"
input = [96, 128]
neighbour = 3
steps = 40
seeds = [3, 5]

[[variant]]
name = "first"

[[variant]]
name = "second"
hidden = 64
masked = ["encoder"]
rate = 1e-4
stages = [1, 2]
"""


def small(variants, **base):
    base = {"size": "small", **base}
    return build_suite("mine", "mine.toml", {"base": base, "variant": variants}, {})


def test_every_built_in_suite_can_be_built():
    suites = {one.name: one for one in read_suites(list(SUITES), {})}
    assert {name: len(one.variants) for name, one in suites.items()} == {
        "shortcut": 4,
        "masks": 8,
        "neighbours": 5,
        "queries": 4,
        "jitter": 9,
        "separate": 2,
        "layers": 4,
        "positions": 2,
    }
    for one in suites.values():
        assert one.data == ("simulated:32:20",)
        assert one.every == 40
        assert len({repr((v.config, v.separate)) for v in one.variants}) == len(one.variants)


def test_the_baselines_are_those_of_the_paper():
    (shortcut,) = read_suites(["shortcut"], {})
    mlp, cnn, plain, uniad = (one.config for one in shortcut.variants)
    assert (mlp.network, cnn.network) == (NetworkKind.MLP, NetworkKind.CNN)
    assert plain.query is QueryDesign.NONE and not plain.masked and plain.jitter_scale == 0.0
    assert uniad.query is QueryDesign.LAYER_ATTENDED and uniad.masked == frozenset(Attention)
    assert uniad.jitter_scale > 0.0
    assert mlp.jitter_scale == cnn.jitter_scale == 0.0


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_file_gives_base_and_variants(tmp_path, kind):
    file = tmp_path / f"Narrow one.{kind}"
    if kind == "toml":
        file.write_text(TOML)
    else:
        base = {"size": "small", "data": ["parts"], "input": [96, 128], "neighbour": 3}
        second = {"name": "second", "hidden": 64, "masked": ["encoder"], "rate": 1e-4}
        values = {
            "title": "Narrower or not",
            "base": {**base, "steps": 40, "seeds": [3, 5]},
            "variant": [{"name": "first"}, {**second, "stages": [2, 1]}],
        }
        file.write_text(json.dumps(values))
    (one,) = read_suites([str(file)], {})
    assert one.title == "Narrower or not" and one.data == ("parts",) and one.seeds == (3, 5)
    assert one.name.startswith("narrow-one") and one.every == 2
    assert one.config.grid == (6, 8) and one.config.backbone.stages == (0, 1, 2, 3)
    first, second = one.variants
    assert (first.name, first.config.hidden, first.config.feed_forward) == ("first", 128, 512)
    assert one.stage_channels(first) == tuple(range(16, 40))
    assert (second.config.hidden, second.config.feed_forward) == (64, 256)
    assert second.config.masked == {Attention.ENCODER} and second.settings.rate == 1e-4
    assert second.config.backbone.channels == (24, 32)
    assert one.stage_channels(second) == tuple(range(16, 72))
    assert first.settings.rate == 1e-3 and first.settings.steps == second.settings.steps == 40


def test_a_file_begins_with_the_papers_architecture():
    one = build_suite("mine", "mine.toml", {"variant": [{"name": "as it is"}]}, {})
    config = one.variants[0].config
    assert (config.hidden, config.encoder_layers, config.grid) == (256, 4, (14, 14))
    assert one.stage_channels(one.variants[0]) is None


def test_the_command_line_wins_over_the_base_but_not_over_a_variant():
    (one,) = read_suites(["neighbours"], {"steps": 60, "neighbour": 3, "data": ["mine"]})
    assert {each.settings.steps for each in one.variants} == {60}
    assert one.data == ("mine",) and one.every == 3
    assert [each.config.neighbour_height for each in one.variants] == [1, 5, 7, 8, 9]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "a", "jiter": 3}, ["mine.toml, variant 'a'", "'jiter'", "jitter_scale"]),
        ({"name": "a", "query": "x"}, ["variant 'a'", "'query' = 'x'", "'layer-attended'"]),
        ({"name": "a", "masked": ["x"]}, ["variant 'a'", "'masked'", "'decoder-previous'"]),
        ({"name": "a", "steps": 0}, ["variant 'a'", "at least one step"]),
        ({"name": "a", "steps": "many"}, ["variant 'a'", "'steps' = 'many'", "integer"]),
        ({"name": "a", "rate": float("nan")}, ["'rate' = nan", "finite"]),
        ({"name": "a", "hidden": 65}, ["variant 'a'", "65"]),
        ({"name": "a", "neighbour": [1, 2, 3]}, ["'neighbour'", "one number or two"]),
        ({"name": "a", "neighbour": 40}, ["variant 'a'", "smaller square"]),
        ({"name": "a", "stages": [4]}, ["'stages'", "0, 1, 2, 3"]),
        ({"name": "a", "stages": []}, ["'stages'", "0, 1, 2, 3"]),
        ({"name": "a", "separate": "perhaps"}, ["'separate' = 'perhaps'"]),
        ({"name": "a", "input": 128}, ["'input'"]),
        ({"name": "a", "spread": True}, ["'spread'"]),
        ({"name": " "}, ["variant 1", "a name"]),
        ({}, ["variant 1", "a name"]),
        ({"name": 3}, ["variant 1", "'name' = 3"]),
        ("UniAD", ["variant 1", "dictionary"]),
    ],
)
def test_a_bad_variant_is_named_with_its_field(values, words):
    with pytest.raises(CompareError) as raised:
        small([values])
    assert all(word in str(raised.value) for word in words), str(raised.value)


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ({"size": "huge"}, ["'size' = 'huge'", "small, full"]),
        ({"separate": True}, ["base", "'separate'"]),
        ({"every": 0}, ["'every'"]),
        ({"seeds": [1, 1]}, ["'seeds'"]),
        ({"seeds": []}, ["'seeds'"]),
        ({"backbone": "no_such_model"}, ["base", "no_such_model"]),
        ({"input": 100}, ["base", "multiple"]),
        ({"alignment": "diagonal"}, ["base", "alignment"]),
    ],
)
def test_a_bad_base_is_named_with_its_field(base, words):
    with pytest.raises(CompareError) as raised:
        small([{"name": "a"}], **base)
    assert all(word in str(raised.value) for word in words), str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "[base", ["neither TOML nor JSON"]),
        ("a.json", "{", ["neither TOML nor JSON"]),
        ("b.json", "[]", ["must hold"]),
        ("a.toml", "bace = 1", ["'bace'", "base, title, variant"]),
        ("a.toml", "[base]", ["list of 1 to 100 variants"]),
        ("a.toml", "variant = []", ["list of 1 to 100 variants"]),
        ("a.toml", '[[variant]]\nname="a"\n[[variant]]\nname="a"', ["two variants called 'a'"]),
    ],
)
def test_a_bad_file_is_named(tmp_path, name, text, words):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(CompareError) as raised:
        read_suites([str(file)], {})
    assert str(file) in str(raised.value)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_what_is_no_comparison_and_what_is_named_twice():
    with pytest.raises(CompareError, match=r"shortcuts is neither a built-in .*positions"):
        read_suites(["shortcuts"], {})
    with pytest.raises(CompareError, match="called masks"):
        read_suites(["masks", "masks"], {})
