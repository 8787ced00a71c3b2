"""The parts in front of a simulated camera: a file mapped by the feeder and by the producer.

Layout, little endian (the C side is native/ring.h): a header of 4096 bytes, a history of the parts
last shown, and slots of one part each (tag, then RGB8 pixels). The feeder raises `head`, the
producer raises `tail`; every value has one writer, so no lock is needed. Counters are written as
aligned words, never byte by byte.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from uniad_desktop.simulator.native.features import PRODUCTS, SENSOR_HEIGHT, SENSOR_WIDTH

MAGIC = b"UNIADSIM"
VERSION = 2
SLOTS = 4
HISTORY = 64
LARGEST_SIDE = 16384
LINE_EVENTS = 256
INPUT_LINES = 2
NO_PRODUCT = ""
"""Product key of a picture that is no drawn part."""

_HEADER_BYTES = 4096
_PAGE = 4096
_TAG_BYTES = 128
_LINE_EVENTS_AT = 768
_NO_PRODUCT_INDEX = 0xFFFFFFFF

_HEADER = np.dtype(
    {
        "names": [
            *("magic", "version", "width", "height", "slots", "slot_bytes", "slots_offset"),
            *("generation", "product", "defect_rate", "lighting_drift", "frame_rate"),
            *("first_part", "parts_shown", "tail", "shown", "seed", "streaming", "triggered"),
            *("lines", "absent_until"),
            "head",
            *("line_head", "levels"),
        ],
        "formats": [
            *("S8", "<u4", "<u4", "<u4", "<u4", "<u8", "<u8"),
            *("<u4", "<u4", "<f8", "<f8", "<f8"),
            *("<u8", "<u8", "<u8", "<u8", "<u4", "<u4", "<u4"),
            *("<u4", "<u8"),
            "<u8",
            *("<u8", "<u4"),
        ],
        "offsets": [
            *(0, 8, 12, 16, 20, 24, 32),
            *(128, 132, 136, 144, 152),
            *(160, 168, 176, 184, 192, 196, 200),
            *(204, 208),
            256,
            *(512, 520),
        ],
        "itemsize": _HEADER_BYTES,
    }
)
_TAG = np.dtype(
    [
        ("generation", "<u4"),
        ("product", "<u4"),
        ("number", "<u8"),
        ("seed", "<u8"),
        ("defect", "S40"),
    ]
)
_SHOWN = np.dtype([("part", _TAG), ("frame", "<u8"), ("time", "<u8")])


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What the simulated line makes; the features of the category Simulation.

    Attributes:
        generation: raised at each change; parts of a former generation are not shown.
        product: product key.
        defect_rate: percent of parts with a defect.
        lighting_drift: change of the lighting over 1000 parts in percent.
        seed: beginning of the parts.
        first_part: number of the first part of this generation.
        streaming: the camera is taking frames.
        triggered: a frame for each trigger.
    """

    generation: int
    product: str
    defect_rate: float
    lighting_drift: float
    seed: int
    first_part: int
    streaming: bool
    triggered: bool


