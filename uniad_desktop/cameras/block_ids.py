"""Block ids of frames (GenTL BUFFER_INFO_FRAMEID): which of them never came."""

from __future__ import annotations

_WRAP_16 = 65535


def gap(last_id: int | None, frame_id: int) -> int:
    """Block ids between two frames that never arrived.

    GigE Vision 1.x counts to 65535 and goes on with 1.
    """
    if last_id is None:
        return 0
    if frame_id <= last_id:
        wrapped = frame_id + _WRAP_16 - last_id - 1
        return wrapped if last_id <= _WRAP_16 and wrapped < _WRAP_16 // 2 else 0
    return frame_id - last_id - 1
