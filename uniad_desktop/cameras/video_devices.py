"""The webcams of this machine as the system lists them. Linux only; elsewhere the list is empty."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_CLASS = Path("/sys/class/video4linux")
_NODES = Path("/dev")


@dataclass(frozen=True, slots=True)
class VideoDevice:
    """A Video4Linux device.

    Attributes:
        number: N of ``webcam:N``.
        name: what the driver calls it.
        node: its file, ``/dev/videoN``.
        permitted: whether this user may open it.
    """

    number: int
    name: str
    node: Path
    permitted: bool

    def __str__(self) -> str:
        """For messages, such as ``webcam:0 (Integrated Camera, /dev/video0)``."""
        return f"webcam:{self.number} ({', '.join(filter(None, (self.name, str(self.node))))})"


def video_devices(
    listed: Path = _CLASS,
    nodes: Path = _NODES,
    permitted: Callable[[Path], bool] = lambda node: os.access(node, os.R_OK | os.W_OK),
) -> tuple[VideoDevice, ...]:
    """The video devices by their number, without those that only carry metadata.

    Args:
        listed: where the system lists them.
        nodes: where their files are.
        permitted: whether this user may open a file for reading and writing.
    """
    found = []
    for entry in listed.glob("video*") if listed.is_dir() else ():
        number = entry.name.removeprefix("video")
        # A webcam has several nodes; the first (index 0) is the one that gives pictures.
        if not number.isdecimal() or _text(entry / "index") not in ("", "0"):
            continue
        node = nodes / entry.name
        if node.exists():
            found.append(VideoDevice(int(number), _text(entry / "name"), node, permitted(node)))
    return tuple(sorted(found, key=lambda device: device.number))


def why_no_webcam(number: int, devices: Sequence[VideoDevice]) -> str:
    """Why a webcam could not be opened, with the way out."""
    for device in devices:
        if device.number == number:
            if not device.permitted:
                return (
                    f"This user may not open the webcam {number} ({device.node}): run sudo usermod "
                    f"-aG video {_user()}, then log in again."
                )
            return (
                f"The webcam {number} ({device.name}, {device.node}) sends no picture; close other "
                "programs that may use it, or plug it in again."
            )
    there = f"there is {', '.join(map(str, devices))}" if devices else "there is none"
    return (
        f"There is no webcam {number}; {there}. Check its plug; in a container or a virtual "
        "machine its device (/dev/video*) must be passed on."
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user id without a name
        return "USER"


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