@dataclass(frozen=True, slots=True)
class PartTag:
    """The truth about one part.

    Attributes:
        generation: settings that it was drawn for.
        product: product key; empty for a replayed image.
        number: running number since the seed was set.
        seed: seed that it was drawn with.
        defect: kind of defect; empty for a good part.
    """

    generation: int
    product: str
    number: int
    seed: int
    defect: str


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part that passed the camera.

    Attributes:
        part: the truth about it.
        frame: block id of its frame (also used up by frames that were lost).
        time_ns: end of the exposure on the camera's clock, the timestamp of the frame.
    """

    part: PartTag
    frame: int
    time_ns: int


class PartRing:
    """One camera's ring. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        """Maps an existing ring.

        Raises:
            ValueError: the file is no ring.
            OSError: it cannot be opened.
        """
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        header = np.frombuffer(self._map, _HEADER, 1) if len(self._map) >= _HEADER_BYTES else None
        if header is None or header["magic"][0] != MAGIC or header["version"][0] != VERSION:
            del header
            self._map.close()
            raise ValueError(f"{path} is no ring of simulated parts")
        self._header = header
        self._slots = int(header["slots"][0])
        self.width = int(header["width"][0])
        self.height = int(header["height"][0])

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        product: str = PRODUCTS[0],
        defect_rate: float = 5.0,
        seed: int = 0,
        frame_rate: float = 0.0,
        size: tuple[int, int] = (SENSOR_WIDTH, SENSOR_HEIGHT),
        slots: int = SLOTS,
    ) -> PartRing:
        """Makes a ring file with all its space reserved.

        Args:
            path: file to make.
            product: product key at the beginning.
            defect_rate: percent of parts with a defect at the beginning.
            seed: beginning of the parts, 0 to 2**31 - 1.
            frame_rate: frames per second at power-up of the camera; 0 for its own default.
            size: width and height of the pictures, each 1 to LARGEST_SIDE.
            slots: number of parts drawn ahead.

        Raises:
            OSError: there is no space for it.
        """
        slot_bytes = _round_up(_TAG_BYTES + size[0] * size[1] * 3)
        offset = _round_up(_HEADER_BYTES + HISTORY * _SHOWN.itemsize)
        header = np.zeros(1, _HEADER)
        header["magic"] = MAGIC
        header["version"] = VERSION
        header["width"], header["height"] = size
        header["slots"], header["slot_bytes"], header["slots_offset"] = slots, slot_bytes, offset
        header["generation"] = 1
        header["product"] = PRODUCTS.index(product)
        header["defect_rate"], header["frame_rate"] = defect_rate, frame_rate
        header["seed"] = seed
        total = offset + slots * slot_bytes
        partial = path.with_name(path.name + ".tmp")
        try:
            with partial.open("wb") as file:
                if hasattr(os, "posix_fallocate"):
                    # A full memory disk must be an error here, not a bus error on first use.
                    os.posix_fallocate(file.fileno(), 0, total)
                file.truncate(total)
                file.write(header.tobytes())
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        return cls(path)

    def settings(self) -> LineSettings:
        """What the line makes now."""
        # The generation comes first: if settings change while they are read, the part drawn for
        # them carries the former generation and is skipped.
        generation = self._get("generation")
        product = self._get("product")
        return LineSettings(
            generation=generation,
            product=PRODUCTS[product if product < len(PRODUCTS) else 0],
            defect_rate=float(self._header["defect_rate"][0]),
            lighting_drift=float(self._header["lighting_drift"][0]),
            seed=self._get("seed"),
            first_part=self._get("first_part"),
            streaming=bool(self._get("streaming")),
            triggered=bool(self._get("triggered")),
        )

    def has_free_slot(self) -> bool:
        """Whether `push` may be called."""
        return self._get("head") - self._get("tail") < self._slots

    def newest(self) -> PartTag | None:
        """Tag of the part pushed last, if any was."""
        head = self._get("head")
        return _tag(self._slot_tag(head - 1)) if head else None

    def push(self, image: NDArray[np.uint8], tag: PartTag) -> None:
        """Adds a part.

        Args:
            image: (H, W, 3) uint8, RGB.
            tag: the truth about it.

        Raises:
            ValueError: the picture has another size, or no slot is free.
        """
        if image.shape != (self.height, self.width, 3) or image.dtype != np.uint8:
            raise ValueError(f"A part of {image.shape} does not fit into {self.path}")
        if not self.has_free_slot():
            raise ValueError(f"{self.path} has no free slot")
        head = self._get("head")
        at = self._slot_offset(head) + _TAG_BYTES
        pixels = np.frombuffer(self._map, np.uint8, image.size, at)
        pixels[:] = image.reshape(-1)
        entry = self._slot_tag(head)
        entry["generation"] = tag.generation
        entry["product"] = PRODUCTS.index(tag.product) if tag.product else _NO_PRODUCT_INDEX
        entry["number"], entry["seed"] = tag.number, tag.seed
        entry["defect"] = tag.defect.encode("ascii", "replace")[: entry["defect"].itemsize - 1]
        self._header["head"][0] = head + 1

    def shown(self) -> list[ShownPart]:
        """The parts that passed the camera last, oldest first; at most `HISTORY`."""
        count = self._get("shown")
        entries = np.frombuffer(self._map, _SHOWN, HISTORY, _HEADER_BYTES).copy()
        # Whatever the camera may have written over meanwhile is left out.
        first = max(0, count - HISTORY, self._get("shown") - HISTORY + 1)
        result = []
        for index in range(first, count):
            entry = entries[index % HISTORY]
            result.append(ShownPart(_tag(entry["part"]), int(entry["frame"]), int(entry["time"])))
        return result

    def parts_shown(self) -> int:
        """Parts that passed the camera since the seed was set."""
        return self._get("parts_shown")

    def drive_line(self, line: int, high: bool) -> None:
        """Moves an input line; the camera sees every change in order. One writer at a time.

        Raises:
            ValueError: there is no such input.
        """
        if not 0 <= line < INPUT_LINES:
            raise ValueError(f"The simulated camera has no input line {line}")
        head = self._get("line_head")
        levels = self._get("levels") & ~(1 << line)
        self._header["levels"][0] = levels | int(high) << line
        self._map[_LINE_EVENTS_AT + head % LINE_EVENTS] = line * 2 + int(high)
        # Last: the camera looks at events below it only.
        self._header["line_head"][0] = head + 1

    def lines(self) -> int:
        """LineStatusAll as the camera left it last, Line0 in the lowest bit."""
        return self._get("lines")

    def close(self) -> None:
        """Unmaps the file; the ring is of no use afterwards."""
        del self._header
        self._map.close()

    def _get(self, name: str) -> int:
        return int(self._header[name][0])

    def _slot_offset(self, index: int) -> int:
        return self._get("slots_offset") + index % self._slots * self._get("slot_bytes")

    def _slot_tag(self, index: int) -> NDArray[np.void]:
        return np.frombuffer(self._map, _TAG, 1, self._slot_offset(index))


def _round_up(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def _tag(entry: NDArray[np.void] | np.void) -> PartTag:
    entry = np.atleast_1d(entry)[0]
    product = int(entry["product"])
    return PartTag(
        generation=int(entry["generation"]),
        product=PRODUCTS[product] if product < len(PRODUCTS) else NO_PRODUCT,
        number=int(entry["number"]),
        seed=int(entry["seed"]),
        defect=bytes(entry["defect"]).decode("ascii", "replace"),
    )
