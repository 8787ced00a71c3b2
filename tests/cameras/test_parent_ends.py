"""Whatever ends the parent, its camera process ends too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.cameras.conftest import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

PARENT = """
import signal
import sys
import psutil
from uniad_desktop.cameras.genicam.messages import OpenRequest
from uniad_desktop.cameras.genicam.source import GenicamSource
from uniad_desktop.cameras.source import TriggerMode

# Shells start background jobs with SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
source = GenicamSource(OpenRequest(sys.argv[1]))
source.start(TriggerMode.FREE_RUNNING)
assert "torch" not in sys.modules and "PySide6" not in sys.modules
child, = psutil.Process().children()
try:
    sys.stdout.write(f"{child.pid}\\n")
    sys.stdout.flush()
    while sys.argv[2] == "stay":
        source.next_frame(5.0)
except KeyboardInterrupt:
    source.close()
"""


@pytest.mark.parametrize(
    ("then", "number"), [("stay", signal.SIGKILL), ("stay", signal.SIGINT), ("leave", None)]
)
def test_no_camera_process_outlives_its_parent(viky, then, number):
    parent = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PARENT, str(viky), then],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        if number is not None:
            os.killpg(parent.pid, number)  # what a terminal does on Ctrl-C
        parent.wait(30)
        until(lambda: not child.is_running())
    finally:
        parent.kill()
        parent.wait(10)
        parent.stdout.close()
    if number is signal.SIGINT:
        assert parent.returncode == 0
