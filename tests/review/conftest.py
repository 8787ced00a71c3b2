from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the station."""
    return tmp_path / "data"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path / "pictures"
