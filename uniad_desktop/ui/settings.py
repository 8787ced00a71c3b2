"""What the window remembers between two starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("system", "en", "zh_CN")
THEMES = ("dark", "light")
FAVOURITES = (
    "ExposureTime",
    "Gain",
    "ExposureAuto",
    "AcquisitionFrameRate",
    "TriggerMode",
    "TriggerSource",
    "PixelFormat",
    "Width",
    "Height",
)
"""Features of the camera with a star at first, by their SFNC names."""


@dataclass(slots=True)
class UiSettings:
    """Settings of the window.

    Attributes:
        language: ``system``, ``en`` or ``zh_CN``.
        theme: ``dark`` or ``light``.
        heatmap: whether the heatmap lies over the image.
        heatmap_strength: opacity of the heatmap at and above the limit, 0 to 1.
        fullscreen: whether the window fills the screen.
        favourites: SFNC names of the camera's features with a star.
        on_change: called in the Qt thread after a change, with these settings; the window calls
            it at most every half second and once more on closing.

    Raises:
        ValueError: a value that does not exist; the message names the choices.
    """

    language: str = "system"
    theme: str = "dark"
    heatmap: bool = True
    heatmap_strength: float = 0.6
    fullscreen: bool = False
    favourites: tuple[str, ...] = FAVOURITES
    on_change: Callable[[UiSettings], None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(
                f"language is {self.language!r}; choose one of {', '.join(LANGUAGES)}."
            )
        if self.theme not in THEMES:
            raise ValueError(f"theme is {self.theme!r}; choose one of {', '.join(THEMES)}.")
        if not 0.0 <= self.heatmap_strength <= 1.0:
            raise ValueError(
                f"heatmap_strength is {self.heatmap_strength!r}; it lies between 0 and 1."
            )

    def update(self, **values: Any) -> bool:  # noqa: ANN401 - the fields have different types
        """Sets the named fields; returns whether any of them changed."""
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        for name, value in changed.items():
            setattr(self, name, value)
        self.__post_init__()
        return bool(changed)
