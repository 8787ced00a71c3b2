"""When a verdict no longer says anything about the part in front of the camera."""

from __future__ import annotations

from uniad_desktop.inspection.types import StationState

LEAST_SECONDS = 2.0
CYCLES = 3.0


def is_stale(
    state: StationState, seconds_since_decision: float | None, mean_cycle: float | None
) -> bool:
    """Whether the newest verdict is stale.

    Args:
        state: what the station is doing; only one that inspects has a fresh verdict, not one
            that collects parts.
        seconds_since_decision: age of the newest decision, None before the first.
        mean_cycle: mean seconds between decisions, None where unknown.
    """
    if state is not StationState.RUNNING or seconds_since_decision is None:
        return True
    return seconds_since_decision > max(LEAST_SECONDS, CYCLES * (mean_cycle or 0.0))
