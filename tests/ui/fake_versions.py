"""Versions of a model without files: a test says what there is, what fails and what waits."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from uniad_desktop.engine.package import PackageError
from uniad_desktop.teaching.activation_log import VersionRef
from uniad_desktop.teaching.version_list import KnownVersion
from uniad_desktop.ui.versions_like import VersionList

PRODUCTS = ("flange", "label", "fabric", "board")
LONGEST_WAIT_S = 10.0


def known(version: str, letter: str, **more: object) -> KnownVersion:
    """A version whose hash is one letter, 64 times."""
    made = KnownVersion(
        "uniad-starter",
        version,
        Path("/models/uniad-starter") / version,
        created="2026-11-23T06:00:00+00:00",
        products=PRODUCTS,
        sha256=letter * 64,
        change="limits of flange (from uniad-starter 1.0.0)",
    )
    return replace(made, **more)


class FakeVersions:
    """Keeps `ModelVersions`; `asked` lists what the window asked for, `gate` holds it up."""

    def __init__(self) -> None:
        self.versions = [
            known("1.0.2", "c", products=("label",)),
            known("1.0.1", "d"),
            known("1.0.0", "a", sha256="ab" * 32, active=True),
        ]
        self.back: KnownVersion | None = None
        self.record: VersionRef | None = None
        self.problem: Exception | None = None
        self.asked: list[str] = []
        self.threads: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()

    def list(self) -> VersionList:
        self._work("list")
        return VersionList(tuple(self.versions), self.back)

    def active(self) -> VersionRef | None:
        self.threads.add(threading.current_thread().name)
        return self.record

    def activate(self, chosen: KnownVersion) -> VersionRef:
        self._work(f"activate {chosen.version}")
        return self._put(chosen)

    def roll_back(self) -> VersionRef:
        self._work("roll back")
        if self.back is None:
            raise PackageError("There is no former version.")
        return self._put(self.back)

    def _put(self, chosen: KnownVersion) -> VersionRef:
        self.record = VersionRef(version=chosen.version, sha256=chosen.sha256)
        return self.record

    def _work(self, what: str) -> None:
        self.threads.add(threading.current_thread().name)
        assert self.gate.wait(LONGEST_WAIT_S), "nobody opened the gate"
        self.asked.append(what)
        if self.problem is not None:
            raise self.problem
