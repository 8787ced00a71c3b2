"""Chunk data: what a camera sends along with each frame. Runs in the camera process."""

from __future__ import annotations

from uniad_desktop.cameras.frame import Chunks
from uniad_desktop.cameras.genicam import features
from uniad_desktop.cameras.genicam.features import Node, NodeMap, Value
from uniad_desktop.cameras.source import CameraError

# SFNC ChunkDataControl; older cameras leave out the word All.
_NODES = {
    "timestamp_ns": ("ChunkTimestamp",),
    "frame_id": ("ChunkFrameID", "ChunkFramecounter"),
    "exposure_us": ("ChunkExposureTime",),
    "gain": ("ChunkGain",),
    "line_status": ("ChunkLineStatusAll",),
}


class ChunkReader:
    """Reads the chunks of the buffer that was fetched last, where the camera sends any.

    harvesters attaches each fetched buffer to the node map; the reading costs no traffic.
    """

    def __init__(self, node_map: NodeMap) -> None:
        """Looks whether chunk data are switched on (SFNC ChunkModeActive); that ends at a stop."""
        self._nodes: dict[str, Node] = {}
        try:
            active = features.find(node_map, "ChunkModeActive") is not None and bool(
                features.read(node_map, "ChunkModeActive")
            )
        except CameraError:
            active = False
        if not active:
            return
        for field, names in _NODES.items():
            for name in names:
                node = features.find(node_map, name)
                if node is not None:
                    self._nodes.setdefault(field, node)

    def read(self) -> Chunks | None:
        """The chunks of the frame just fetched; None where the camera sends none that count."""
        if not self._nodes:
            return None
        found = {field: _value(node) for field, node in self._nodes.items()}
        if all(value is None for value in found.values()):
            return None
        return Chunks(
            timestamp_ns=_whole(found.get("timestamp_ns")),
            frame_id=_whole(found.get("frame_id")),
            exposure_us=_number(found.get("exposure_us")),
            gain=_number(found.get("gain")),
            line_status=_whole(found.get("line_status")),
        )


def _value(node: Node) -> Value | None:
    """The value, or None for a chunk that is not enabled."""
    try:
        value: Value = node.value
    except features.DRIVER_ERRORS:
        return None
    return value


def _whole(value: Value | None) -> int | None:
    return None if value is None else int(value)


def _number(value: Value | None) -> float | None:
    return None if value is None else float(value)
