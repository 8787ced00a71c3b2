"""The ring of parts, the process that fills it, and SimulatedCamera around them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest

from uniad_desktop.simulator import camera as camera_module
from uniad_desktop.simulator.camera import (
    SimulatedCamera,
    SimulatorError,
    is_simulated_producer,
    producer_path,
)
from uniad_desktop.simulator.feeder import LineFeeder, light_at, part_seed
from uniad_desktop.simulator.native.features import PRODUCTS
from uniad_desktop.simulator.parts import PRODUCTS as DRAWN_PRODUCTS
from uniad_desktop.simulator.ring import PartRing, PartTag

WAIT_S = 20.0


def eventually(condition: Callable[[], object]) -> bool:
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Drawn:
    image: np.ndarray
    defect: str | None


class Renderer:
    """Stands in for the real one: quick, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def __call__(self, product, seed, *, defect_rate, light=1.0, size=(960, 720)):
        self.asked.append((product, seed, defect_rate, light))
        image = np.full((size[1], size[0], 3), seed % 251, np.uint8)
        return Drawn(image, "scratch" if defect_rate > 0.5 else None)


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[PartRing]:
    made = PartRing.create(tmp_path / "SIM0001.ring", product="fabric", defect_rate=20.0, seed=3)
    yield made
    made.close()


def change(ring: PartRing, **values: float) -> None:
    """What the camera does when one of its Simulation features is written."""
    for name, value in values.items():
        ring._header[name] = value
    ring._header["generation"] += 1


def take(ring: PartRing) -> None:
    """What the camera does when a part has passed."""
    ring._header["tail"] += 1


def test_the_product_keys_are_those_of_the_renderer():
    assert PRODUCTS == DRAWN_PRODUCTS


def test_ring_begins_with_what_was_asked_for(ring):
    settings = ring.settings()
    assert (settings.product, settings.defect_rate, settings.seed) == ("fabric", 20.0, 3)
    assert (ring.width, ring.height, ring.parts_shown(), ring.shown()) == (960, 720, 0, [])
    assert ring.newest() is None


def test_ring_takes_as_many_parts_as_it_has_slots(ring):
    image = np.zeros((720, 960, 3), np.uint8)
    for number in range(4):
        assert ring.has_free_slot()
        ring.push(image, PartTag(1, "label", number, 2**63 + number, "misprint"))
    assert not ring.has_free_slot()
    assert ring.newest() == PartTag(1, "label", 3, 2**63 + 3, "misprint")
    with pytest.raises(ValueError, match="no free slot"):
        ring.push(image, PartTag(1, "label", 4, 0, ""))
    take(ring)
    assert ring.has_free_slot()


def test_ring_refuses_a_picture_of_another_size(ring):
    with pytest.raises(ValueError, match="does not fit"):
        ring.push(np.zeros((72, 96, 3), np.uint8), PartTag(1, "label", 0, 0, ""))


def test_what_is_no_ring_is_refused(tmp_path):
    path = tmp_path / "SIM0001.ring"
    for content in (b"x", b"x" * 10_000):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="no ring"):
            PartRing(path)


def test_feeder_fills_the_ring_in_order_and_then_waits(ring):
    render = Renderer()
    feeder = LineFeeder(ring, render)
    assert [feeder.step() for _ in range(5)] == [True] * 4 + [False]
    assert render.asked == [("fabric", part_seed(3, n), 0.2, 1.0) for n in range(4)]


def test_feeder_follows_new_settings_from_the_part_that_is_due(ring):
    render = Renderer()
    feeder = LineFeeder(ring, render)
    feeder.step()
    take(ring)
    change(ring, product=1, defect_rate=100.0, first_part=1)
    feeder.step()
    assert render.asked[-1] == ("label", part_seed(3, 1), 1.0, 1.0)
    assert ring.newest() == PartTag(2, "label", 1, part_seed(3, 1), "scratch")


def test_feeder_that_was_restarted_goes_on_where_the_former_ended(ring):
    former = LineFeeder(ring, Renderer())
    former.step()
    former.step()
    take(ring)
    LineFeeder(ring, Renderer()).step()
    assert ring.newest().number == 2


def test_parts_of_a_seed_differ_and_those_of_two_seeds_too():
    seeds = {part_seed(seed, number) for seed in range(4) for number in range(500)}
    assert len(seeds) == 2000
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_lighting_drifts_with_the_number_of_the_part(ring):
    change(ring, lighting_drift=-20.0)
    settings = ring.settings()
    assert light_at(settings, 0) == 1.0
    assert light_at(settings, 1000) == pytest.approx(0.8)
    assert light_at(settings, 10**6) == pytest.approx(0.1), "never black"


@pytest.fixture
def started() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(seed=5) as simulated:
        yield simulated


