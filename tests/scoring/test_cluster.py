from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from tests.scoring.helpers import jobs_of, write_image
from uniad_desktop.engine.package import open_package
from uniad_desktop.inspection.types import Verdict
from uniad_desktop.scoring.cluster import (
    ChunkScorer,
    ClusterSettings,
    _cause,
    score_on_cluster,
)
from uniad_desktop.scoring.job import ScoringError
from uniad_desktop.scoring.result_file import read_results

LIMIT_S = 110


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return make_tiny_package(tmp_path_factory.mktemp("models"))


def test_a_chunk_is_judged_in_order_and_its_errors_stay(model, tmp_path):
    paths = [write_image(tmp_path / f"{number}.png", 128, (80, 60)) for number in range(7)]
    paths[3].write_bytes(b"nothing")
    files = {file.name: file.read_bytes() for file in model.iterdir()}
    for batch in (1, 3):
        settings = ClusterSettings(runtime="torch", device="cpu", batch=batch)
        scorer = ChunkScorer(files, "tiny", "0.0.1", settings)
        try:
            lines = scorer.score_chunk(jobs_of(*paths))
            assert scorer.score_chunk([]) == []
        finally:
            scorer.close()
        assert [one.path for one in lines] == [str(path) for path in paths]
        assert [one.verdict for one in lines].count(Verdict.ERROR) == 1
        assert lines[3].error and lines[3].verdict is Verdict.ERROR
        assert lines[0].model_sha256 == open_package(model).identity.sha256


def test_without_ray_it_says_what_to_install(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    steps = score_on_cluster(jobs_of(tmp_path / "a.png"), open_package(model), ClusterSettings())
    with pytest.raises(ScoringError, match=r"uniad-desktop\[ray\]"):
        next(steps)


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
@pytest.mark.skipif(sys.platform == "win32", reason="Ray on Windows is a beta")
def test_two_actors_give_what_one_process_gives(model, tmp_path):
    """In a process of its own: Ray leaves threads and sockets behind in the one that uses it."""
    folder = tmp_path / "pictures"
    for number in range(50):
        write_image(folder / f"{number}.png", 2 * number, (80, 60))
    (folder / "13.png").write_bytes(b"nothing")
    given = [sys.executable, "-m", "uniad_desktop", "score", str(folder), "--product", "flange"]
    given += ["--model", str(model), "--runtime", "torch", "--device", "cpu"]
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    # Ray's sockets need a short path; its token for this cluster goes into the home folder.
    short = tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True)
    environment = {**os.environ, "RAY_TMPDIR": short.name, "HOME": str(tmp_path)}
    with short:
        _both(given, here, there, environment)
    first, second = read_results(here), read_results(there)
    assert [one.path for one in first] == [one.path for one in second]
    for one, other in zip(first, second, strict=True):
        assert (one.verdict, one.sha256, one.error) == (other.verdict, other.sha256, other.error)
        if one.raw_score is not None:
            assert other.raw_score == pytest.approx(one.raw_score, rel=1e-4)


def _both(given: list[str], here: Path, there: Path, environment: dict[str, str]) -> None:
    for out, more in ((here, []), (there, ["--actors", "2", "--ray", "local"])):
        done = subprocess.run(
            [*given, "--out", str(out), *more],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
    assert "2 models" in done.stderr and "1 ERROR" in done.stderr


def test_what_an_actor_died_of_is_named():
    told = 'The actor died, \x1b[36mX()\x1b[39m\n  File "x.py", line 3\nDetectorError: no GPU.\n'
    assert _cause(RuntimeError(told)) == "DetectorError: no GPU"
    assert _cause(ConnectionError("not there.\nmore")) == "not there"
    assert _cause(TimeoutError()) == "TimeoutError"
