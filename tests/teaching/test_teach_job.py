"""A teaching in a process of its own, and what is left of it when it is killed."""

import os
import subprocess
import sys
import time

import pytest
import torch

from tests.teaching.test_teach import package, parts  # noqa: F401 - the fixture
from uniad_desktop.cli import main
from uniad_desktop.engine.package import open_package
from uniad_desktop.teaching import teach_job
from uniad_desktop.teaching.activation import active_version
from uniad_desktop.teaching.teach_job import (
    JobError,
    LossPoint,
    Stage,
    TeachJob,
    discard_job,
    dismiss_result,
    is_teaching,
    last_result,
    teach_arguments,
    unfinished_job,
)
from uniad_desktop.teaching.teach_record import one_at_a_time

LONGEST_S = 100.0

# Kills its own process at a moment, as a power cut would.
KILLER = """
import os, signal, sys
from dataclasses import replace
import uniad_desktop.engine.package as package_module
import uniad_desktop.training.row_file as row_file
from uniad_desktop.teaching import teach as teach_module
from uniad_desktop.cli import main

moment = sys.argv[1]
real_settings, real_write, real_train = (
    teach_module.teach_settings, row_file._write, teach_module.train_network
)
def die(): os.kill(os.getpid(), signal.SIGKILL)
# A checkpoint after every step, and nothing else is other than in a real run.
teach_module.teach_settings = lambda *given: replace(real_settings(*given), save_every_s=0.0)
if moment == "features":
    written = []
    def write(file, data):
        written.append(1)
        if len(written) == 3:
            file.write(data[: len(data) // 2])
            die()
        real_write(file, data)
    row_file._write = write
elif moment == "training":
    def train(*given, report, **more):
        def told(step, loss, rate):
            report(step, loss, rate)
            if step == 3: die()
        return real_train(*given, report=told, **more)
    teach_module.train_network = train
elif moment == "package":
    models = sys.argv[2]
    real_fsync = os.fsync
    def fsync(number):
        real_fsync(number)
        place = os.readlink(f"/proc/self/fd/{number}")
        if place.startswith(models) and "/.writing-" in place: die()
    os.fsync = fsync
main(sys.argv[3:])
"""


