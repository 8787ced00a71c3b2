from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.scoring.helpers import jobs_of, write_image
from tests.scoring.test_header import enormous
from uniad_desktop.cameras.image_files import read_image
from uniad_desktop.scoring.decode import decode_file
from uniad_desktop.scoring.decode_pool import DecodePool
from uniad_desktop.scoring.job import ScoringError

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and names of POSIX")


@pytest.fixture
def pool():
    pools = []

    def make(*arguments, **named):
        pools.append(DecodePool(*arguments, **named))
        return pools[-1]

    yield make
    for one in pools:
        one.close()


def random_image(path: Path, size: tuple[int, int], *, grey: bool = False) -> Path:
    import cv2

    shape = (size[1], size[0]) if grey else (size[1], size[0], 3)
    image = np.random.default_rng(size[0]).integers(0, 255, shape, np.uint8)
    cv2.imwrite(str(path), image)
    return path


def test_order_pixels_and_growing_sizes(tmp_path, pool):
    paths = []
    for number in range(24):  # every slot is used several times, for small and large ones
        size = (700, 600) if number % 5 == 4 else (10 + number, 9)
        paths.append(random_image(tmp_path / f"{number}.png", size, grey=number % 3 == 0))
    seen = []
    for batch in pool(2, 3).batches(jobs_of(*paths)):
        assert 1 <= len(batch) <= 3
        for job, decoded in batch:
            expected = read_image(job.path)
            assert decoded.error == "" and len(decoded.sha256) == 64
            assert np.array_equal(decoded.image, expected)
            assert (decoded.height, decoded.width) == expected.shape[:2]
            seen.append(job.number)
    assert seen == list(range(24))


def test_bad_files_are_sentences_in_their_place(tmp_path, pool):
    good = write_image(tmp_path / "零件.png")
    jpeg = write_image(tmp_path / "cut.jpg", size=(64, 64))
    jpeg.write_bytes(jpeg.read_bytes()[:-40])
    png = random_image(tmp_path / "cut.png", (64, 64))
    png.write_bytes(png.read_bytes()[:-200])
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "folder.png").mkdir()
    write_image(tmp_path / "dot.png", size=(1, 1))
    paths = [tmp_path / "none.png", tmp_path / "folder.png"]
    paths += [good, jpeg, png, tmp_path / "empty.png", tmp_path / "text.png", tmp_path / "dot.png"]
    for kind in ("png", "jpg", "bmp", "tif"):
        paths.append(tmp_path / f"huge.{kind}")
        paths[-1].write_bytes(enormous(kind))
    found = [one for batch in pool(1).batches(jobs_of(*paths, good)) for one in batch]
    assert [job.path for job, _ in found] == [*paths, good]
    errors = {job.path.name: decoded.error for job, decoded in found}
    assert errors["零件.png"] == ""
    for name, words in {
        "none.png": "No such file",
        "folder.png": "is no file",
        "cut.jpg": "cut off",
        "cut.png": "cut off",
        "empty.png": "is empty",
        "text.png": "is no PNG",
        "dot.png": "1 x 1 pixels",
        "huge.png": "30000 x 30000",
        "huge.jpg": "30000 x 30000",
        "huge.bmp": "30000 x 30000",
        "huge.tif": "30000 x 30000",
    }.items():
        assert words in errors[name] and name in errors[name], errors[name]


@posix
def test_pipes_loops_and_names_that_are_no_text(tmp_path, pool):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/part\xff.png"))
    odd.write_bytes(write_image(tmp_path / "x.png").read_bytes())
    paths = (tmp_path / "pipe.png", tmp_path / "loop.png", odd)
    pipe, loop, strange = [
        decoded.error for batch in pool(1).batches(jobs_of(*paths)) for _, decoded in batch
    ]
    assert "is no file" in pipe and "cannot be read" in loop and strange == ""
    odd.write_bytes(b"")
    assert "part\\xff.png is empty" in decode_file(odd).error.replace("udc", "x")


@posix
def test_a_process_that_dies_costs_one_image(tmp_path, pool):
    paths = [write_image(tmp_path / f"{number}.png") for number in range(12)]
    decoding = pool(1)
    errors = []
    for batch in decoding.batches(jobs_of(*paths)):
        if not errors:  # it may have more to do already, or not yet
            os.kill(decoding._readers[0]._process.pid, signal.SIGKILL)
        errors += [decoded.error for _, decoded in batch]
    bad = [error for error in errors if error]
    assert len(errors) == 12 and len(bad) <= 1
    assert all("SIGKILL" in error for error in bad)


@posix
def test_a_process_that_hangs_is_given_up(tmp_path, pool):
    paths = [write_image(tmp_path / f"{number}.png") for number in range(8)]
    decoding = pool(1, read_limit_s=1.0)
    errors = []
    stopped = False
    for batch in decoding.batches(jobs_of(*paths)):
        errors += [decoded.error for _, decoded in batch]
        if not stopped:
            stopped = True
            os.kill(decoding._readers[0]._process.pid, signal.SIGSTOP)
    assert len(errors) == 8
    assert all("not read within 1 s" in error for error in errors if error)


@posix
def test_a_drive_that_hangs_ends_it(tmp_path, pool, monkeypatch):
    paths = [write_image(tmp_path / f"{number}.png") for number in range(8)]
    decoding = pool(1, read_limit_s=0.5)
    with pytest.raises(ScoringError, match="does not answer any more"):
        for _ in decoding.batches(jobs_of(*paths)):
            for reader in decoding._readers:
                os.kill(reader._process.pid, signal.SIGSTOP)
            monkeypatch.setattr("uniad_desktop.scoring.decode_pool._Reader.hangs", _always)


def _always(reader, limit_s):
    return bool(reader.asked)


def test_processes_that_do_not_start(tmp_path, pool, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    decoding = pool(1)
    with pytest.raises(ScoringError, match="do not start"):
        list(decoding.batches(jobs_of(tmp_path / "a.png")))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(ScoringError, match="cannot be started"):
        pool(1)


def test_left_in_the_middle_nothing_stays(tmp_path, pool):
    paths = [write_image(tmp_path / f"{number}.png") for number in range(30)]
    decoding = pool(2)
    steps = decoding.batches(jobs_of(*paths))
    next(steps)
    processes = [reader._process for reader in decoding._readers]
    decoding.close()
    decoding.close()
    assert all(process.poll() is not None for process in processes)
