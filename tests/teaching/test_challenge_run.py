"""Challenge images from a folder, and their replay in a process of its own."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import pytest

from tests.teaching.parts import part_image
from uniad_desktop.teaching import challenge_run
from uniad_desktop.teaching.challenge import (
    ChallengeCase,
    ChallengeError,
    ChallengeResult,
    ChallengeSet,
    Label,
    Outcome,
)
from uniad_desktop.teaching.challenge_run import ChallengeReplay, add_files
from uniad_desktop.teaching.image_folder import StoreError
from uniad_desktop.teaching.products import ProductStore

LONGEST_S = 100.0


@pytest.fixture
def kept(tmp_path: Path) -> ChallengeSet:
    ProductStore(tmp_path).create("flange", {"en": "Flange"})
    return ChallengeSet(tmp_path, "flange")


def images(folder: Path, *seeds: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        data = cv2.imencode(".png", part_image(seed))[1]
        (folder / f"{seed}.png").write_bytes(data.tobytes())
    return folder


def finished(replay: ChallengeReplay):
    deadline = time.monotonic() + LONGEST_S
    try:
        while (result := replay.result()) is None:
            assert time.monotonic() < deadline, "it took too long"
            time.sleep(0.02)
    finally:
        assert replay.close()
    return result


def test_a_folder_is_kept_and_what_is_no_image_is_said(kept, tmp_path):
    folder = images(tmp_path / "good", 1, 2)
    assert add_files(kept, folder, Label.GOOD, who="eve") == ""
    (folder / "broken.png").write_bytes(b"no picture")
    said = add_files(kept, folder, Label.GOOD, who="eve")
    assert "1 image could not be read" in said and "broken.png" in said
    found = kept.images()
    assert len(found) == 2, "twice is once"
    assert {(one.who, Path(one.origin).name) for one in found} == {
        ("eve", "1.png"),
        ("eve", "2.png"),
    }
    with pytest.raises(ChallengeError, match="good"):
        add_files(kept, images(tmp_path / "bad", 2), Label.DEFECT, who="eve")
    with pytest.raises(StoreError, match="does not exist"):
        add_files(kept, tmp_path / "nowhere", Label.GOOD, who="eve")


class FakeRun:
    """A process that has ended."""

    def __init__(self, code: int | None, lines: list[str], sentence: str = "") -> None:
        self.code, self._lines, self.sentence = code, lines, sentence
        self.arguments: list[str] = []

    def lines(self) -> list[str]:
        said, self._lines = self._lines, []
        return said

    def close(self) -> bool:
        return True


def test_the_result_of_a_replay(kept, tmp_path, monkeypatch):
    kept.add(part_image(1), Label.DEFECT)
    case = ChallengeCase(id="1", label=Label.DEFECT, outcome=Outcome.PASS)
    told = ChallengeResult(
        product="flange",
        when="2026-11-26T06:00:00+00:00",
        model="tiny",
        model_version="1.0.0",
        model_sha256="a" * 64,
        runtime="torch cpu f32",
        accept=1.0,
        reject=1.0,
        images_sha256="b" * 64,
        cases=(case,),
    )
    lines = told.model_dump_json(indent=2).splitlines()
    run = FakeRun(None, lines[:4])

    def start(arguments: list[str]) -> FakeRun:
        run.arguments = arguments
        return run

    monkeypatch.setattr(challenge_run, "CommandRun", start)
    replay = ChallengeReplay(tmp_path, "tiny", "flange", who="eve", runtime="onnx")
    assert replay.result() is None
    run.code, run._lines = 1, lines[4:]  # one is judged wrong
    assert replay.result() == told
    words = run.arguments
    assert words[:4] == ["products", "challenge", "--data-dir", str(tmp_path)]
    assert words[words.index("--runtime") + 1] == "onnx" and "--json" in words
    run.code, run._lines, run.sentence = 1, ["no JSON"], "The model is damaged."
    with pytest.raises(ChallengeError, match="'flange' could not be replayed: The model is damag"):
        ChallengeReplay(tmp_path, "tiny", "flange", who="eve").result()


def test_a_failure_of_the_real_process_is_a_sentence(tmp_path):
    replay = ChallengeReplay(tmp_path, "tiny", "nothing", who="eve")
    with pytest.raises(ChallengeError) as caught:
        finished(replay)
    said = str(caught.value)
    assert said.startswith("The challenge images of 'nothing' could not be replayed: ")
    assert "uniad-desktop products:" not in said and "Traceback" not in said