@pytest.fixture
def place(tmp_path, package, monkeypatch):  # noqa: F811
    """A data folder that holds the package, and a folder of 24 good parts."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "models").rename(data / "models")
    parts(tmp_path / "good", 24)
    monkeypatch.chdir(tmp_path)
    return data


def arguments(*more):
    return teach_arguments("tiny", "bolt", who="eve", more=("good", "--steps=6", *more))


def finished(job):
    """The last state of a job."""
    deadline = time.monotonic() + LONGEST_S
    while job.beat().running:
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)
    job.close()
    return job.state


@pytest.fixture
def whole(place):
    """The weights of a teaching that nothing happened to; nothing else is left of it."""
    words = ["teach", *arguments("--run=whole"), "--events", f"--data-dir={place}"]
    assert main(words) == 0
    folder = last_result(place).package
    weights = open_package(folder).weights()
    dismiss_result(place)
    folder.rename(place.parent / "whole-package")
    return weights


def test_a_job_tells_its_stages_curves_and_result(place):
    assert unfinished_job(place) is None
    job = TeachJob(arguments("--augment=1"), place)
    assert (job.state.product, job.state.model, job.state.running) == ("bolt", "tiny", True)
    state = finished(job)
    assert (state.problem, state.stopped, state.running) == ("", False, False)
    assert [one.stage for one in state.stages] == list(Stage)
    assert all(one.fraction == 1.0 and one.seconds is not None for one in state.stages)
    assert (state.step, state.steps, state.version) == (6, 6, "1.0.0")
    assert [one.step for one in state.losses] == [0, 6]
    result = state.result
    assert (result.version, result.former, result.product) == ("1.0.1", "1.0.0", "bolt")
    assert [one.key for one in result.checks] == ["old", "bolt"]
    assert result.limit > 0 and result.package.is_dir() and result.who == "eve"
    assert last_result(place) == result
    assert unfinished_job(place) is None and not is_teaching(place)
    assert active_version(place, "tiny").version == "1.0.0"
    assert not list((place / "runs").iterdir())


@pytest.mark.timeout(300)  # three processes load torch one after the other
@pytest.mark.skipif(sys.platform != "linux", reason="kill -9 and /proc")
@pytest.mark.parametrize("moment", ["features", "training", "package"])
def test_a_killed_teaching_goes_on_to_the_same_weights(place, whole, moment, tmp_path):
    command = [sys.executable, "-c", KILLER, moment, str(place / "models")]
    # The features of the first run would leave nothing to compute.
    words = ["teach", *arguments(f"--cache={tmp_path / 'cache'}"), "--events"]
    killed = subprocess.run(
        [*command, *words, f"--data-dir={place}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr.decode()
    active = active_version(place, "tiny")
    assert open_package(place / "models" / "tiny" / active.version).identity.sha256 == active.sha256
    assert active.version == "1.0.0" and not (place / "models" / "tiny" / "1.0.1").exists()
    job = unfinished_job(place)
    assert (job.record.product, job.record.who, job.running) == ("bolt", "eve", False)
    os.chdir(place)  # it goes on from anywhere
    if moment == "training":
        state = finished(TeachJob.go_on(job, place))
        assert state.result is not None, state.problem
        assert state.losses == state.result.losses
    else:
        words = ["teach", *job.record.arguments, "--events", f"--data-dir={place}"]
        assert main(words) == 0
    result = last_result(place)
    assert [one.step for one in result.losses] == [0, 6]
    weights = open_package(result.package).weights()
    assert all(torch.equal(whole[name], weights[name]) for name in whole)
    assert unfinished_job(place) is None


def test_a_cancelled_teaching_is_kept_and_can_be_discarded(place):
    job = TeachJob(arguments("--steps=100000"), place)
    deadline = time.monotonic() + LONGEST_S
    while job.beat().step < 5:
        assert job.state.running and time.monotonic() < deadline, job.state.problem
        time.sleep(0.02)
    assert job.state.stage is Stage.TRAINING and job.state.losses[0].step == 0
    with pytest.raises(JobError, match="'bolt' is being taught"):
        TeachJob(arguments(), place)
    job.cancel()
    state = finished(job)
    assert state.stopped and state.result is None and state.problem == ""
    job = unfinished_job(place)
    checkpoint = job.record.run / "checkpoint.pt"
    assert checkpoint.is_file()
    discard_job(place)
    assert unfinished_job(place) is None and not checkpoint.exists()


def test_a_failure_is_its_sentence_and_leaves_nothing_to_go_on_from(place):
    for path in list((place.parent / "good").iterdir())[5:]:
        path.unlink()
    state = finished(TeachJob(arguments(), place))
    assert "5 normal parts are too few" in state.problem
    assert unfinished_job(place) is None and last_result(place) is None


class FakeRun:
    """A process that says what a test wants."""

    def __init__(self, command, log=None):
        self.command, self.said = command, []
        self.running, self.stopped, self.code, self.last_words = True, False, None, ""

    def lines(self):
        said, self.said = self.said, []
        return said

    def stop(self):
        self.stopped = True

    def close(self):
        self.running = False


@pytest.fixture
def job(monkeypatch, tmp_path):
    monkeypatch.setattr(teach_job, "CommandRun", FakeRun)
    now = [0.0]
    made = TeachJob(("tiny", "bolt"), tmp_path, clock=lambda: now[0])
    made.now = now
    return made


def test_a_stage_s_seconds_go_on_while_nothing_is_said(job):
    job._run.said = ['{"event": "stage", "stage": "features"}', "Downloading…", '{"no": 1}']
    job.beat()
    job.now[0] = 4.0
    assert job.beat().progress(Stage.FEATURES).seconds == 4.0
    job._run.said = [
        '{"event": "features", "done": 1, "count": 4}',
        '{"event": "loss", "step": 3, "new": 0.5, "former": null}',
    ]
    assert job.beat().progress(Stage.FEATURES).fraction == 0.25
    assert job.state.losses == (LossPoint(3, 0.5, None),)
    job._run.said = [
        '{"event": "stage", "stage": "training"}',
        '{"event": "training", "step": 2, "steps": 4, "fraction": 0.5, "rate": 1, "eta_s": 2.0}',
    ]
    state = job.beat()
    assert state.progress(Stage.FEATURES).fraction == 1.0
    assert (state.stage, state.step, state.steps, state.eta_s) == (Stage.TRAINING, 2, 4, 2.0)


@pytest.mark.parametrize(
    ("code", "words", "sentence"),
    [(-9, "", "ended from outside"), (1, "a\nRuntimeError: odd", "It last said: RuntimeError")],
)
def test_an_end_without_a_word_is_a_problem(job, code, words, sentence):
    job._run.running, job._run.code, job._run.last_words = False, code, words
    state = job.beat()
    assert sentence in state.problem and not state.running and not state.stopped
    assert job.beat() == state


def test_an_end_that_was_asked_for_is_none(job):
    job.cancel()
    job._run.running, job._run.code = False, -9
    assert job.beat().stopped and job.state.problem == ""


def test_what_cannot_be_understood_is_said(job):
    job._run.said = ['{"event": "done"}']
    assert "cannot be understood" in job.beat().problem


def test_no_process_and_a_running_teaching_are_sentences(tmp_path, monkeypatch):
    def none(command, log=None):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(teach_job, "CommandRun", none)
    with pytest.raises(JobError, match="could not be started: Cannot allocate memory"):
        TeachJob(("tiny", "bolt"), tmp_path)
    with one_at_a_time(tmp_path), pytest.raises(JobError, match="is being taught at the moment"):
        TeachJob(("tiny", "bolt"), tmp_path)
