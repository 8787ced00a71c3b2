from __future__ import annotations

import numpy as np

from uniad_desktop.cameras.frame import Frame, SourceKind
from uniad_desktop.cameras.source import SourceCounters
from uniad_desktop.inspection.losses import Losses


def frame(number: int, lost: int = 0) -> Frame:
    image = np.zeros((2, 2), np.uint8)
    return Frame(image, number, 0, 0, "F1", SourceKind.LIVE, "Mono8", lost_before=lost)


def test_files_that_were_skipped_or_not_kept_are_no_losses() -> None:
    losses = Losses()
    losses.begin(SourceCounters(), skips=True)
    assert [losses.before(frame(number)) for number in (3, 9, 4)] == [0, 0, 0]
    assert losses.at_rest(lambda: SourceCounters(acquired=3, incomplete=2)) == 0


def test_what_an_id_and_the_camera_process_tell_is_one_loss() -> None:
    losses = Losses()
    losses.begin(SourceCounters(acquired=5, missed=1))
    assert [losses.before(frame(1, 1)), losses.before(frame(3, 1))] == [1, 1]
    assert losses.before(frame(65535)) == 65531
    assert losses.before(frame(2)) == 1  # GigE Vision goes on with 1


def test_nothing_is_told_while_frames_wait_to_be_taken() -> None:
    losses = Losses()
    losses.begin(SourceCounters())
    waits = SourceCounters(acquired=1, incomplete=1)
    assert losses.at_rest(lambda: waits) == 0
    assert losses.before(frame(1)) == 0
    assert losses.at_rest(lambda: waits) == 1
    assert losses.at_rest(lambda: waits) == 0
    assert losses.before(frame(3)) == 0  # its gap is the one that was told


def test_what_is_left_behind_is_told_once() -> None:
    losses = Losses()
    losses.begin(SourceCounters())
    assert losses.before(frame(1)) == 0
    ended = SourceCounters(acquired=4, missed=1)
    assert losses.left_behind(ended) == 4
    assert losses.left_behind(ended) == 0
