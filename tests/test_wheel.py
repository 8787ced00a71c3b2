"""What travels in the wheel: without these an installed station could not start."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from uniad_desktop.simulator.build import has_working_compiler

ROOT = Path(__file__).parents[1]

# Elsewhere pip would fetch ziglang for the build, and no test needs the network.
pytestmark = pytest.mark.skipif(not has_working_compiler(), reason="no C compiler on this machine")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    assert "none-any" not in wheel.name, "the wheel holds machine code"
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_simulated_camera_is_compiled_in(names: set[str]) -> None:
    assert "uniad_desktop/simulator/uniad_simcam.cti" in names


def test_model_and_resources_travel_along(names: set[str]) -> None:
    assert any(n.startswith("uniad_desktop/models/unified/") for n in names)
    assert any(n.endswith("/manifest.json") for n in names)
    assert "uniad_desktop/resources/style/style.qss" in names
    assert any(n.endswith("zh_CN.qm") for n in names)


def test_the_layouts_of_the_database_travel_along(names: set[str]) -> None:
    for name in ("env.py", "script.py.mako", "versions/r0001.py"):
        assert f"uniad_desktop/records/migrations/{name}" in names


def test_nothing_else_travels(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"uniad_desktop"}
