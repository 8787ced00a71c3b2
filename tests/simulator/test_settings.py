"""Automatic brightness, user sets, and the description that a feature page shows."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.simulator.host import HostError

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="genicam has no current wheels for macOS"
)

WAIT_S = 20.0


def mean_of(camera) -> float:
    frame = camera.frame()
    return float(frame["bytes"].mean())


@pytest.mark.parametrize("exposure", [100.0, 30000.0])
def test_exposure_once_reaches_the_target_and_ends(camera, exposure):
    camera.write(PixelFormat="Mono8", ExposureTime=exposure, SimAutoTarget=90)
    before = abs(mean_of(camera) - 90)
    camera.write(ExposureAuto="Once")
    with pytest.raises(HostError, match="AccessException"):
        camera.set("ExposureTime", 500.0)
    camera.start()
    for _ in range(40):
        assert camera.fetch_raw(WAIT_S)
    camera.stop()
    assert camera.get("ExposureAuto") == "Off"
    assert abs(mean_of(camera) - 90) < min(8, before)
    camera.write(ExposureTime=500.0)


def test_exposure_moves_over_several_frames(camera):
    camera.write(PixelFormat="Mono8", ExposureTime=10.0, SimAutoTarget=100)
    camera.write(ExposureAuto="Continuous", Width=320, Height=240)
    camera.start()
    means = [float(camera.fetch_raw(WAIT_S)["bytes"].mean()) for _ in range(12)]
    camera.stop()
    assert camera.get("ExposureAuto") == "Continuous"
    assert means[0] < means[1] < 0.9 * means[-1]
    camera.write(ExposureAuto="Off")


def test_gain_does_what_exposure_does_not(camera):
    camera.write(PixelFormat="Mono8", ExposureTime=500.0, SimAutoTarget=90)
    camera.write(GainAuto="Continuous")
    camera.start()
    for _ in range(20):
        assert camera.fetch_raw(WAIT_S)
    camera.stop()
    assert camera.get("ExposureTime") == 500.0
    assert camera.get("Gain") > 3.0
    camera.write(GainAuto="Off")
    assert abs(mean_of(camera) - 90) < 10


def test_balance_changes_one_colour(camera):
    camera.write(Width=64, Height=48, OffsetX=300, OffsetY=250)
    camera.write(BalanceRatioSelector="Red", BalanceRatio=0.5)
    camera.write(BalanceRatioSelector="Blue")
    assert camera.get("BalanceRatio") == 1.0
    camera.set("SimSeed", 5)
    halved = camera.frame()["bytes"].reshape(-1, 3)
    camera.write(BalanceRatioSelector="Red", BalanceRatio=1.0)
    camera.set("SimSeed", 5)
    plain = camera.frame()["bytes"].reshape(-1, 3)
    np.testing.assert_array_equal(halved[:, 0], np.floor(plain[:, 0] * 0.5 + 0.5))
    np.testing.assert_array_equal(halved[:, 1:], plain[:, 1:])


def test_user_set_brings_back_what_was_saved(camera):
    camera.write(UserSetSelector="UserSet0", Width=320, Gain=3.0, PixelFormat="Mono12p")
    camera.write(TriggerSelector="FrameBurstStart", TriggerSource="Line1")
    camera.execute("UserSetSave")
    camera.write(UserSetSelector="Default")
    camera.execute("UserSetLoad")
    assert (camera.get("Width"), camera.get("Gain")) == (960, 0.0)
    assert camera.get("PixelFormat") == "RGB8"
    camera.write(TriggerSelector="FrameBurstStart")
    assert camera.get("TriggerSource") == "Software"
    with pytest.raises(HostError, match="Default cannot be overwritten"):
        camera.execute("UserSetSave")
    camera.write(UserSetSelector="UserSet0")
    camera.execute("UserSetLoad")
    assert (camera.get("Width"), camera.get("Gain")) == (320, 3.0)
    assert camera.get("PixelFormat") == "Mono12p"
    assert camera.get("TriggerSource") == "Line1"


def test_a_user_set_with_another_sensor_keeps_its_region(camera):
    camera.write(SimSensor="FiveMegapixel", Width=1000, Height=900, OffsetX=1200, OffsetY=800)
    camera.write(UserSetSelector="UserSet0")
    camera.execute("UserSetSave")
    camera.write(SimSensor="Standard")
    assert camera.get("Width") == 960
    camera.execute("UserSetLoad")
    names = ("WidthMax", "HeightMax", "Width", "Height", "OffsetX", "OffsetY")
    assert [camera.get(name) for name in names] == [2448, 2048, 1000, 900, 1200, 800]
    assert camera.frame()["size_filled"] == 1000 * 900 * 3


def test_a_user_set_cannot_be_loaded_while_streaming(camera):
    camera.start()
    try:
        with pytest.raises(HostError, match="locked while streaming"):
            camera.execute("UserSetLoad")
    finally:
        camera.stop()


def test_there_is_a_feature_of_every_kind(camera):
    found = camera.describe()
    kinds = {entry["kind"] for entry in found.values()}
    wanted = {"IInteger", "IFloat", "IBoolean", "IEnumeration", "IString", "ICommand", "IRegister"}
    assert wanted <= kinds
    assert {entry["visibility"] for entry in found.values()} == {0, 1, 2}
    assert all(
        entry["tip"] and entry["description"] and entry["display"] for entry in found.values()
    )
    assert found["GevMACAddress"]["representation"] == "MACAddress"
    assert found["GevPersistentIPAddress"]["representation"] == "IPV4Address"
    assert found["LineStatusAll"]["representation"] == "HexNumber"
    assert found["ExposureTime"]["representation"] == "Logarithmic"
    assert found["TriggerSelector"]["display"] == "Trigger Selector"
    assert found["TriggerDelay"]["selected_by"] == ["TriggerSelector"]
    kept = {name for name, entry in found.items() if entry["streamable"]}
    assert {"ExposureTime", "Width", "PixelFormat", "TriggerMode", "LineInverter"} <= kept
    assert not kept & {"SimHang", "SimSkipIds", "TLParamsLocked", "AcquisitionStart", "WidthMax"}


def test_computed_features(camera):
    camera.write(ExposureTime=4000.0, Gain=6.0)
    assert camera.get("SimBrightness") == pytest.approx(2 * 10 ** (6 / 20))
    camera.write(SimExposureMilliseconds=1.5)
    assert camera.get("ExposureTime") == pytest.approx(1500.0)
    with pytest.raises(HostError, match="AccessException"):
        camera.set("SimBrightness", 1.0)


def test_registers_and_addresses_keep_what_is_written(camera):
    camera.write_register("SimScratch", bytes(range(16)))
    assert camera.read_register("SimScratch", 16) == bytes(range(16))
    assert camera.get("GevMACAddress") == 0x02554E494144
    camera.write(GevPersistentIPAddress=0xC0A80001)
    assert camera.get("GevPersistentIPAddress") == 0xC0A80001


def test_an_input_line_has_no_source(camera):
    camera.write(LineSelector="Line0")
    with pytest.raises(HostError, match="AccessException"):
        camera.set("LineSource", "UserOutput0")
    camera.write(LineSelector="Line2", LineSource="UserOutput0")
    assert camera.get("LineSource") == "UserOutput0"
