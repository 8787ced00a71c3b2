"""A folder of images in front of the simulated camera."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.simulator.host import CameraHost, HostError
from uniad_desktop.camera_opener import CameraOpener
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.simulator import camera as camera_module
from uniad_desktop.simulator import replay
from uniad_desktop.simulator.camera import SimulatedCamera, SimulatorError
from uniad_desktop.simulator.replay import ReplayFeeder, fitted, images_in, sensor_size
from uniad_desktop.simulator.ring import NO_PRODUCT, PartRing
from uniad_desktop.station_options import StationOptions

ONE = "SIM0001"
WAIT_S = 20.0

genicam = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)


def eventually(condition: Callable[[], object]) -> bool:
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def picture(number: int, width: int = 101, height: int = 75) -> np.ndarray:
    """RGB noise that differs from image to image."""
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)


def save(path: Path, image: np.ndarray) -> None:
    stored = image if image.ndim == 2 else image[..., ::-1]
    path.write_bytes(cv2.imencode(path.suffix, stored)[1].tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "images"
    made.mkdir()
    for number in (1, 2, 10):
        save(made / f"part{number}.png", picture(number))
    return made


def take(ring: PartRing, number: int) -> np.ndarray:
    """What the camera sees of a picture that it takes from the ring."""
    assert eventually(lambda: ring._get("head") > number)
    at = ring._slot_offset(number) + 128
    pixels = np.frombuffer(ring._map, np.uint8, ring.width * ring.height * 3, at)
    image = pixels.reshape(ring.height, ring.width, 3).copy()
    ring._header["tail"] = number + 1
    return image


@genicam
def test_frames_are_the_images_in_natural_order_and_again_from_the_first(folder):
    with SimulatedCamera(images=folder, frame_rate=50.0) as simulated:
        host = CameraHost(str(simulated.producer), simulated.environment)
        try:
            (device,) = host.discover()
            assert "simulated" in device["display_name"]
            host.open(ONE)
            assert (host.get(ONE, "WidthMax"), host.get(ONE, "HeightMax")) == (101, 75)
            host.start(ONE)
            frames = [host.fetch(ONE, WAIT_S)["image"] for _ in range(5)]
            host.stop(ONE)
            for frame, number in zip(frames, (1, 2, 10, 1, 2), strict=True):
                np.testing.assert_array_equal(frame, picture(number))
            assert host.get(ONE, "SimPartProduct") == "", "it is no part that was drawn"
            assert {shown.part.product for shown in simulated.shown(ONE)} == {NO_PRODUCT}
            with pytest.raises(HostError, match="multiple of 4"):
                host.set(ONE, "PixelFormat", "Mono10p")
            host.set(ONE, "SimSeed", 1)
            host.start(ONE)
            again = host.fetch(ONE, WAIT_S)["image"]
            host.stop(ONE)
            np.testing.assert_array_equal(again, picture(1))
        finally:
            host.close()


@genicam
def test_grey_images_are_exact_in_mono8(tmp_path):
    grey = picture(5)[..., 0]
    save(tmp_path / "grey.png", grey)
    with SimulatedCamera(images=tmp_path) as simulated:
        host = CameraHost(str(simulated.producer), simulated.environment)
        try:
            host.discover()
            host.open(ONE)
            host.set(ONE, "PixelFormat", "Mono8")
            host.start(ONE)
            frame = host.fetch(ONE, WAIT_S)
            host.stop(ONE)
        finally:
            host.close()
    assert frame["format"] == "Mono8"
    np.testing.assert_array_equal(frame["image"], grey)


def test_damaged_and_other_images_are_named_in_the_log(folder, caplog):
    (folder / "part0.png").write_bytes(b"no image")
    save(folder / "part3.png", picture(3, width=51, height=25))
    with SimulatedCamera(images=folder) as simulated:
        ring = PartRing(simulated.folder / f"{ONE}.ring")
        try:
            shown = [take(ring, number) for number in range(9)]
        finally:
            ring.close()
    small = np.full((75, 101, 3), 128, np.uint8)
    small[25:50, 25:76] = picture(3, width=51, height=25)
    order = [picture(1), picture(2), small, picture(10)]
    for index, image in enumerate(shown):
        np.testing.assert_array_equal(image, order[index % 4])
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 2, "each is said once"
    assert "part0.png is no readable image" in texts[0]
    assert "leaves it out" in texts[0]
    assert "part3.png has 51 x 25 pixels and is shown with grey borders" in texts[1]


def test_new_settings_do_not_change_the_order(folder):
    said: list[str] = []
    ring = PartRing.create(folder / "x.ring", size=(101, 75))
    try:
        feeder = ReplayFeeder(ring, images_in(folder), said.append)
        assert [feeder.step() for _ in range(5)] == [True] * 4 + [False]
        np.testing.assert_array_equal(take(ring, 0), picture(1))
        ring._header["generation"] += 1
        ring._header["first_part"] = 1
        assert feeder.step()
        np.testing.assert_array_equal(take(ring, 4), picture(2))
        assert said == []
    finally:
        ring.close()


def test_when_no_image_is_left_it_is_said(folder):
    said: list[str] = []
    ring = PartRing.create(folder / "x.ring", size=(101, 75))
    try:
        files = images_in(folder)
        for path in files:
            path.write_bytes(b"")
        feeder = ReplayFeeder(ring, files, said.append)
        assert not any([feeder.step() for _ in range(5)])
        assert len(said) == 4
        assert "shows nothing" in said[-1]
    finally:
        ring.close()


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((202, 150), (0, 0, 101, 75)),
        ((404, 150), (0, 18, 101, 38)),
        ((10, 10), (45, 32, 10, 10)),
    ],
)
def test_fitted_keeps_the_shape_of_an_image(size, box):
    image = np.full((size[1], size[0]), 200, np.uint8)
    left, top, width, height = box
    wanted = np.full((75, 101, 3), 128, np.uint8)
    wanted[top : top + height, left : left + width] = 200
    np.testing.assert_array_equal(fitted(image, 101, 75), wanted)


def test_a_sensor_is_as_large_as_the_first_image_that_can_be_read(folder, monkeypatch):
    (folder / "part0.png").write_bytes(b"no image")
    assert sensor_size(images_in(folder)) == (101, 75)
    save(folder / "a.png", picture(0, width=5, height=300))
    assert sensor_size(images_in(folder)) == (16, 300)
    monkeypatch.setattr(replay, "MOST_PIXELS", 1000)
    with pytest.raises(SimulatorError, match=r"5 x 300 pixels.*up to 25 megapixels"):
        sensor_size(images_in(folder))


def test_twenty_five_megapixels_can_be_replayed(tmp_path):
    image = np.zeros((5120, 5120), np.uint8)
    image[-1, -1] = 77
    save(tmp_path / "large.bmp", image)
    with SimulatedCamera(images=tmp_path) as simulated:
        ring = PartRing(simulated.folder / f"{ONE}.ring")
        try:
            assert (ring.width, ring.height, ring._slots) == (5120, 5120, 2)
            assert take(ring, 0)[-1, -1].tolist() == [77, 77, 77]
        finally:
            ring.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("missing", "does not exist; check its name, or use --camera sim"),
        ("file", "cannot be read"),
        ("empty", "holds no images to replay"),
        ("damaged", "None of the 1 image files"),
    ],
)
def test_nothing_to_replay_is_a_sentence_with_the_way_out(tmp_path, content, said):
    path = tmp_path / "images"
    if content == "file":
        path.write_text("no folder")
    elif content != "missing":
        path.mkdir()
    if content == "damaged":
        (path / "x.png").write_bytes(b"no image")
    simulated = SimulatedCamera(images=path)
    with pytest.raises(SimulatorError, match=said) as caught:
        simulated.start()
    assert "--camera sim" in str(caught.value)
    simulated.close()


def test_the_station_replays_what_its_camera_option_names(folder, tmp_path, monkeypatch):
    asked: list[Path | None] = []

    class Spy(SimulatedCamera):
        def __init__(self, **arguments):
            asked.append(arguments["images"])
            super().__init__(**arguments)

    monkeypatch.setattr(camera_module, "SimulatedCamera", Spy)
    missing = CameraOpener(StationOptions(f"sim:{folder / 'missing'}", tmp_path), "")
    with pytest.raises(CameraError, match="does not exist"):
        missing.prepare()
    missing.close()
    for camera in (f"sim:{folder}", "sim"):
        opener = CameraOpener(StationOptions(camera, tmp_path), "")
        try:
            opener.prepare()
        finally:
            opener.close()
    assert asked == [folder / "missing", folder, None]
