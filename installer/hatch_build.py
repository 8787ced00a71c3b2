"""Wheel build: compiles the simulated camera's GenTL producer into the wheel.

Without a working C compiler the build environment gets `ziglang`, a compiler from PyPI. If the
producer still cannot be compiled, the wheel is built without it and the application compiles it on
first use.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_PACKAGE = "uniad_desktop/simulator"


class CustomBuildHook(BuildHookInterface):
    """The hook that hatchling finds in this file."""

    def dependencies(self) -> list[str]:
        """What the build needs beyond hatchling; asked for before the build."""
        return [] if self._compilation().has_working_compiler() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compiles the producer: into the wheel, or for an editable install next to its sources."""
        compilation = self._compilation()
        # The folder must outlive this method, because the wheel is written after it.
        self._folder = tempfile.TemporaryDirectory(prefix="uniad-simcam-wheel-")
        editable = version == "editable"
        place = Path(self.root) / IN_PACKAGE if editable else Path(self._folder.name)
        target = place / compilation.PRODUCER_NAME
        try:
            compiler = compilation.compile_producer(target)
        except compilation.SimulatorError as error:
            self.app.display_warning(f"{error} It will be tried again on first use.")
            return
        self.app.display_info(f"{target.name}: compiled with {compiler}")
        if not editable:
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform()}"
            build_data["force_include"][str(target)] = f"{IN_PACKAGE}/{target.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes what was compiled for the wheel."""
        self._folder.cleanup()

    def _compilation(self) -> ModuleType:
        """The module that compiles; it needs the standard library only."""
        if self.root not in sys.path:
            sys.path.insert(0, self.root)
        from uniad_desktop.simulator import build

        return build


def _platform() -> str:
    """Platform tag; UNIAD_WHEEL_PLATFORM names a wider one, for example manylinux_2_28_x86_64."""
    chosen = os.environ.get("UNIAD_WHEEL_PLATFORM", sysconfig.get_platform())
    return chosen.replace("-", "_").replace(".", "_")
