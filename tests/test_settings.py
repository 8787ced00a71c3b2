from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from uniad_desktop.cameras.remembered import CameraIdentity
from uniad_desktop.settings import Settings, change_settings, load_settings, save_settings


def test_settings_come_back_and_the_former_ones_stay(tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(theme="light"))
    save_settings(tmp_path, Settings(theme="dark", heatmap_strength=0.3))
    loaded, problem = load_settings(tmp_path)
    assert problem == "" and loaded.heatmap_strength == 0.3
    former = (tmp_path / "settings.previous.json").read_text()
    assert '"light"' in former


@pytest.mark.parametrize(
    "text", ["{", '{"theme": "pink"}', '{"version": 99}', '{"unknown": 1}', "\xff"]
)
def test_broken_settings_are_kept_aside_and_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="latin-1")
    loaded, problem = load_settings(tmp_path)
    assert loaded == Settings() and "settings.broken.json" in problem
    assert (tmp_path / "settings.broken.json").read_text(encoding="latin-1") == text


def test_first_start_has_defaults_and_no_complaint(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == (Settings(), "")


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(heatmap_strength=2.0)


def test_cameras_and_producers_come_back(tmp_path: Path) -> None:
    camera = CameraIdentity("4711", "Maker", "X1", "/opt/maker.cti")
    save_settings(tmp_path, Settings(producers=["/opt/maker.cti"], cameras={"0": camera}))
    loaded, problem = load_settings(tmp_path)
    assert problem == "" and loaded.producers == ["/opt/maker.cti"]
    assert loaded.cameras == {"0": camera}


def test_changes_from_several_sides_are_all_kept(tmp_path: Path) -> None:
    def add(number: int) -> None:
        change_settings(
            tmp_path,
            lambda former: former.model_copy(
                update={"producers": [*former.producers, f"/opt/{number}.cti"]}
            ),
        )

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(load_settings(tmp_path)[0].producers) == [f"/opt/{n}.cti" for n in range(8)]


def test_a_change_that_fails_writes_nothing(tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(theme="light"))

    def fail(former: Settings) -> Settings:
        raise LookupError

    with pytest.raises(LookupError):
        change_settings(tmp_path, fail)
    assert load_settings(tmp_path)[0].theme == "light"
