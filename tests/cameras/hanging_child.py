"""A camera process whose producer does not return from opening the camera."""

from __future__ import annotations

import time

from uniad_desktop.cameras.genicam import child


class Hanging:
    """Never there."""

    def __init__(self, request: object) -> None:
        while True:
            time.sleep(1.0)


if __name__ == "__main__":
    child.Camera = Hanging  # type: ignore[misc,assignment]
    child.main()
