import errno
import json

import numpy as np
import pytest

from tests.teaching.parts import DOUBT, FIT, ORIGIN, part_image
from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.teaching import image_folder
from uniad_desktop.teaching.checks import Findings, Reason
from uniad_desktop.teaching.collection import (
    Action,
    CollectionError,
    Counts,
    Origin,
    PartCollection,
    State,
    split_parts,
)
from uniad_desktop.training.datasets import ImageReader, Split


@pytest.fixture
def parts(tmp_path):
    return PartCollection(tmp_path, "cap")


def reopened(parts):
    return PartCollection(parts.folder.parents[2], parts.product)


def test_an_image_is_kept_with_all_that_is_known_of_it(parts):
    image = part_image(1)
    frame = Frame(image, 7, 0, 0, "SER-1", SourceKind.LIVE, "RGB8")
    camera = {"ExposureTime": 5000.0, "Gain": float("inf"), "PixelFormat": "RGB8"}
    part = parts.add(image, Origin.of(frame), camera, FIT, "first").part
    (read,) = reopened(parts).parts()
    assert read == part
    assert read.id == read.sha256[:16] and read.state is State.ACCEPTED
    assert (read.width, read.height, read.colour) == (80, 60, True)
    assert (read.origin.source, read.origin.kind, read.origin.frame_id) == ("SER-1", "LIVE", 7)
    assert read.camera == {"ExposureTime": 5000.0, "Gain": "inf", "PixelFormat": "RGB8"}
    assert (read.note, read.figures["focus"]) == ("first", 1.0)
    assert np.array_equal(parts.image(read), image)
    assert {one.name for one in parts.folder.glob("*.*")} >= {f"{part.id}.png", f"{part.id}.json"}


def test_a_grey_image_stays_grey(parts):
    image = part_image(1)[..., 0].copy()
    part = parts.add(image, ORIGIN, {}, FIT).part
    assert not part.colour and np.array_equal(parts.image(part), image)


def test_what_is_doubtful_is_set_aside_until_it_is_accepted(parts):
    part = parts.add(part_image(1), ORIGIN, {}, DOUBT).part
    assert part.state is State.DOUBTFUL and part.doubts[0].reason is Reason.FOCUS
    assert parts.counts() == Counts(doubtful=1)
    assert parts.accept([part.id[:5].upper()]) == 1
    assert parts.accept([part.id]) == 0
    assert parts.counts() == Counts(accepted=1)
    assert parts.get(part.id).doubts == part.doubts


def test_the_same_pixels_are_kept_once_and_told(parts):
    first = parts.add(part_image(1), ORIGIN, {}, FIT)
    parts.delete([first.part.id])
    again = parts.add(part_image(1).copy(), Origin(source="other.png"), {}, FIT)
    assert not first.duplicate and again.duplicate
    assert again.part.state is State.REJECTED and again.part.origin == ORIGIN
    assert len(parts.parts()) == 1


def test_what_is_no_frame_is_refused_and_leaves_nothing(parts):
    with pytest.raises(CollectionError, match="8-bit"):
        parts.add(np.zeros((60, 80), np.float32), ORIGIN, {}, FIT)
    assert not parts.parts() and parts.undo() is None


def test_an_unknown_or_ambiguous_id_is_a_sentence_and_nothing_changes(parts):
    ids = [parts.add(part_image(seed), ORIGIN, {}, FIT).part.id for seed in range(20)]
    with pytest.raises(CollectionError, match="no part 'zz'"):
        parts.delete([ids[0], "zz"])
    twice = next(one[0] for one in ids if sum(two[0] == one[0] for two in ids) > 1)
    with pytest.raises(CollectionError, match=f"parts '{twice}'"):
        parts.delete([twice])
    assert parts.counts().accepted == 20


