"""What a collector needs of a station, so that tests and the window can stand in for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from uniad_desktop.cameras.frame import Frame
from uniad_desktop.cameras.source import SourceInfo, TriggerMode
from uniad_desktop.inspection.types import InspectedFrame, ProductInfo


class CollectFrom(Protocol):
    """What is needed of a station; every member returns at once."""

    @property
    def products(self) -> tuple[ProductInfo, ...]:
        """The products that the model knows."""
        ...

    @property
    def product(self) -> ProductInfo:
        """The product in force."""
        ...

    @property
    def trigger_mode(self) -> TriggerMode:
        """The mode in force."""
        ...

    @property
    def source_info(self) -> SourceInfo | None:
        """Who delivers the frames."""
        ...

    def begin_collecting(
        self, title: str, take: Callable[[Frame], None], product: str = ""
    ) -> None:
        """Hands frames to `take` instead of inspecting them."""
        ...

    def end_collecting(self) -> None:
        """Goes back to what was before."""
        ...

    def add_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands `sink` every decision."""
        ...

    def remove_sink(self, sink: Callable[[InspectedFrame], None]) -> None:
        """Hands it no more."""
        ...
