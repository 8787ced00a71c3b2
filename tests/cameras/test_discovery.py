"""Listing devices: no producer can crash, hang or silence the list."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time

import pytest

from uniad_desktop.cameras import discovery
from uniad_desktop.cameras.discovery import Access, check_producer, list_devices
from uniad_desktop.cameras.genicam.loading import why_genicam_does_not_load
from uniad_desktop.cameras.giving_up import give_up_when
from uniad_desktop.cameras.producers import PATH_VARIABLE, SimulatorProducer, find_producers
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.doctor import report

pytestmark = pytest.mark.usefixtures("no_child_left")


def producer_from(source: str, path):
    """Compiles a library that calls itself a producer."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    path.with_suffix(".c").write_text(source)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", path, path.with_suffix(".c")], check=True, timeout=100
    )


def test_producers_are_found_in_every_folder_once(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    for file in (one / "b.cti", one / "a.CTI", one / "readme.txt", two / "c.cti"):
        file.touch()
    value = os.pathsep.join([str(one), "", str(tmp_path / "gone"), str(two), str(one)])
    producers, problems = find_producers({PATH_VARIABLE: value})
    assert producers == (one / "a.CTI", one / "b.cti", two / "c.cti")
    assert len(problems) == 1
    assert "gone, which is not a folder" in problems[0]


def test_a_producer_reached_by_several_ways_counts_once(tmp_path):
    folder = tmp_path / "maker"
    folder.mkdir()
    (folder / "a.cti").touch()
    (tmp_path / "link.cti").symlink_to(folder / "a.cti")
    (tmp_path / "linked").symlink_to(folder)
    value = os.pathsep.join([str(folder), str(tmp_path / "linked")])
    added = [str(tmp_path / "link.cti"), str(folder), str(folder / "a.cti")]
    producers, problems = find_producers({PATH_VARIABLE: value}, added)
    assert (producers, problems) == ((folder / "a.cti",), ())
    producers, _ = find_producers({}, added)
    assert producers == (tmp_path / "link.cti",)


def test_what_the_settings_name_and_is_not_there_is_said(tmp_path):
    (tmp_path / "readme.txt").touch()
    added = [str(tmp_path / "gone.cti"), str(tmp_path / "readme.txt")]
    producers, (gone, text) = find_producers({}, added)
    assert producers == ()
    assert "gone.cti, which does not exist; it was skipped" in gone and "--remove-producer" in gone
    assert "readme.txt, which is no .cti file" in text


def test_devices_are_described(viky):
    listed = list_devices(environ={PATH_VARIABLE: str(viky.parent)})
    assert [(d.index, d.serial) for d in listed.devices] == [(0, "0"), (1, "1"), (2, "2")]
    assert listed.problems == ()
    device = listed.devices[0]
    assert (device.model, device.producer, device.access) == ("Viky", viky, Access.FREE)
    # A producer that is known to invent its pictures is labelled even on the search path.
    assert device.simulated
    assert str(device) == "0: Machine Vision Games Ltd. Viky, serial 0 (simulated)"
    assert device.interface == "Custom: All GenTL compatible games (VikyTL_ITF_UnivIF)"
    assert (device.address, device.why_not) == ("", "")
    assert listed.details[viky].gentl_version == "1.6"
    assert device.made_by == "Machine Vision Games Ltd. Viky 4.0"
    assert listed.usable and listed.remedy == ""


def test_producers_of_the_settings_are_asked_too(viky):
    listed = list_devices(added=[str(viky)], environ={})
    assert [d.index for d in listed.devices] == [0, 1, 2]
    assert listed.producers == (viky,)


def test_without_a_camera_the_way_out_fits_the_reason(viky, tmp_path):
    nothing = list_devices(environ={})
    assert not nothing.usable
    assert f"({PATH_VARIABLE} names none)" in nothing.remedy
    assert "--add-producer" in nothing.remedy
    (tmp_path / "text.cti").write_text("hello")
    environ = {PATH_VARIABLE: str(tmp_path)}
    broken = list_devices(SimulatorProducer(viky), environ=environ)
    assert "None of the GenTL producers works here" in broken.remedy
    # The simulated camera has no index here, so nothing answers to --camera 0.
    assert broken.devices and not broken.usable


def test_a_missing_library_of_a_producer_is_named(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    (tmp_path / "needed.c").write_text("int needed(void) { return 0; }")
    (tmp_path / "maker.c").write_text("int needed(void); int GCInitLib(void) { return needed(); }")
    folder = tmp_path / "producers"
    folder.mkdir()
    for command in (
        ["-o", "libneeded.so.3", "-Wl,-soname,libneeded.so.3", "needed.c"],
        ["-o", "producers/maker.cti", "maker.c", "./libneeded.so.3"],
    ):
        subprocess.run(
            [compiler, "-shared", "-fPIC", *command], cwd=tmp_path, check=True, timeout=100
        )
    (tmp_path / "libneeded.so.3").unlink()
    (problem,) = list_devices(environ={PATH_VARIABLE: str(folder)}).problems
    assert "maker.cti is no usable GenTL producer: the library libneeded.so.3" in problem
    assert "is missing" in problem


def test_a_producer_is_checked_before_it_is_used(viky, tmp_path):
    assert check_producer(viky).model == "Viky"
    (tmp_path / "text.cti").write_text("hello")
    (tmp_path / "maker.so").touch()
    for path, told in (
        (tmp_path / "gone.cti", "There is no file"),
        (tmp_path, r"is a folder; name the .cti file in it \(there is: text.cti\)"),
        (tmp_path / "maker.so", "their names end in .cti"),
        (tmp_path / "text.cti", "file too short; the file is damaged"),
    ):
        with pytest.raises(CameraError, match=told):
            check_producer(path)


def test_the_simulator_has_no_index_beside_the_machines_own_producers(viky, tmp_path):
    (tmp_path / "maker.cti").touch()
    simulator = SimulatorProducer(viky)
    alone = list_devices(simulator, environ={})
    assert [d.index for d in alone.devices] == [0, 1, 2]
    beside = list_devices(simulator, environ={PATH_VARIABLE: str(tmp_path)})
    assert [d.index for d in beside.devices] == [None, None, None]
    assert all(d.simulated for d in beside.devices)


def test_a_file_that_is_no_producer_is_a_sentence(viky, tmp_path):
    (tmp_path / "text.cti").write_text("hello")
    value = os.pathsep.join([str(tmp_path), str(viky.parent)])
    listed = list_devices(environ={PATH_VARIABLE: value})
    assert len(listed.devices) == 3
    assert len(listed.problems) == 1
    assert "text.cti is no usable GenTL producer" in listed.problems[0]


def test_a_producer_that_crashes_or_hangs_is_left_out(viky, tmp_path):
    producer_from(
        "__attribute__((constructor)) static void f(void) { __builtin_trap(); }",
        tmp_path / "crash.cti",
    )
    producer_from(
        "#include <unistd.h>\n"
        "__attribute__((constructor)) static void f(void) { for (;;) sleep(1); }",
        tmp_path / "hang.cti",
    )
    value = os.pathsep.join([str(tmp_path), str(viky.parent)])
    listed = list_devices(environ={PATH_VARIABLE: value}, time_limit_s=4.0)
    assert len(listed.devices) == 3
    crashed, hung = listed.problems
    assert "crash.cti could not list its devices: its process was ended by SIG" in crashed
    assert "hang.cti did not list its devices within 4 s" in hung


def test_a_producer_that_hangs_is_not_waited_for_when_nobody_wants_the_list(viky, tmp_path):
    producer_from(
        "#include <unistd.h>\n"
        "__attribute__((constructor)) static void f(void) { for (;;) sleep(1); }",
        tmp_path / "hang.cti",
    )
    found = []

    def ask() -> None:
        begin = time.monotonic()
        give_up_when(lambda: time.monotonic() > begin + 0.5)
        found.append(list_devices(environ={PATH_VARIABLE: str(tmp_path)}, time_limit_s=60.0))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(30.0)
    assert not asking.is_alive() and found[0].devices == ()


def test_without_genicam_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(discovery, "genicam_installed", lambda: False)
    listed = list_devices(environ={})
    assert listed.devices == ()
    assert "not installed; use a folder of images" in listed.problems[0]


def test_a_library_that_genicam_lacks_is_named_with_the_way_out(viky, tmp_path, monkeypatch):
    broken = tmp_path / "broken" / "genicam"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    words = "libpython3.11.so.1.0: cannot open shared object file: No such file or directory"
    (broken / "gentl.py").write_text(f"raise ImportError({words!r})")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    listed = list_devices(environ={PATH_VARIABLE: str(viky.parent)})
    assert listed.devices == ()
    assert words in listed.problems[0]
    assert listed.problems[0].endswith("with: sudo apt-get install -y libpython3.11.")
    (found,) = report.check_cameras()
    assert found.health is report.Health.PROBLEM and words in found.found
    assert "apt-get install -y libpython3.11" in found.remedy
    (broken / "gentl.py").write_text("raise ImportError('no such thing')")
    assert why_genicam_does_not_load() == (
        "the GenICam library does not load: no such thing; install the packages harvesters and "
        "genicam again"
    )


def test_where_genicam_loads_nothing_is_said():
    assert why_genicam_does_not_load() == ""
