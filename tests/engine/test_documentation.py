"""The example of docs/engine.md is run as it stands there."""

import re
from pathlib import Path

import numpy as np

from tests.helpers import make_tiny_package

DOCUMENT = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_example_runs(tmp_path, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    package = make_tiny_package(tmp_path / "models")
    image = np.full((120, 160), 90, np.uint8)
    exec(compile(example, str(DOCUMENT), "exec"), {"package": package, "image": image})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and lines[0].split(maxsplit=1)[1].startswith("(64, 80) ")
    assert {line.split()[0] for line in lines[1:]} == {"flange", "label", "fabric", "board"}


def test_the_engine_needs_neither_qt_nor_cameras():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from uniad_desktop.engine import Detector, DetectorError, Prediction\n"
        "bad = {'PySide6', 'harvesters', 'genicam', 'timm'} & set(sys.modules)\n"
        "sys.exit(f'{bad} were imported' if bad else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=100, check=False)
    assert done.returncode == 0
