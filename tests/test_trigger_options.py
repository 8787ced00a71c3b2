"""What the command line says of triggers."""

from __future__ import annotations

import pytest

from uniad_desktop.cameras.source import TriggerMode, TriggerSettings
from uniad_desktop.cli import build_parser
from uniad_desktop.commands.trigger_options import own_pace_of, trigger_settings_of


def test_everything_is_left_to_the_camera_by_default() -> None:
    options = build_parser().parse_args([])
    assert trigger_settings_of(options) == TriggerSettings()
    assert own_pace_of(options) is None


def test_a_line_with_its_edge_and_delay() -> None:
    options = build_parser().parse_args(
        [
            *("--trigger", "hardware:Line1", "--trigger-activation", "FallingEdge"),
            *("--trigger-delay", "250", "--burst", "3"),
        ]
    )
    wanted = TriggerSettings(TriggerMode.HARDWARE, "Line1", "FallingEdge", 250.0, 3)
    assert trigger_settings_of(options) == wanted
    assert own_pace_of(options) is None


def test_a_headless_station_fires_at_its_own_pace_or_not_at_all() -> None:
    parse = build_parser().parse_args
    assert own_pace_of(parse(["--trigger", "software"])) == 0.5
    assert own_pace_of(parse(["--trigger", "software", "--trigger-every", "0"])) is None


@pytest.mark.parametrize("wrong", ["hardware:", "software:Line1", "line1", ""])
def test_what_is_no_trigger_is_answered_with_those_there_are(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--trigger", wrong])
    assert "none of free-running, software, hardware and hardware:LINE" in capsys.readouterr().err
