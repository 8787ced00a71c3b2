"""System libraries that Qt loads at run time and pip cannot bring along (Linux only)."""

from __future__ import annotations

import ctypes
import sys

# What the xcb platform plugin and QtGui of PySide6-Essentials link to, and the Debian/Ubuntu
# package of each. installer/system-packages.txt installs the same ones; a test compares the two.
QT_LIBRARIES: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def missing_libraries() -> dict[str, str]:
    """Libraries that the loader does not find: soname to Debian package. Empty off Linux."""
    if not sys.platform.startswith("linux"):
        return {}
    return {name: package for name, package in QT_LIBRARIES.items() if not _loads(name)}


def install_command(missing: dict[str, str]) -> str:
    """The command to paste that installs the packages of `missing`."""
    return "sudo apt-get install -y " + " ".join(sorted(set(missing.values())))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
