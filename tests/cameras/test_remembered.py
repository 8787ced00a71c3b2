"""Which device an index means where a camera was remembered for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from uniad_desktop.cameras.discovery import Access, DeviceDescription
from uniad_desktop.cameras.remembered import (
    CameraChangedError,
    CameraIdentity,
    at_place,
    choose_remembered,
    identity,
)
from uniad_desktop.cameras.source import CameraError, CameraNotFoundError

KNOWN = CameraIdentity("4711", "Maker", "X1", "/opt/maker.cti")
THE_ONE = DeviceDescription(
    index=0, vendor="Maker", model="X1", serial="4711", user_id="", device_id="id-1",
    producer=Path("/opt/maker.cti"), simulated=False, access=Access.FREE,
)  # fmt: skip


def test_the_remembered_one_is_found_at_its_place_and_at_another():
    assert choose_remembered(0, KNOWN, [THE_ONE]) is THE_ONE
    other = replace(THE_ONE, serial="1")
    moved = replace(THE_ONE, index=1)
    assert choose_remembered(0, KNOWN, [other, moved]) is moved


def test_a_new_version_of_the_producer_at_another_path_is_no_other_camera():
    updated = replace(THE_ONE, producer=Path("/opt/maker-2/maker.cti"))
    assert choose_remembered(0, KNOWN, [updated]) is updated
    assert choose_remembered(0, KNOWN, [updated, replace(THE_ONE, index=1)]).index == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(THE_ONE, serial="4712"),
        replace(THE_ONE, model="X2"),  # serial numbers are unique for a maker's model only
        replace(THE_ONE, vendor="Other"),
    ],
)
def test_any_other_camera_is_refused_unless_accepted(other):
    with pytest.raises(CameraChangedError, match="Camera 0 was Maker X1, serial 4711; now") as told:
        choose_remembered(0, KNOWN, [other])
    assert isinstance(told.value, CameraError)
    assert told.value.found == identity(other)
    assert choose_remembered(0, KNOWN, [other], accept=True) is other


def test_a_simulated_camera_is_neither_the_remembered_one_nor_its_replacement():
    for device in (replace(THE_ONE, simulated=True), replace(THE_ONE, simulated=True, serial="1")):
        with pytest.raises(CameraNotFoundError, match="4711, which does not answer"):
            choose_remembered(0, KNOWN, [device], accept=True)


def test_a_camera_at_another_place_does_not_stand_in():
    other = replace(THE_ONE, serial="1", index=1)
    told = r"There is Maker X1, serial 1: to use another .* Setup page .*--forget 0"
    with pytest.raises(CameraNotFoundError, match=told):
        choose_remembered(0, KNOWN, [other], accept=True)


def test_a_camera_without_a_serial_number_is_known_by_its_id():
    nameless = replace(THE_ONE, serial="")
    assert choose_remembered(0, identity(nameless), [nameless]) is nameless
    assert str(CameraIdentity("7")) == "a camera, serial 7"


NEW, OWN = replace(THE_ONE, serial="4800"), replace(THE_ONE, serial="4712")


def test_another_camera_of_the_station_is_never_a_replacement():
    """One of two cameras was replaced, and the list, sorted by serial number, has moved."""
    listed = [replace(OWN, index=0), replace(NEW, index=1)]
    with pytest.raises(CameraChangedError) as told:
        choose_remembered(0, KNOWN, listed, taken={"4712"})
    assert told.value.found == identity(NEW)
    chosen = choose_remembered(0, KNOWN, listed, accept=True, taken={"4712"})
    assert chosen.serial == "4800"
    # Which of two is meant, nobody knows; and a simulated one never is.
    for more in (replace(NEW, serial="4900", index=2), replace(NEW, index=1, simulated=True)):
        rest = [listed[0], more] if more.simulated else [*listed, more]
        with pytest.raises(CameraNotFoundError):
            choose_remembered(0, KNOWN, rest, accept=True, taken={"4712"})


def test_a_place_means_a_camera_that_is_free():
    listed = [replace(NEW, index=0), replace(THE_ONE, index=1)]
    assert at_place(1, listed) == listed[1]
    assert at_place(1, listed, {"4711"}) == listed[0]
    assert at_place(0, listed, {"4711"}) == listed[0]
    assert at_place(1, listed, {"4711", "4800"}) is None
    assert at_place(2, listed, {"4711"}) is None
