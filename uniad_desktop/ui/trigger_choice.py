"""What the chooser of the trigger mode offers, and what the mode in force is called."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from uniad_desktop.cameras.source import SourceInfo, TriggerMode, TriggerSettings
from uniad_desktop.ui import text
from uniad_desktop.ui.station_like import StationLike

MOST_LINES = 5
_HARDWARE = TriggerMode.HARDWARE.value


def trigger_line(settings: TriggerSettings, info: SourceInfo | None) -> str:
    """The line that triggers, or would; empty where that is not known yet."""
    if settings.source or info is None or settings.mode is not TriggerMode.HARDWARE:
        return settings.source
    return str(info.settings.get("TriggerSource", ""))


def trigger_word(settings: TriggerSettings, info: SourceInfo | None) -> str:
    """The mode in force in a few words, with its line."""
    line = trigger_line(settings, info)
    if settings.mode is not TriggerMode.HARDWARE or not line:
        return text.mode_word(settings.mode)
    return QCoreApplication.translate("Text", "Hardware · {line}").format(line=line)


def trigger_choices(settings: TriggerSettings, info: SourceInfo | None) -> list[tuple[str, str]]:
    """Key and words of each mode that the camera has; a hardware trigger for each of its lines."""
    choices = [
        (mode.value, text.mode_word(mode))
        for mode in (TriggerMode.FREE_RUNNING, TriggerMode.SOFTWARE)
    ]
    line = trigger_line(settings, info)
    known = () if info is None else info.trigger_sources
    # Counters, timers and encoders are set up by engineers, not chosen on the screen.
    lines = [one for one in known if one.startswith("Line")][:MOST_LINES] or list(
        known[:MOST_LINES]
    )
    if line and line not in lines:
        lines.append(line)
    word = text.mode_word(TriggerMode.HARDWARE)
    if lines:
        choices += [(f"{_HARDWARE}:{one}", f"{word} · {one}") for one in lines]
    elif info is None or settings.mode is TriggerMode.HARDWARE:
        choices.append((_HARDWARE, word))
    return choices


def trigger_current(settings: TriggerSettings, info: SourceInfo | None) -> str:
    """Key of the mode in force."""
    line = trigger_line(settings, info)
    if settings.mode is TriggerMode.HARDWARE and line:
        return f"{_HARDWARE}:{line}"
    return settings.mode.value


def choose_trigger(station: StationLike, key: str) -> None:
    """Asks the station for what was chosen; edge, delay and burst stay."""
    mode, _, line = key.partition(":")
    if not line:
        station.set_trigger_mode(TriggerMode(mode))
        return
    settings = station.trigger_settings
    station.set_trigger_mode(
        TriggerSettings(
            TriggerMode(mode), line, settings.activation, settings.delay_us, settings.burst
        )
    )
