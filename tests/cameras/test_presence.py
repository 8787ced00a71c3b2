"""Whether a camera is still there, with drivers that tell and drivers that do not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from uniad_desktop.cameras.source import CameraLostError

pytest.importorskip("genicam", reason="GenICam is not available on this system")

from genicam import gentl

from uniad_desktop.cameras.genicam.camera import Camera, buffers_for

UNKNOWN, FREE, NO_ACCESS, OPEN = 0, 1, 3, 5


class Width:
    """A register that fails as often as it is told to."""

    def __init__(self):
        self.failures = 0

    def get_value(self, verify, ignore_cache):
        assert ignore_cache, "the cache of the node map answers however far the camera is"
        if self.failures:
            self.failures -= 1
            raise gentl.IoException("cable")
        return 960


def make(status):
    width = Width()
    camera = object.__new__(Camera)
    camera._acquirer = SimpleNamespace(
        device=SimpleNamespace(access_status=status),
        remote_device=SimpleNamespace(node_map=SimpleNamespace(Width=width)),
    )
    camera._status_at_open = status
    camera._unanswered = 0
    camera._wanted = "X1"
    return camera, width


@pytest.mark.parametrize("status", [UNKNOWN, FREE, OPEN])
def test_a_status_that_stays_is_no_loss_whatever_it_is(status):
    camera, _ = make(status)
    for _ in range(10):
        camera.check_present(ask_device=True)


@pytest.mark.parametrize("status", [UNKNOWN, NO_ACCESS])
def test_a_status_that_turns_bad_is_a_loss(status):
    camera, _ = make(OPEN)
    camera._acquirer.device.access_status = status
    with pytest.raises(CameraLostError, match="X1 no longer answers"):
        camera.check_present(ask_device=False)


def test_a_device_that_does_not_answer_is_a_loss_even_if_the_producer_says_nothing():
    camera, width = make(OPEN)
    width.failures = 3
    camera.check_present(ask_device=True)
    camera.check_present(ask_device=True)
    with pytest.raises(CameraLostError):
        camera.check_present(ask_device=True)


def test_one_failed_access_is_no_loss():
    camera, width = make(OPEN)
    for _ in range(5):
        width.failures = 2
        for _ in range(3):
            camera.check_present(ask_device=True)


def test_the_producer_gets_as_many_buffers_as_the_memory_is_worth():
    assert buffers_for(1) == 32
    assert buffers_for(2448 * 2048) == 26
    assert buffers_for(65 << 20) == 8
