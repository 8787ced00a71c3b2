"""The producer's compilation and the description that is generated for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from uniad_desktop.simulator import build
from uniad_desktop.simulator.build import (
    SimulatorError,
    built_from,
    compile_producer,
    find_compilers,
    has_working_compiler,
    source_hash,
)
from uniad_desktop.simulator.camera import SimulatedCamera
from uniad_desktop.simulator.native.description import description
from uniad_desktop.simulator.native.features import CAMERA, MODULES
from uniad_desktop.simulator.native.generate import header
from uniad_desktop.simulator.native.nodes import Kind

GCC = shutil.which("gcc")
DRIVER = Path(__file__).with_name("drive_producer.c")
GENAPI = "{http://www.genicam.org/GenApi/Version_1_1}"


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda _name: None)


def test_without_a_compiler_the_way_out_is_named(no_compiler, tmp_path):
    assert find_compilers() == []
    assert not has_working_compiler()
    with pytest.raises(SimulatorError, match="pip install ziglang"):
        compile_producer(tmp_path / "x.cti")


def test_ziglang_is_used_where_there_is_no_compiler(no_compiler, monkeypatch):
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda _name: object())
    assert find_compilers() == [[sys.executable, "-m", "ziglang", "cc"]]


def test_cc_comes_first(monkeypatch):
    monkeypatch.setenv("CC", f"{sys.executable} -u")
    assert find_compilers()[0] == [sys.executable, "-u"]


def test_a_compiler_that_fails_leaves_nothing_and_is_quoted(tmp_path):
    broken = [sys.executable, "-c", "import sys; sys.exit('no headers here')"]
    with pytest.raises(SimulatorError, match=r"could not be compiled.*no headers here"):
        compile_producer(tmp_path / "x.cti", compilers=[broken])
    with pytest.raises(SimulatorError, match="could not be compiled"):
        compile_producer(tmp_path / "x.cti", compilers=[["/nonexistent/cc"]])
    assert list(tmp_path.glob("*.cti*")) == []


@pytest.mark.skipif(not has_working_compiler(), reason="no C compiler on this machine")
def test_it_compiles_without_a_warning_after_a_compiler_that_fails(tmp_path):
    target = tmp_path / "folder" / "x.cti"
    used = compile_producer(target, compilers=[["false"], *find_compilers()], flags=["-Werror"])
    assert used != "false"
    assert built_from(target) == source_hash()
    assert [p.name for p in target.parent.iterdir()] == ["x.cti"]


def test_source_hash_knows_every_source(monkeypatch, tmp_path):
    shutil.copytree(build.SOURCES, tmp_path / "native")
    monkeypatch.setattr(build, "SOURCES", tmp_path / "native")
    before = source_hash()
    for path in sorted((tmp_path / "native").glob("*.[ch]")):
        text = path.read_bytes()
        path.write_bytes(text.replace(b"\n", b"\r\n"))
        assert source_hash() == before, "line ends do not matter"
        path.write_bytes(text + b"\n/* changed */\n")
        assert source_hash() != before
        path.write_bytes(text)


@pytest.mark.parametrize("module", ["camera", *MODULES])
def test_description_is_complete(module):
    port, categories = ("Device", CAMERA) if module == "camera" else MODULES[module]
    root = ET.fromstring(description("Test", port, categories))
    nodes = {node.get("Name"): node for node in root}
    assert nodes[port].tag == f"{GENAPI}Port"
    for features in categories.values():
        for feature in features:
            tag = "StringReg" if feature.kind is Kind.STRING else str(feature.kind)
            assert nodes[feature.name].tag == f"{GENAPI}{tag}"
    for node in root.iter():
        refers = re.fullmatch(
            r"\{.*\}p(Value|Max|Inc|Feature|Port|Index|IsLocked|IsAvailable|Selected)", node.tag
        )
        if refers or node.tag == f"{GENAPI}pVariable":
            assert node.text in nodes


def test_registers_do_not_overlap():
    features = [feature for members in CAMERA.values() for feature in members]
    sizes = {f.name: f.extent for f in features if f.extent}
    found = re.findall(r"#define REG_(\w+) 0x([0-9A-F]+)", header())
    addresses = {name: int(address, 16) for name, address in found}
    end = addresses.pop("END")
    assert addresses.keys() == sizes.keys()
    following = [*sorted(addresses.values())[1:], end]
    for name, next_address in zip(
        sorted(addresses, key=addresses.__getitem__), following, strict=True
    ):
        assert addresses[name] % 8 == 0
        assert addresses[name] + sizes[name] <= next_address


@pytest.fixture(scope="module")
def checked_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The producer and a small host in one program, with the address and undefined sanitizers."""
    if GCC is None:
        pytest.skip("gcc is not installed")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "generated.h").write_text(header(), encoding="utf-8")
    program = folder / "drive_producer"
    command = [GCC, "-std=gnu11", "-g", "-O0", "-Wall", "-Wextra", "-Werror"]
    command += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    command += [f"-I{folder}", f"-I{build.SOURCES}", "-o", str(program), str(DRIVER)]
    command += [*map(str, build.SOURCES.glob("*.c")), "-lm", "-lpthread", "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if "cannot find -lasan" in done.stderr or "libasan" in done.stderr:
        pytest.skip("gcc has no sanitizer library here")
    assert done.returncode == 0, done.stderr
    return program


@pytest.mark.skipif(sys.platform != "linux", reason="the sanitizers are tried on Linux")
@pytest.mark.parametrize(
    ("source", "end"), [("line", "orderly"), ("pattern", "orderly"), ("pattern", "abrupt")]
)
def test_no_memory_error_under_the_sanitizers(checked_driver, source, end):
    def drive(environment: dict[str, str]) -> None:
        done = subprocess.run(
            [checked_driver, end],
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")

    if source == "pattern":
        drive({})
    else:
        with SimulatedCamera(seed=2) as simulated:
            drive(simulated.environment)
