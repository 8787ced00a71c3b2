"""Whether a window can be shown, found out without Qt (which would abort the process)."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from uniad_desktop.doctor.libraries import install_command, missing_libraries


def why_no_window() -> str:
    """A sentence that says why no window can be shown and what to do; "" if one can be."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal", "vnc"}:
        return ""
    if not sys.platform.startswith("linux"):
        return ""
    missing = missing_libraries()
    if missing:
        return (
            f"Qt cannot open a window: {', '.join(missing)} missing. "
            f"Install with: {install_command(missing)}"
        )
    return why_no_display()


def why_no_display() -> str:
    """A sentence if neither a Wayland nor an X11 display answers, else "" (Linux)."""
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if wayland and (Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / wayland).exists():
        return ""
    display = os.environ.get("DISPLAY")
    if not display:
        return (
            "There is no display (DISPLAY and WAYLAND_DISPLAY are not set). "
            "Start from a desktop session, or with a virtual one: xvfb-run uniad-desktop …"
        )
    if _x11_answers(display):
        return ""
    return (
        f"The display {display} does not answer. Check that the X server runs and that this user "
        "may use it (xhost, XAUTHORITY)."
    )


def _x11_answers(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers
