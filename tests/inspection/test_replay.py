"""A recording inspected by the station: every frame, as a file, to the end or round again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cameras.test_recordings import record
from tests.inspection.fakes import MODEL, PRODUCTS, FakeDetector, wait_for
from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.cameras.recordings.replay import ReplaySource
from uniad_desktop.inspection.station import Station
from uniad_desktop.inspection.types import Inspection, StationState


@pytest.mark.parametrize("loop", [False, True])
def test_a_recording_is_inspected_to_its_end_or_round_again(tmp_path: Path, loop: bool):
    folder = record(tmp_path / "rec", 6)
    seen: list[Inspection] = []
    station = Station(
        open_source=lambda: ReplaySource(folder, loop=loop),
        load_detector=FakeDetector,
        products=PRODUCTS,
        product="flange",
        model=MODEL,
        sinks=[lambda shown: seen.append(shown.inspection)],
    )
    try:
        station.start()
        if loop:
            wait_for(lambda: len(seen) > 12)
            assert station.state is StationState.RUNNING
        else:
            wait_for(lambda: station.state is StationState.FINISHED)
            assert len(seen) == 6
        assert [one.frame_id for one in seen[:12]] == [0, 1, 2, 3, 4, 5, *([*range(6)] * loop)]
        assert {one.kind for one in seen} == {SourceKind.FILE}
        assert {one.source for one in seen} == {str(folder)}
        assert station.recorder is None
    finally:
        assert station.close(5.0)
