"""The short form of benchmarks/records_kill.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "records_kill.py"


def test_kill_9_leaves_whole_records(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("records_kill", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    sys.modules.pop("records_kill", None)
    found = script.run(tmp_path, 5, seed=1)
    assert found["inspections"] > 0 and found["images"] > 0
