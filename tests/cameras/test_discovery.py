"""Listing devices: no producer can crash, hang or silence the list."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from uniad_desktop.cameras import discovery
from uniad_desktop.cameras.discovery import Access, list_devices
from uniad_desktop.cameras.genicam.loading import why_genicam_does_not_load
from uniad_desktop.cameras.producers import PATH_VARIABLE, SimulatorProducer, find_producers
from uniad_desktop.doctor import report

pytestmark = pytest.mark.usefixtures("no_child_left")


def producer_from(source: str, path):
    """Compiles a library that calls itself a producer."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    path.with_suffix(".c").write_text(source)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", path, path.with_suffix(".c")], check=True, timeout=60
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


def test_devices_are_described(viky):
    listed = list_devices(environ={PATH_VARIABLE: str(viky.parent)})
    assert [(d.index, d.serial) for d in listed.devices] == [(0, "0"), (1, "1"), (2, "2")]
    assert listed.problems == ()
    device = listed.devices[0]
    assert (device.model, device.producer, device.access) == ("Viky", viky, Access.FREE)
    # A producer that is known to invent its pictures is labelled even on the search path.
    assert device.simulated
    assert str(device) == "0: Machine Vision Games Ltd. Viky, serial 0 (simulated)"


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
