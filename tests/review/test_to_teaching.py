from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace

import pytest

from tests.review.helpers import Judge, all_of
from tests.scoring.helpers import entry, write_image
from tests.teaching.parts import part_image
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.records.labels import set_label
from uniad_desktop.records.schema import Label
from uniad_desktop.review.source import open_source
from uniad_desktop.review.to_teaching import send, take_back
from uniad_desktop.teaching.challenge import ChallengeSet
from uniad_desktop.teaching.checks import Findings
from uniad_desktop.teaching.collection import Origin, PartCollection, State
from uniad_desktop.teaching.products import ProductStore


@pytest.fixture
def reviewed(data, pictures):
    """Three images on record: a.png, b.png, c.png."""
    import cv2

    pictures.mkdir()
    for number, name in enumerate("abc"):
        cv2.imwrite(str(pictures / f"{name}.png"), part_image(number)[..., ::-1])
    with closing(open_source(str(pictures), data)) as source:
        Judge().run(source, data)
        ids = {one.image[0]: one.id for one in all_of(source)}
        yield SimpleNamespace(source=source, records=source.records, ids=ids, pictures=pictures)


KNOWN = {"flange": entry()}


def test_good_ones_are_learnt_and_defects_must_be_caught(data, reviewed):
    ids = reviewed.ids
    set_label(reviewed.records, [ids["a"]], Label.GOOD, who="Eva", note="only dust")
    set_label(reviewed.records, [ids["b"]], Label.DEFECT, who="Eva", note="scratch")
    sent = send(reviewed.records, list(ids.values()), data, "Eva", known=KNOWN, kind="spot")
    assert [one.inspection for one in sent.parts] == [ids["a"]]
    assert [one.inspection for one in sent.challenge] == [ids["b"]]
    assert list(sent.problems) == [ids["c"]] and "label it first" in sent.problems[ids["c"]]
    assert ProductStore(data).get("flange").titles == {"en": "Flange"}
    collection = PartCollection(data, "flange")
    (part,) = collection.parts()
    assert part.state is State.ACCEPTED and part.note.startswith("only dust Labelled good by Eva")
    assert part.origin.source == "a.png"
    (kept,) = ChallengeSet(data, "flange").images()
    assert (kept.label, kept.kind, kept.note, kept.who) == ("defect", "spot", "scratch", "Eva")
    # Once more changes nothing.
    again = send(reviewed.records, [ids["a"], ids["b"]], data, "Eva", known=KNOWN)
    assert sorted(again.there_already) == sorted([ids["a"], ids["b"]])
    assert not again.parts and not again.challenge
    # And back.
    assert take_back(sent, data) == 2
    assert [one.state for one in collection.parts()] == [State.REJECTED]
    assert not ChallengeSet(data, "flange").images()
    assert take_back(again, data) == 0


def test_what_a_check_finds_odd_is_taken_and_kept_with_it(data, reviewed):
    write_image(reviewed.pictures / "white.png", 254 - 2, (16, 12))
    Judge().run(reviewed.source, data)
    white = next(one.id for one in all_of(reviewed.source) if one.image == "white.png")
    for number in (*reviewed.ids.values(), white):
        set_label(reviewed.records, [number], Label.GOOD, who="Eva")
    send(reviewed.records, list(reviewed.ids.values()), data, "Eva", known=KNOWN)
    sent = send(reviewed.records, [white], data, "Eva", known=KNOWN)
    assert sent.doubts[white]
    part = PartCollection(data, "flange").get(sent.parts[0].id)
    assert part.state is State.ACCEPTED and part.doubts


def test_a_doubtful_part_that_a_person_calls_good_is_accepted_and_can_go_back(data, reviewed):
    from uniad_desktop.cameras.image_files import read_image
    from uniad_desktop.teaching.checks import Finding, Reason

    ProductStore(data).create("flange", {"en": "Flange"})
    collection = PartCollection(data, "flange")
    doubt = Finding(reason=Reason.UNCHECKED, sentence="odd")
    image = read_image(reviewed.pictures / "a.png")
    collection.add(image, Origin(), {}, Findings({}, (doubt,), None))
    set_label(reviewed.records, [reviewed.ids["a"]], Label.GOOD, who="Eva")
    sent = send(reviewed.records, [reviewed.ids["a"]], data, "Eva")
    assert sent.parts[0].former is State.DOUBTFUL
    assert collection.parts()[0].state is State.ACCEPTED
    take_back(sent, data)
    assert collection.parts()[0].state is State.DOUBTFUL


def test_an_image_that_was_changed_or_is_gone_is_not_sent(data, reviewed):
    ids = reviewed.ids
    set_label(reviewed.records, list(ids.values()), Label.GOOD, who="Eva")
    write_image(reviewed.pictures / "a.png", 77)
    (reviewed.pictures / "b.png").unlink()
    sent = send(reviewed.records, list(ids.values()), data, "Eva", known=KNOWN)
    assert "changed since" in sent.problems[ids["a"]]
    assert "b.png" in sent.problems[ids["b"]]
    assert [one.inspection for one in sent.parts] == [ids["c"]]


def test_a_product_that_nobody_knows_is_said(data, reviewed):
    set_label(reviewed.records, [reviewed.ids["a"]], Label.GOOD, who="Eva")
    sent = send(reviewed.records, [reviewed.ids["a"], 999], data, "Eva")
    assert "flange" in sent.problems[reviewed.ids["a"]]
    assert "not on record" in sent.problems[999]


def test_verdicts_play_no_part(data, reviewed):
    assert {one.verdict for one in all_of(reviewed.source)} == {Verdict.FAIL}