def test_every_action_can_be_undone_after_a_restart(parts):
    one = parts.add(part_image(1), ORIGIN, {}, FIT).part.id
    two = parts.add(part_image(2), ORIGIN, {}, DOUBT).part.id
    parts.accept([two])
    parts.set_note(one, "scratched?")
    parts.set_aside([one])
    parts.delete([one, two])
    seen = []
    while (undone := reopened(parts).undo()) is not None:
        seen.append((undone.action, [(p.state.value, p.note) for p in parts.parts()]))
    rejected, doubtful, accepted = "rejected", "doubtful", "accepted"
    assert seen == [
        (Action.DELETE, [(doubtful, "scratched?"), (accepted, "")]),
        (Action.SET_ASIDE, [(accepted, "scratched?"), (accepted, "")]),
        (Action.NOTE, [(accepted, ""), (accepted, "")]),
        (Action.ACCEPT, [(accepted, ""), (doubtful, "")]),
        (Action.ADD, [(accepted, ""), (rejected, "")]),
        (Action.ADD, [(rejected, ""), (rejected, "")]),
    ]
    assert parts.accept([one]) == 1


def test_the_trash_is_emptied_for_good(parts):
    one = parts.add(part_image(1), ORIGIN, {}, FIT).part
    parts.add(part_image(2), ORIGIN, {}, FIT)
    parts.delete([one.id])
    assert parts.path(one).exists()
    assert parts.empty_trash() == 1
    assert not parts.path(one).exists() and len(parts.parts()) == 1
    assert parts.undo().action is Action.DELETE
    assert not parts.problems()
    assert not parts.add(part_image(1), ORIGIN, {}, FIT).duplicate


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_power_loss_while_adding_loses_no_image(parts, monkeypatch, steps):
    parts.add(part_image(1), ORIGIN, {}, FIT)
    left = [steps]
    real = image_folder.write_durably

    def cut(path, data):
        if left[0] == 0:
            path.with_name(f".{path.name}.1.tmp").write_bytes(data[: len(data) // 2])
            raise PowerCut
        left[0] -= 1
        real(path, data)

    monkeypatch.setattr(image_folder, "write_durably", cut)
    with pytest.raises(PowerCut):
        parts.add(part_image(2), ORIGIN, {}, FIT)
    monkeypatch.undo()
    found = reopened(parts)
    assert not list(found.folder.glob(".*.tmp")) and not found.problems()
    if steps < 2:
        assert found.counts() == Counts(accepted=1)
        assert not found.add(part_image(2), ORIGIN, {}, FIT).duplicate
    else:
        assert found.counts() == Counts(accepted=1, doubtful=1)
        (doubtful,) = found.parts(State.DOUBTFUL)
        assert doubtful.doubts[0].reason is Reason.INCOMPLETE
        assert np.array_equal(found.image(doubtful), part_image(2))
    found.undo()
    assert found.counts().accepted == 1


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_power_loss_while_deleting_and_undoing(parts, monkeypatch, steps):
    ids = [parts.add(part_image(seed), ORIGIN, {}, FIT).part.id for seed in (1, 2)]
    real = image_folder.write_durably

    def cut_after(count):
        left = [count]

        def cut(path, data):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            real(path, data)

        monkeypatch.setattr(image_folder, "write_durably", cut)

    cut_after(steps)
    with pytest.raises(PowerCut):
        parts.delete(ids)
    monkeypatch.undo()
    found = reopened(parts)
    assert found.counts().rejected == max(0, steps - 1)
    if steps == 0:
        found.delete(ids)
    cut_after(steps)
    with pytest.raises(PowerCut):
        found.undo()
    monkeypatch.undo()
    assert found.undo().action is Action.DELETE
    assert found.counts().accepted == 2


def test_a_full_disk_is_a_sentence_and_loses_nothing(parts, monkeypatch):
    parts.add(part_image(1), ORIGIN, {}, FIT)
    real = image_folder.write_durably

    def full(path, data):
        if path.suffix == ".png":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data)

    monkeypatch.setattr(image_folder, "write_durably", full)
    with pytest.raises(CollectionError, match=r"No space left.*free space"):
        parts.add(part_image(2), ORIGIN, {}, FIT)
    monkeypatch.undo()
    assert parts.counts() == Counts(accepted=1)
    assert not parts.add(part_image(2), ORIGIN, {}, FIT).duplicate
    assert parts.counts().accepted == 2


def test_a_broken_record_is_set_aside_and_its_image_doubtful(parts):
    part = parts.add(part_image(1), ORIGIN, {}, FIT).part
    record = parts.folder / f"{part.id}.json"
    record.write_text("{")
    assert len(parts.problems()) == 1
    found = reopened(parts)
    assert found.counts() == Counts(doubtful=1) and not found.problems()
    assert (found.folder / f"{part.id}.broken.json").read_text() == "{"


def test_a_record_of_a_newer_application_is_not_touched(parts):
    part = parts.add(part_image(1), ORIGIN, {}, FIT).part
    record = parts.folder / f"{part.id}.json"
    values = json.dumps({**json.loads(record.read_text()), "version": 2})
    record.write_text(values)
    found = reopened(parts)
    assert "newer" in found.problems()[0]
    with pytest.raises(CollectionError, match="newer"):
        found.add(part_image(1), ORIGIN, {}, FIT)
    assert record.read_text() == values


def test_files_that_are_in_no_order_are_told(parts):
    part = parts.add(part_image(1), ORIGIN, {}, FIT).part
    parts.path(part).rename(parts.folder / "0123456789abcdef.png")
    found = reopened(parts)
    assert "missing" in found.problems()[0]
    assert (found.folder / "0123456789abcdef.broken.png").exists()
    assert not found.parts()
    with pytest.raises(CollectionError, match="cannot be read"):
        found.image(part)


def test_a_broken_history_is_set_aside(parts):
    parts.add(part_image(1), ORIGIN, {}, FIT)
    (parts.folder / "history.json").write_text("?")
    assert parts.undo() is None
    assert (parts.folder / "history.broken.json").exists()


def test_held_out_parts_stay_so_whatever_is_added(parts):
    sides = {}
    for seed in range(30):
        parts.add(part_image(seed), ORIGIN, {}, FIT)
        train, held = parts.split()
        assert len(train) + len(held) == seed + 1
        if seed >= 1:
            assert train and held
        if seed > 9:
            for one in train:
                assert sides.setdefault(one.id, "train") == "train"
            for one in held:
                assert sides.setdefault(one.id, "held") == "held"
    assert 2 <= parts.counts().held_out <= 11
    doubtful = parts.add(part_image(99), ORIGIN, {}, DOUBT).part
    train, held = parts.training_samples(), parts.held_out_samples()
    assert parts.path(doubtful) not in {one.path for one in (*train, *held)}
    assert {one.split for one in train} == {Split.TRAIN}
    assert {one.product for one in held} == {"cap"} and all(one.good for one in held)
    reader = ImageReader(strict=True)
    assert np.array_equal(reader.read(train[0]), parts.image(parts.split()[0][0]))


def test_a_single_part_is_trained_on(parts):
    for seed in range(12):
        one = parts.add(part_image(seed), ORIGIN, {}, Findings()).part
        assert split_parts([one]) == ((one,), ())
        assert split_parts([]) == ((), ())


def test_programs_wait_for_one_another_and_give_up_with_a_sentence(parts, monkeypatch):
    monkeypatch.setattr(image_folder, "LONGEST_WAIT_S", 0.1)
    with (
        image_folder.locked(parts.folder),
        pytest.raises(CollectionError, match="Another program"),
    ):
        parts.add(part_image(1), ORIGIN, {}, FIT)
    assert not parts.add(part_image(1), ORIGIN, {}, FIT).duplicate


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "products").write_text("in the way")
    with pytest.raises(CollectionError, match="cannot be written"):
        PartCollection(tmp_path, "cap").add(part_image(1), ORIGIN, {}, FIT)
