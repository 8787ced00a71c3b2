"""The words by which folders and lists call good parts, defects and splits."""

from __future__ import annotations

import re
import unicodedata

from uniad_desktop.training.datasets.sample import DEFECT, Split

_GOOD = frozenset({"good", "ok", "normal", "良品", "合格", "正常"})
_DEFECT = frozenset(
    {DEFECT, "defects", "defective", "anomaly", "anomalies", "anomalous", "abnormal", "bad", "ng"}
    | {"ko", "不良", "不合格", "缺陷", "异常"}
)
_MASKS = frozenset({"ground_truth", "groundtruth", "gt", "mask", "masks"})
_SPLITS = {
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "test": Split.TEST,
    "testing": Split.TEST,
}
_VALIDATION = frozenset({"val", "valid", "validation"})
_WORDS = re.compile(r"[^\W\d_]+")


def folded(word: str) -> str:
    """The word as it is compared: neither case nor the way accents are stored counts."""
    return unicodedata.normalize("NFC", word.strip()).casefold()


def means_good(word: str) -> bool:
    """Whether it is a word for good parts: good, ok, normal, 良品, 合格, 正常."""
    return folded(word) in _GOOD


def means_defect(word: str) -> bool:
    """Whether it is a word for defects of no particular kind: bad, ng, anomaly, …."""
    return folded(word) in _DEFECT


def means_masks(word: str) -> bool:
    """Whether it is the name of a folder of masks: ground_truth, masks, …."""
    return folded(word) in _MASKS


def means_validation(word: str) -> bool:
    """Whether it is a word for a validation split, which is not used."""
    return folded(word) in _VALIDATION


def split_of(word: str) -> Split | None:
    """The split that a word stands for: train, training, test, testing."""
    return _SPLITS.get(folded(word))


def split_in_name(stem: str) -> Split | None:
    """The split that the name of a list speaks of (``my-train-list``); None if it is unclear."""
    found = {split_of(word) for word in _WORDS.findall(stem)} - {None}
    return found.pop() if len(found) == 1 else None
