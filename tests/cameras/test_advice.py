"""Why a camera cannot be used: addresses, rights and other users, from what the system tells."""

from __future__ import annotations

import ipaddress
import os

import psutil
import pytest

from uniad_desktop.cameras.advice import Access, format_address, unlisted_usb, why_not
from uniad_desktop.cameras.genicam.messages import ScannedDevice, Subnet
from uniad_desktop.cameras.usb import UsbCamera, usb_cameras


def number(text):
    return int(ipaddress.IPv4Address(text))


def subnet(address, mask="255.255.255.0"):
    return Subnet(number(address), number(mask))


def device(serial="4711", access=1, tl_type="GEV", address=None, host=()):
    return ScannedDevice(
        "Maker", "X1", serial, f"id-{serial}", "", access, tl_type, "Card 1", address, host
    )


def test_an_address_in_the_subnet_of_the_card_is_fine():
    camera = device(address=subnet("192.168.1.20"), host=(subnet("192.168.1.1"),))
    assert why_not(camera, Access.FREE, [camera], ()) == ""
    assert format_address(camera.address) == "192.168.1.20"
    assert format_address(None) == ""


def test_another_subnet_says_which_address_to_set():
    camera = device(address=subnet("169.254.3.7", "255.255.0.0"), host=(subnet("192.168.1.1"),))
    told = why_not(camera, Access.NO_ACCESS, [camera], ())
    assert "169.254.3.7 is in another subnet than the network card's (192.168.1.1" in told
    assert "such as 192.168.1.7 with mask 255.255.255.0" in told


@pytest.mark.parametrize(
    ("address", "proposed"),
    [
        ("10.0.0.1", "192.168.1.3"),  # .1 is the card, .2 another camera
        ("10.0.0.2", "192.168.1.3"),
        ("10.0.0.255", "192.168.1.3"),  # the broadcast address
        ("10.0.0.0", "192.168.1.3"),
        ("10.0.0.9", "192.168.1.9"),
    ],
)
def test_the_proposed_address_is_free(address, proposed):
    host = (subnet("192.168.1.1"),)
    other = device("2", address=subnet("192.168.1.2"), host=host)
    camera = device(address=subnet(address), host=host)
    assert f"such as {proposed} with" in why_not(camera, Access.FREE, [camera, other], ())


def test_any_subnet_of_the_card_will_do_and_what_is_unknown_is_no_problem():
    host = (subnet("10.0.0.1"), subnet("192.168.1.1"))
    assert why_not(device(address=subnet("192.168.1.8"), host=host), Access.FREE, [], ()) == ""
    assert why_not(device(address=subnet("192.168.1.8")), Access.FREE, [], ()) == ""
    assert why_not(device(host=host), Access.UNKNOWN, [], ()) == ""
    holes = (Subnet(number("10.0.0.1"), number("255.0.255.0")),)
    assert why_not(device(address=subnet("192.168.1.8"), host=holes), Access.FREE, [], ()) == ""
    no_mask = (Subnet(number("10.0.0.1"), 0),)
    assert why_not(device(address=subnet("192.168.1.8"), host=no_mask), Access.FREE, [], ()) == ""


class Process:
    def __init__(self, pid, parent, *arguments):
        self.info = {"pid": pid, "ppid": parent, "cmdline": list(arguments)}


@pytest.mark.parametrize(
    ("processes", "told"),
    [
        ([Process(5, 1, "sh"), Process(6, 1, None)], "in use by another program; stop"),
        ([Process(5, 77, "-m", "uniad_desktop.cameras.genicam.child")], "(process 77)"),
        ([Process(5, os.getpid(), "uniad_desktop.cameras.genicam.child")], "by this station"),
    ],
)
def test_who_uses_a_camera_is_told_as_far_as_it_is_known(monkeypatch, processes, told):
    monkeypatch.setattr(psutil, "process_iter", lambda attributes: processes)
    assert told in why_not(device(access=4), Access.IN_USE, [], ())


def test_other_states_have_a_next_step():
    assert "can only be read" in why_not(device(), Access.READ_ONLY, [], ())
    assert "subnet of the network card" in why_not(device(), Access.NO_ACCESS, [], ())
    assert "plug it in again" in why_not(device(tl_type="U3V"), Access.NO_ACCESS, [], ())
    assert "switch it off and on" in why_not(device(tl_type="CXP"), Access.NO_ACCESS, [], ())


@pytest.fixture
def bus(tmp_path):
    """A tree like the system's: a camera, a mouse and a hub."""
    devices = tmp_path / "devices"

    def write(name, **texts):
        folder = devices / name
        folder.mkdir(parents=True)
        for file, text in texts.items():
            (folder / file).write_text(text + "\n")
        return folder

    camera = write(
        "2-1", busnum="2", devnum="4", idVendor="2676", serial="26764711",
        manufacturer="Maker", product="U3V X1",
    )  # fmt: skip
    (camera / "2-1:1.0").mkdir()
    (camera / "2-1:1.0" / "bInterfaceClass").write_text("ef\n")
    (camera / "2-1:1.0" / "bInterfaceSubClass").write_text("05\n")
    mouse = write("1-1", busnum="1", devnum="2", idVendor="046d")
    (mouse / "1-1:1.0").mkdir()
    (mouse / "1-1:1.0" / "bInterfaceClass").write_text("03\n")
    write("usb1", busnum="1", devnum="1")
    return devices


def test_usb3_vision_cameras_are_found_by_their_class(bus, tmp_path):
    (camera,) = usb_cameras(bus, tmp_path / "nodes", lambda node: False)
    assert camera == UsbCamera(
        "Maker", "U3V X1", "26764711", tmp_path / "nodes" / "002" / "004", "2676", False
    )
    assert usb_cameras(tmp_path / "nowhere") == ()


def test_a_usb_camera_without_rights_names_file_and_rule(bus, tmp_path):
    forbidden = usb_cameras(bus, tmp_path, lambda node: False)
    listed = device("4711", access=3, tl_type="U3V")
    told = why_not(listed, Access.NO_ACCESS, [listed], forbidden)
    assert str(tmp_path / "002" / "004") in told
    assert 'ATTR{idVendor}=="2676"' in told and "udevadm control --reload-rules" in told
    # The serial number of another camera is not taken for this one's.
    assert "idVendor" not in why_not(device("99", tl_type="U3V"), Access.NO_ACCESS, [], forbidden)


def test_a_usb_camera_that_no_producer_lists_is_told(bus, tmp_path):
    allowed = usb_cameras(bus, tmp_path, lambda node: True)
    (told,) = unlisted_usb([device("99")], allowed)
    assert "Maker U3V X1, serial 26764711, is plugged in, but no producer lists it" in told
    assert "Install a GenTL producer for USB3 Vision" in told
    (told,) = unlisted_usb([], usb_cameras(bus, tmp_path, lambda node: False))
    assert "may not open" in told
    assert unlisted_usb([device("4711")], allowed) == []
