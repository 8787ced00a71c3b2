"""Thumbnails: decoding, keeping, choosing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from uniad_desktop.cameras.source import CameraError
from uniad_desktop.ui import theme
from uniad_desktop.ui.thumbnails import Thumbnails, small_picture
from uniad_desktop.ui.widgets.thumb_grid import Mark, Thumb, ThumbGrid

K = Qt.Key
LEFT = Qt.MouseButton.LeftButton
MakeGrid = Callable[..., ThumbGrid]


def picture(path: Path, size: tuple[int, int] = (60, 80), grey: int = 150) -> Path:
    cv2.imwrite(str(path), np.full(size, grey, np.uint8))
    return path


def thumbs(folder: Path, count: int, **marks: Mark) -> list[Thumb]:
    """`count` items of one image; ``i3=Mark.DOUBTFUL`` marks the one with the id i3."""
    path = picture(folder / "one.png")
    ids = [f"i{number}" for number in range(count)]
    return [Thumb(one, path, one, marks.get(one, Mark.NONE)) for one in ids]


@pytest.fixture
def make_grid(app) -> Iterator[MakeGrid]:
    made: list[ThumbGrid] = []
    window = QWidget()
    window.resize(640, 520)

    def make(**options: object) -> ThumbGrid:
        grid = ThumbGrid(**options, parent=window)
        grid.resize(600, 500)
        window.show()
        window.activateWindow()
        grid.view.setFocus()
        made.append(grid)
        app.processEvents()
        return grid

    yield make
    for grid in made:
        grid.close_down()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def made(request) -> Iterator[Callable[..., Thumbnails]]:
    """Thumbnails that are closed at the end."""
    all_of_them: list[Thumbnails] = []

    def make(*arguments: object) -> Thumbnails:
        all_of_them.append(Thumbnails(*arguments))
        return all_of_them[-1]

    yield make
    for one in all_of_them:
        one.close_down()


def finish(qtbot, thumbnails: Thumbnails) -> list[Path]:
    taken: list[Path] = []
    qtbot.waitUntil(
        lambda: (taken.extend(thumbnails.beat()), not thumbnails.waiting)[1], timeout=20_000
    )
    return taken


# decoding


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("a.png", (600, 800), (132, 99)),
        ("b.jpg", (2400, 3200), (132, 99)),
        ("c.jpg", (600, 300), (66, 132)),
        ("d.png", (20, 30), (30, 20)),
    ],
)
def test_a_picture_is_fitted_and_never_enlarged(tmp_path, name, size, expected):
    image = small_picture(picture(tmp_path / name, size), 132)
    assert (image.width(), image.height()) == expected
    assert abs(image.pixelColor(5, 5).red() - 150) <= 2


def test_colours_keep_their_order(tmp_path):
    image = np.zeros((40, 40, 3), np.uint8)
    image[..., 2] = 200  # red, as OpenCV writes it
    cv2.imwrite(str(tmp_path / "red.png"), image)
    colour = small_picture(tmp_path / "red.png", 20).pixelColor(3, 3)
    assert (colour.red(), colour.green(), colour.blue()) == (200, 0, 0)


def test_what_cannot_be_read_is_a_null_picture_and_tried_again(qtbot, tmp_path, made):
    broken, absent = tmp_path / "broken.png", tmp_path / "absent.png"
    broken.write_bytes(b"no image")
    with pytest.raises(CameraError):
        small_picture(broken, 20)
    thumbnails = made(20)
    thumbnails.want([broken, absent])
    assert set(finish(qtbot, thumbnails)) == {broken, absent}
    assert thumbnails.get(broken).isNull() and thumbnails.get(absent).isNull()
    picture(absent)
    thumbnails.forget_broken()
    thumbnails.want([absent])
    finish(qtbot, thumbnails)
    assert not thumbnails.get(absent).isNull()


def test_an_unexpected_error_ends_nothing(qtbot, tmp_path, made, caplog):
    def decode(path: Path, side: int) -> QImage:
        if path.name == "bad":
            raise ValueError("unexpected")
        return QImage(4, 4, QImage.Format.Format_RGB32)

    thumbnails = made(20, 1 << 20, decode)
    thumbnails.want([Path("bad"), Path("good")])
    finish(qtbot, thumbnails)
    assert thumbnails.get(Path("bad")).isNull() and not thumbnails.get(Path("good")).isNull()
    assert "No thumbnail of bad" in caplog.text


def test_what_is_not_wanted_any_more_is_not_decoded(qtbot, made):
    gate, decoded = threading.Event(), []

    def decode(path: Path, side: int) -> QImage:
        decoded.append(path.name)
        assert gate.wait(5)
        return QImage(4, 4, QImage.Format.Format_RGB32)

    thumbnails = made(20, 1 << 20, decode)
    thumbnails.want([Path(str(number)) for number in range(50)])
    qtbot.waitUntil(lambda: bool(decoded), timeout=20_000)
    thumbnails.want([Path("90"), Path("91")])
    gate.set()
    finish(qtbot, thumbnails)
    assert decoded == ["0", "90", "91"]


def test_no_more_bytes_are_kept_than_allowed(qtbot, made):
    thumbnails = made(20, 10 * 1600, lambda *_: QImage(20, 20, QImage.Format.Format_RGB32))
    paths = [Path(str(number)) for number in range(30)]
    for path in paths:
        thumbnails.want([path])
        finish(qtbot, thumbnails)
        thumbnails.get(paths[0])
    assert thumbnails.kept_bytes == 10 * 1600
    assert thumbnails.get(paths[0]) is not None and thumbnails.get(paths[5]) is None


# the grid


def test_only_what_is_near_is_decoded(qtbot, tmp_path, make_grid):
    asked: list[str] = []

    def decode(path: Path, side: int) -> QImage:
        asked.append(path.name)
        return QImage(4, 4, QImage.Format.Format_RGB32)

    grid = make_grid(thumbnails=Thumbnails(132, 64 << 20, decode))
    grid.show_items([Thumb(str(number), Path(str(number))) for number in range(100_000)])
    grid.beat()
    finish(qtbot, grid.thumbnails)
    assert "0" in asked and len(asked) < 100
    asked.clear()
    grid.go_to("70000")
    grid.beat()
    finish(qtbot, grid.thumbnails)
    assert "70000" in asked and len(asked) < 100
    assert grid.current() == "70000"


def test_a_tap_chooses_and_lets_go(qtbot, app, tmp_path, make_grid):
    grid = make_grid()
    told: list[tuple[str, ...]] = []
    grid.selection_changed.connect(lambda: told.append(grid.selection()))
    grid.show_items(thumbs(tmp_path, 30))
    app.processEvents()
    for row in (2, 0, 2):
        place = grid.view.visualRect(grid.model.index(row)).center()
        QTest.mouseClick(grid.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
        QTest.qWait(0)
    assert told == [("i2",), ("i0", "i2"), ("i0",)]


def test_one_choice_only(app, tmp_path, make_grid):
    grid = make_grid(multiple=False)
    grid.show_items(thumbs(tmp_path, 5))
    app.processEvents()
    for row in (1, 3):
        place = grid.view.visualRect(grid.model.index(row)).center()
        QTest.mouseClick(grid.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    assert grid.selection() == ("i3",)


def test_keys(qtbot, app, tmp_path, make_grid):
    grid = make_grid()
    opened: list[str] = []
    grid.activated.connect(opened.append)
    grid.show_items(thumbs(tmp_path, 30))
    grid.go_to("i0")
    app.processEvents()
    columns = grid.view.viewport().width() // grid.view.gridSize().width()
    for key in (K.Key_Right, K.Key_Down, K.Key_Space, K.Key_Return):
        qtbot.keyClick(grid.view, key)
    assert grid.current() == f"i{1 + columns}"
    assert grid.selection() == (grid.current(),) and opened == [grid.current()]
    qtbot.keyClick(grid.view, K.Key_Space)
    assert grid.selection() == ()


def test_choosing_many(tmp_path, make_grid):
    grid = make_grid()
    grid.show_items(thumbs(tmp_path, 1000))
    grid.choose(f"i{number}" for number in range(0, 1000, 2))
    assert len(grid.selection()) == 500 and grid.selection()[1] == "i2"
    grid.choose_all()
    assert len(grid.selection()) == 1000
    grid.clear_selection()
    assert grid.selection() == ()
    grid.choose(["absent", "i3"])
    assert grid.selection() == ("i3",)


def test_what_was_chosen_stays_chosen(tmp_path, make_grid):
    grid = make_grid()
    told: list[tuple[str, ...]] = []
    items = thumbs(tmp_path, 10)
    grid.show_items(items)
    grid.choose(["i2", "i5"])
    grid.selection_changed.connect(lambda: told.append(grid.selection()))
    grid.show_items(thumbs(tmp_path, 10, i2=Mark.DOUBTFUL))
    assert grid.selection() == ("i2", "i5") and not told
    grid.show_items(items[4:])
    assert grid.selection() == ("i5",) and told == [("i5",)]


@pytest.mark.parametrize("name", ["dark", "light"])
def test_marks_are_painted(qtbot, app, tmp_path, make_grid, name):
    theme.apply(app, name)
    grid = make_grid()
    items = thumbs(tmp_path, 4, i1=Mark.DOUBTFUL, i2=Mark.REJECTED, i3=Mark.HELD_OUT)
    items.append(Thumb("broken", tmp_path / "absent.png", "broken"))
    grid.show_items(items)
    grid.choose(["i0"])
    grid.beat()
    finish(qtbot, grid.thumbnails)
    grid.theme_changed()
    image = grid.view.viewport().grab().toImage()

    def border(row: int) -> str:
        rect = grid.view.visualRect(grid.model.index(row))
        return image.pixelColor(rect.center().x(), rect.top() + 5).name()

    colours = theme.active()
    assert border(0) == colours.colour("accent").name()
    assert border(1) == colours.colour("review").name()
    assert border(2) not in {border(0), border(1)}