def feeder_process(simulated: SimulatedCamera) -> psutil.Process:
    found = [
        child
        for child in psutil.Process().children()
        if str(simulated.folder) in " ".join(child.cmdline())
    ]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def fed(started: SimulatedCamera) -> Iterator[PartRing]:
    """The ring of a running simulation, after the feeder has filled it."""
    ring = PartRing(started.folder / "SIM0001.ring")
    assert eventually(lambda: not ring.has_free_slot())
    yield ring
    ring.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to whole consoles only")
def test_a_signal_from_the_keyboard_does_not_end_the_feeder(started, fed, caplog):
    first = feeder_process(started)
    first.send_signal(signal.SIGINT)
    take(fed)
    assert eventually(lambda: not fed.has_free_slot())
    assert feeder_process(started).pid == first.pid
    assert caplog.text == ""


def test_a_dead_feeder_is_replaced(started, fed, caplog):
    first = feeder_process(started)
    first.kill()
    take(fed)
    assert eventually(lambda: not fed.has_free_slot())
    assert fed.newest().number == 4
    assert feeder_process(started).pid != first.pid
    assert "started again" in caplog.text


def test_closing_ends_the_feeder_and_removes_the_folder():
    simulated = SimulatedCamera(devices=2)
    with pytest.raises(SimulatorError, match="not been started"):
        _ = simulated.environment
    simulated.start()
    simulated.start()
    folder, feeder = simulated.folder, feeder_process(simulated)
    assert sorted(p.name for p in folder.glob("*.ring")) == ["SIM0001.ring", "SIM0002.ring"]
    assert simulated.environment == {
        "UNIAD_SIMCAM_FOLDER": str(folder),
        "UNIAD_SIMCAM_DEVICES": "2",
    }
    simulated.close()
    simulated.close()
    assert not feeder.is_running()
    assert not folder.exists()


def test_a_given_folder_is_kept_with_what_else_is_in_it(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with SimulatedCamera(tmp_path) as simulated:
        assert simulated.folder == tmp_path
        assert (tmp_path / "SIM0001.ring").exists()
    assert [p.name for p in tmp_path.glob("*.*")] == ["notes.txt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_nothing_is_left_when_the_parent_is_killed(tmp_path):
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        from uniad_desktop.simulator.camera import SimulatedCamera
        simulated = SimulatedCamera()
        simulated.start()
        Path(sys.argv[1]).write_text(f"{simulated._feeder._process.pid} {simulated.folder}")
        time.sleep(60)
    """)
    said = tmp_path / "said"
    parent = subprocess.Popen([sys.executable, "-c", program, str(said)])
    try:
        assert eventually(lambda: said.exists() and len(said.read_text().split()) == 2)
        pid, folder = said.read_text().split()
        assert psutil.pid_exists(int(pid))
    finally:
        parent.kill()
        parent.wait()
    assert eventually(lambda: not psutil.pid_exists(int(pid)))
    assert Path(folder).exists()
    with SimulatedCamera():
        assert not Path(folder).exists(), "the next simulation tidies up"


def test_feeder_loads_neither_torch_nor_qt():
    program = (
        "import sys, uniad_desktop.simulator.feeder, uniad_desktop.simulator.parts;"
        "print([m for m in ('torch', 'PySide6', 'timm', 'harvesters') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"devices": 0}, "1 to 16"),
        ({"product": "bottle"}, "flange, label, fabric, board"),
        ({"defect_rate": 101.0}, "0 and 100 percent"),
        ({"frame_rate": 1000.0}, "0.1 to 200"),
    ],
)
def test_bad_wishes_are_answered_in_a_sentence(arguments, said):
    with pytest.raises(SimulatorError, match=said):
        SimulatedCamera(**arguments)


def test_no_space_is_a_sentence(monkeypatch, tmp_path):
    def no_space(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_space, raising=False)
    with pytest.raises(SimulatorError, match=r"no place .* No space left"):
        SimulatedCamera(tmp_path).start()
    assert not list(tmp_path.glob("SIM*"))


def test_producer_is_recognised(tmp_path):
    assert is_simulated_producer(producer_path())
    other = tmp_path / "vendor.cti"
    other.write_bytes(b"\x7fELF")
    assert not is_simulated_producer(other)
    assert not is_simulated_producer(tmp_path / "missing.cti")


def test_an_outdated_producer_is_built_again(monkeypatch, tmp_path):
    built: list[Path] = []
    monkeypatch.setattr(camera_module, "source_hash", lambda: "0123456789abcdef")
    monkeypatch.setattr(camera_module, "_is_checkout", lambda _package: False)
    monkeypatch.setattr(
        camera_module, "compile_producer", lambda target: built.append(target) or "cc"
    )
    path = producer_path()
    assert built == [path]
    assert tmp_path in path.parents, "into the cache of the user"


def test_the_line_tells_when_the_first_part_is_drawn(tmp_path):
    line = SimulatedCamera(tmp_path, devices=2, seed=1)
    with line:
        first, second = (line._rings[serial] for serial in line.serials)
        assert eventually(lambda: line.has_parts)
        assert first.newest() is not None and second.newest() is not None
