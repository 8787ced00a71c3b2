"""Which version is active: on record, one step back, and whole after a power cut at any step."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.helpers import make_tiny_package
from uniad_desktop.app import open_model
from uniad_desktop.engine.package import PackageError, open_package
from uniad_desktop.engine.package_copy import write_next
from uniad_desktop.station_options import StationOptions
from uniad_desktop.teaching import activation
from uniad_desktop.teaching.activation import (
    LOG,
    STATE,
    ActivationError,
    activate,
    active_version,
    history,
    open_active,
    roll_back,
    verify,
)
from uniad_desktop.teaching.activation_log import Kind


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    models = tmp_path_factory.mktemp("made") / "models"
    package = open_package(make_tiny_package(models))
    for what in ("a limit", "another limit"):
        package = write_next(package, models, note={"what": what})
    return models.parent


@pytest.fixture
def data(made, tmp_path):
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def version(data, number):
    return open_package(data / "models" / "tiny" / f"0.0.{number}")


def act(data, number, why="for a test", **more):
    return activate(data, version(data, number), who="Ann", why=why, **more)


def back(data):
    return roll_back(data, "tiny", who="Bob", why="worse")


def opened(data, model="tiny"):
    return open_model(StationOptions(camera="", data_folder=data, model=model)).identity.version


def damage(data, number):
    path = data / "models" / "tiny" / f"0.0.{number}" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def log_of(data):
    return data / "models" / "tiny" / LOG


def state_of(data):
    return data / "models" / "tiny" / STATE


def test_without_an_activation_the_newest_is_used(data):
    assert active_version(data, "tiny") is None and open_active(data, "tiny") is None
    assert history(data, "tiny") == () and verify(data, "tiny").intact
    assert opened(data) == "0.0.3" and opened(data, "tiny@0.0.2") == "0.0.2"


def test_the_active_version_is_used_and_on_record(data):
    state = act(data, 1, why="older\nis  better", override=True)
    assert state == active_version(data, "tiny")
    assert (state.version, state.sha256) == ("0.0.1", version(data, 1).identity.sha256)
    assert (state.who, state.why, state.override) == ("Ann", "older is better", True)
    assert state.since.endswith("+00:00")
    assert opened(data) == "0.0.1"
    assert opened(data, "tiny@0.0.3") == "0.0.3"
    assert opened(data, str(data / "models" / "tiny" / "0.0.2")) == "0.0.2"
    (entry,) = history(data, "tiny")
    assert (entry.number, entry.kind, entry.who) == (1, Kind.ACTIVATE, "Ann")
    assert (entry.from_version.version, entry.to_version.version) == ("0.0.3", "0.0.1")
    assert entry.override and entry.to_version.sha256 == state.sha256
    assert act(data, 1) == state and len(history(data, "tiny")) == 1  # it is active already


def test_rolling_back_goes_one_step_each_time(data):
    for number in (1, 2, 3):
        act(data, number)
    assert back(data).version == "0.0.2" and opened(data) == "0.0.2"
    assert back(data).version == "0.0.1"
    with pytest.raises(ActivationError, match=r"no former version of 'tiny'.*0\.0\.1 stays active"):
        back(data)
    kinds = [entry.kind.value for entry in history(data, "tiny")]
    assert kinds == ["activate"] * 3 + ["roll-back"] * 2
    assert verify(data, "tiny").sentence == "The log is as it was written: 5 lines."


def test_the_first_activation_can_be_taken_back_to_what_was_in_use(data):
    act(data, 1)
    assert back(data).version == "0.0.3"


def test_rolling_back_passes_over_what_is_damaged_or_gone(data):
    for number in (1, 2, 3):
        act(data, number)
    damage(data, 2)
    assert back(data).version == "0.0.1"
    assert "0.0.2 was passed over" in history(data, "tiny")[-1].note
    shutil.rmtree(data / "models" / "tiny" / "0.0.3")
    assert opened(data) == "0.0.1"


def test_a_rewritten_former_version_is_not_taken_for_the_former_one(data):
    act(data, 1)
    act(data, 3)
    again = write_next(version(data, 2), data / "models", note={}, version="0.0.1", replace=True)
    assert again.identity.version == "0.0.1"
    with pytest.raises(ActivationError, match="another package than the one of that version"):
        back(data)
    assert opened(data) == "0.0.3"


@pytest.mark.parametrize("how", ["damaged", "gone", "replaced"])
def test_an_active_version_that_cannot_be_used_is_never_replaced_in_silence(data, how):
    act(data, 1)
    act(data, 2)
    folder = data / "models" / "tiny" / "0.0.2"
    if how == "damaged":
        damage(data, 2)
    elif how == "gone":
        shutil.rmtree(folder)
    else:
        write_next(version(data, 1), data / "models", note={}, version="0.0.2", replace=True)
    with pytest.raises(PackageError) as raised:
        opened(data)
    assert "'tiny' is 0.0.2" in str(raised.value)
    assert "`uniad-desktop versions rollback tiny" in str(raised.value)
    assert back(data).version == "0.0.1" and opened(data) == "0.0.1"


def test_what_is_refused_changes_nothing(data, tmp_path):
    act(data, 1)
    before = state_of(data).read_bytes(), log_of(data).read_bytes()
    package = version(data, 2)
    elsewhere = open_package(make_tiny_package(tmp_path / "elsewhere", version="9.0.0"))
    for who, why in (("", "x"), ("x", " \n"), ("x" * 201, "x"), ("x", "x" * 2001)):
        with pytest.raises(ActivationError, match=r"wh[oy]"):
            activate(data, package, who=who, why=why)
    with pytest.raises(ActivationError, match="versions import"):
        activate(data, elsewhere, who="Ann", why="x")
    damage(data, 2)
    with pytest.raises(PackageError, match="SHA-256 differs"):
        activate(data, package, who="Ann", why="x")
    assert (state_of(data).read_bytes(), log_of(data).read_bytes()) == before


def test_a_folder_that_holds_another_version_is_refused(data):
    (data / "models" / "tiny" / "0.0.2").rename(data / "models" / "tiny" / "0.0.9")
    with pytest.raises(PackageError, match=r"holds tiny 0\.0\.2, not tiny 0\.0\.9"):
        opened(data, "tiny@0.0.9")
    package = open_package(data / "models" / "tiny" / "0.0.9")
    with pytest.raises(ActivationError, match="no folder of version"):
        activate(data, package, who="Ann", why="x")


def test_a_shipped_version_can_be_active(data, tmp_path, monkeypatch):
    shipped = tmp_path / "shipped"
    make_tiny_package(shipped, version="0.0.0")
    monkeypatch.setattr("uniad_desktop.engine.shipped.shipped_models", lambda: shipped)
    activate(data, open_package(shipped / "tiny" / "0.0.0"), who="Ann", why="as it came")
    assert opened(data) == "0.0.0"
    assert not (data / "models" / "tiny" / "0.0.0").exists()
    act(data, 1)
    assert back(data).version == "0.0.0"


def test_names_and_versions_that_are_none(data):
    assert active_version(data, "../tiny") is None
    with pytest.raises(ActivationError, match="no model named"):
        history(data, "../tiny")
    with pytest.raises(PackageError, match=r"no version '7'.*0\.0\.3, 0\.0\.2, 0\.0\.1"):
        opened(data, "tiny@7")
    with pytest.raises(ActivationError, match="No version of 'tiny' was ever activated"):
        back(data)


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("word", [b'"who":"Ann"', b'"former_line":"', b'"number":'])
def test_a_changed_line_is_told(data, line, word):
    for number in (1, 2, 3):
        act(data, number)
    lines = log_of(data).read_bytes().splitlines(keepends=True)
    at = lines[line - 1].index(word) + len(word) - 2
    lines[line - 1] = lines[line - 1][:at] + b"x" + lines[line - 1][at + 1 :]
    log_of(data).write_bytes(b"".join(lines))
    check = verify(data, "tiny")
    assert check.first_changed == line and f"line {line} is the first" in check.sentence
    back(data)  # is never kept from going back, and what was changed still shows
    assert verify(data, "tiny").first_changed == line
    assert opened(data) == "0.0.2"


@pytest.mark.parametrize(("gone", "first"), [(0, 1), (1, 2), (2, 3)])
def test_a_line_that_was_taken_out_is_told(data, gone, first):
    for number in (1, 2, 3):
        act(data, number)
    lines = log_of(data).read_bytes().splitlines(keepends=True)
    del lines[gone]
    log_of(data).write_bytes(b"".join(lines))
    assert verify(data, "tiny").first_changed == first
    act(data, 1)
    assert verify(data, "tiny").first_changed == first


def test_a_resealed_line_is_told_by_the_next_one(data):
    from uniad_desktop.teaching import activation_log

    for number in (1, 2, 3):
        act(data, number)
    for position, expected in ((0, 1), (2, 3)):
        whole = log_of(data).read_bytes()
        lines = whole.splitlines(keepends=True)
        values = json.loads(lines[position])
        values.pop("sha256")
        lines[position] = activation_log._sealed({**values, "who": "Eve"}) + b"\n"
        log_of(data).write_bytes(b"".join(lines))
        assert verify(data, "tiny").first_changed == expected
        log_of(data).write_bytes(whole)


@pytest.mark.parametrize("left", [b'{"former_line":"00', b"\0" * 300, b"\0" * 299 + b"\n"])
def test_a_torn_last_line_is_set_aside(data, left):
    act(data, 1)
    with log_of(data).open("ab") as file:
        file.write(left)
    assert "A power cut tore the last line" in verify(data, "tiny").sentence
    assert opened(data) == "0.0.1"
    act(data, 2)
    assert verify(data, "tiny").sentence == "The log is as it was written: 2 lines."
    (aside,) = log_of(data).parent.glob("activations.torn-*.jsonl")
    assert aside.read_bytes() == left


def test_a_last_line_without_its_end_is_whole(data):
    act(data, 1)
    log_of(data).write_bytes(log_of(data).read_bytes().removesuffix(b"\n"))
    act(data, 2)
    assert verify(data, "tiny").intact and len(history(data, "tiny")) == 2
    assert not list(log_of(data).parent.glob("*torn*"))


@pytest.mark.parametrize("how", ["gone", "damaged", "newer", "of another"])
def test_a_lost_state_is_said_and_a_version_can_be_chosen(data, how):
    act(data, 1)
    act(data, 2)
    if how == "gone":
        state_of(data).unlink()
    elif how == "damaged":
        state_of(data).write_bytes(b"\0" * 100)
    else:
        values = json.loads(state_of(data).read_bytes())
        values.update({"schema_version": 2} if how == "newer" else {"name": "other"})
        state_of(data).write_text(json.dumps(values))
    with pytest.raises(ActivationError, match="versions activate tiny VERSION"):
        opened(data)
    with pytest.raises(ActivationError, match="versions activate tiny VERSION"):
        back(data)
    act(data, 3)
    assert opened(data) == "0.0.3"
    assert verify(data, "tiny").intact and len(history(data, "tiny")) == 3
    assert len(list(state_of(data).parent.glob("active.broken-*.json"))) == (how != "gone")
    assert back(data).version == "0.0.2"


def test_a_full_disk_leaves_the_former_version(data, monkeypatch):
    act(data, 1)
    real = os.fsync

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ActivationError, match=r"No space left.*stays active"):
        act(data, 2)
    monkeypatch.setattr(os, "fsync", real)
    assert opened(data) == "0.0.1" and len(history(data, "tiny")) == 1
    monkeypatch.setattr(activation, "write_durably", lambda *_: full(0))
    with pytest.raises(ActivationError, match="No space left"):
        act(data, 2)
    monkeypatch.undo()
    assert opened(data) == "0.0.1"
    assert "Line 2 was interrupted" in verify(data, "tiny").sentence
    act(data, 2)
    kinds = [entry.kind.value for entry in history(data, "tiny")]
    assert kinds == ["activate", "activate", "interrupted", "activate"]
    assert verify(data, "tiny").intact and opened(data) == "0.0.2"


def test_two_at_a_time_wait_for_each_other(data, monkeypatch):
    import filelock

    monkeypatch.setattr(activation, "_LOCK_WAIT_S", 0.05)
    with (
        filelock.FileLock(data / "models" / "tiny" / ".activation.lock"),
        pytest.raises(ActivationError, match="Another program"),
    ):
        act(data, 1)


CHILD = """
    import os, pathlib, sys
    from uniad_desktop.engine.package import open_package
    from uniad_desktop.teaching.activation import activate
    data, number, dies_at = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    steps = 0
    def step():
        global steps
        steps += 1
        if steps == dies_at:
            os._exit(9)
    def watched(real):
        def run(*given):
            step()
            got = real(*given)
            step()
            return got
        return run
    os.fsync = watched(os.fsync)
    pathlib.Path.replace = watched(pathlib.Path.replace)
    package = open_package(data / "models" / "tiny" / f"0.0.{number}")
    activate(data, package, who="Ann", why="power cut")
    print(steps)
"""


def activate_and_die(data, number, step):
    root = Path(__file__).parents[2]
    code = textwrap.dedent(CHILD)
    return subprocess.run(
        [sys.executable, "-c", code, str(data), str(number), str(step)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("first", [True, False])
def test_power_may_go_at_every_step(made, tmp_path, first):
    """A child dies before or after every flush and every rename of an activation."""
    step, seen = 0, set()
    while True:
        step += 1
        data = tmp_path / str(step)
        shutil.copytree(made, data)
        if not first:
            act(data, 1)
        ended = activate_and_die(data, 2, step)
        assert ended.returncode in {0, 9}, ended.stderr
        now = opened(data)
        seen.add(now)
        assert now in {"0.0.3" if first else "0.0.1", "0.0.2"}
        assert verify(data, "tiny").intact
        active = active_version(data, "tiny")
        recorded = {(e.to_version.version, e.number) for e in history(data, "tiny")}
        assert active is None or (active.version, active.number) in recorded
        act(data, 3)
        assert opened(data) == "0.0.3" and verify(data, "tiny").intact
        if ended.returncode == 0:
            assert now == "0.0.2" and step == int(ended.stdout) + 1
            break
    assert step > 8 and len(seen) == 2
