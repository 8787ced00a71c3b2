from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from uniad_desktop.training.neighbours import (
    FolderError,
    Memory,
    View,
    distance_map,
    evaluate,
    read_product,
)
from uniad_desktop.training.starter_backbone import create_network

SIDE = 96


def write(path: Path, image: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Faintly noisy plates; the bad ones have a dark hole at a marked place."""
    chooser = np.random.default_rng(0)
    root = tmp_path / "plate"

    def plate() -> NDArray[np.uint8]:
        return chooser.integers(120, 130, (SIDE, SIDE), dtype=np.uint8)

    for number in range(6):
        write(root / "train" / "good" / f"{number}.png", plate())
        write(root / "test" / "good" / f"{number}.png", plate())
        bad, mask = plate(), np.zeros((SIDE, SIDE), dtype=np.uint8)
        row, column = chooser.integers(8, SIDE - 40, 2)
        bad[row : row + 32, column : column + 32] = 20
        mask[row : row + 32, column : column + 32] = 255
        write(root / "test" / "hole" / f"{number}.png", bad)
        write(root / "ground_truth" / "hole" / f"{number}_mask.png", mask)
    return root


@pytest.fixture
def backbone() -> torch.nn.Module:
    torch.manual_seed(0)
    return create_network()


def test_plain_holes_are_found_in_pictures_and_pixels(
    folder: Path, backbone: torch.nn.Module
) -> None:
    score = evaluate(backbone, [read_product(folder, 100, 100)], View(SIDE))["plate"]
    assert score.image == 1.0
    assert score.pixel > 0.8


def test_swapped_labels_give_the_opposite_score(folder: Path, backbone: torch.nn.Module) -> None:
    (folder / "test" / "good").rename(folder / "test" / "other")
    (folder / "test" / "hole").rename(folder / "test" / "good")
    (folder / "test" / "other").rename(folder / "test" / "hole")
    assert evaluate(backbone, [read_product(folder, 100, 100)], View(SIDE))["plate"].image == 0.0


def test_one_memory_serves_all_products(folder: Path, backbone: torch.nn.Module) -> None:
    twin = folder.parent / "dark"
    for path in folder.rglob("*.png"):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        is_mask = path.stem.endswith("_mask")
        write(twin / path.relative_to(folder), image if is_mask else image // 4)
    products = [read_product(one, 100, 100) for one in (folder, twin)]
    together = evaluate(backbone, products, View(SIDE))
    assert set(together) == {"plate", "dark"}
    assert together["plate"].image == 1.0


def test_the_choice_of_pictures_is_bounded_seeded_and_holds_both_kinds(folder: Path) -> None:
    product = read_product(folder, 4, 5, seed=1)
    assert len(product.train) == 4
    assert len(product.test) == 5
    assert {example.bad for example in product.test} == {True, False}
    assert product == read_product(folder, 4, 5, seed=1)
    assert product != read_product(folder, 4, 5, seed=2)
    assert all(example.mask for example in product.test if example.bad)


def test_unmarked_defects_count_for_the_picture_score_only(
    folder: Path, backbone: torch.nn.Module
) -> None:
    for mask in (folder / "ground_truth" / "hole").glob("[0-4]_mask.png"):
        mask.unlink()
    score = evaluate(backbone, [read_product(folder, 100, 100)], View(SIDE))["plate"]
    assert score.image == 1.0
    assert score.pixel > 0.8


def test_the_map_is_the_distance_to_the_nearest_remembered_patch() -> None:
    memory = Memory(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.ones(2), torch.full((2,), 2.0))
    patches = torch.tensor([[1.0, 1.0], [7.0, 9.0], [1.0, 5.0], [7.0, 15.0]])
    found = distance_map(patches, memory, 2)
    assert found == pytest.approx(np.array([[0.0, 0.0], [2.0, 3.0]]), abs=1e-3)


def test_a_folder_of_another_layout_and_a_torn_picture_are_named(
    folder: Path, backbone: torch.nn.Module
) -> None:
    with pytest.raises(FolderError, match=r"nowhere needs pictures in train/good"):
        read_product(folder / "nowhere", 10, 10)
    torn = folder / "train" / "good" / "0.png"
    torn.write_bytes(b"")
    with pytest.raises(FolderError, match=r"0\.png is no picture"):
        evaluate(backbone, [read_product(folder, 100, 100)], View(SIDE))
