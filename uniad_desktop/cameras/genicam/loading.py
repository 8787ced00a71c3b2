"""Why the GenICam library does not load, asked only where a camera process died at once."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

_LIMIT_S: Final = 20.0
_TRY: Final = "import genicam.gentl, genicam.genapi, harvesters.core"
_LIBPYTHON: Final = re.compile(r"libpython(\d+\.\d+)\S*: cannot open shared object")


def why_genicam_does_not_load() -> str:
    """A sentence without its full stop, with the way out; empty where it loads.

    It is tried in a process of its own: the library belongs into camera processes only. The wheels
    of genicam link to Python's shared library, which Debian and Ubuntu have in a package apart.
    """
    try:
        tried = subprocess.run(
            [sys.executable, "-c", _TRY],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the GenICam library could not be tried: {error}"
    if tried.returncode == 0:
        return ""
    told = tried.stderr.strip().splitlines() or [f"code {tried.returncode}"]
    sentence = f"the GenICam library does not load: {told[-1].partition(': ')[2] or told[-1]}"
    missing = _LIBPYTHON.search(tried.stderr)
    if missing is None:
        return f"{sentence}; install the packages harvesters and genicam again"
    return (
        f"{sentence}; install Python's shared library, on Debian or Ubuntu with: sudo apt-get "
        f"install -y libpython{missing[1]}"
    )
