"""Data sets for training and evaluation: folders in known layouts, lists, simulated parts.

Layouts are told from what lies in a folder: MVTec AD (and MPDD, VisA's one-class form), BTAD, VisA
as it is downloaded, plain folders with ``good/``, and a flat folder of good images; each for one
product or, in a folder of folders, for several.
"""

from uniad_desktop.training.datasets.open import open_data
from uniad_desktop.training.datasets.reader import ImageReader, image_hash
from uniad_desktop.training.datasets.sample import (
    DataError,
    DataSet,
    Sample,
    Split,
    product_key,
)

__all__ = [
    "DataError",
    "DataSet",
    "ImageReader",
    "Sample",
    "Split",
    "image_hash",
    "open_data",
    "product_key",
]
