"""A process that opens cameras through harvesters, so that a crash there fails one test only."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

ANSWER_S = 60.0
POLL_S = 0.001
MULTI_PART = 10  # PAYLOAD_TYPE_MULTI_PART


class HostError(Exception):
    """What the camera library raised in the host: ``ClassName: message``."""


class CameraHost:
    """Client of the process: every method of `_Server` can be called here."""

    def __init__(self, producer: str, environment: dict[str, str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, producer, environment), daemon=True
        )
        self._process.start()
        theirs.close()

    def call(self, method: str, *arguments: Any) -> Any:
        self._connection.send((method, arguments))
        if not self._connection.poll(ANSWER_S):
            raise HostError(f"no answer to {method}{arguments}")
        try:
            worked, answer = self._connection.recv()
        except EOFError:
            self._process.join(5)
            raise HostError(f"crashed in {method}: {self._process.exitcode}") from None
        if not worked:
            raise HostError(answer)
        return answer

    def __getattr__(self, method: str) -> Any:
        return lambda *arguments: self.call(method, *arguments)

    def close(self) -> None:
        self._connection.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        self._process.close()


def _serve(connection: Connection, producer: str, environment: dict[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    server = _Server(producer)
    while True:
        try:
            method, arguments = connection.recv()
        except EOFError:
            break
        try:
            answer = True, getattr(server, method)(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shall see it
            answer = False, f"{type(error).__name__}: {error}"
        connection.send(answer)
    server.end()


def _described(buffer: Any) -> dict[str, Any]:
    raw = np.frombuffer(buffer.raw_buffer, np.uint8)
    said: dict[str, Any] = {"id": buffer.frame_id, "time_ns": buffer.timestamp_ns}
    said["payload_type"] = int(buffer.payload_type)
    said["size_filled"] = buffer.size_filled
    said["bytes"] = raw[: buffer.size_filled].copy()
    said["has_chunks"] = buffer.is_containing_chunk_data()
    if said["payload_type"] == MULTI_PART:
        names = ("data_size", "data_offset", "data_format", "width", "height", "x_padding")
        parts = buffer.parts
        said["parts"] = [{n: int(getattr(part, n)) for n in names} for part in parts]
    else:
        names = ("width", "height", "offset_x", "offset_y", "padding_x", "image_offset")
        said.update({name: getattr(buffer, name) for name in names})
        said["format"] = int(buffer.pixel_format)
    return said


def _is_there(nodes: Any, name: str) -> bool:
    from genicam.genapi import EAccessMode

    mode = getattr(nodes, name).get_access_mode()
    return mode in (EAccessMode.RO, EAccessMode.RW)


def _features_below(category: Any) -> Iterator[Any]:
    for node in category.features:
        yield node
        if type(node).__name__ == "ICategory":
            yield from _features_below(node)


def _node_said(node: Any) -> dict[str, Any]:
    from genicam.genapi import ERepresentation

    said = node.node
    shown = getattr(node, "representation", None)
    return {
        "kind": type(node).__name__,
        "visibility": int(said.visibility),
        "tip": said.tooltip,
        "description": said.description,
        "display": said.display_name,
        "streamable": bool(said.is_streamable()),
        "selected_by": [other.node.name for other in said.selecting_features],
        "representation": None if shown is None else ERepresentation(shown).name,
    }


class _Server:
    def __init__(self, producer: str) -> None:
        from harvesters.core import Harvester

        self._harvester = Harvester()
        self._harvester.add_file(producer)
        self._open: dict[str, Any] = {}
        self._incomplete: dict[str, int] = {}

    def discover(self) -> list[dict[str, Any]]:
        names = ("vendor", "model", "serial_number", "display_name", "tl_type", "access_status")
        self._harvester.update()
        return [{n: getattr(d, n) for n in names} for d in self._harvester.device_info_list]

    def open(self, serial: str, buffers: int = 3) -> None:
        from harvesters.core import Callback

        counts = self._incomplete
        counts[serial] = 0

        class Count(Callback):
            def emit(self, context: Any) -> None:
                counts[serial] += 1

        camera = self._harvester.create({"serial_number": serial})
        camera.num_buffers = buffers
        camera.add_callback(camera.Events.INCOMPLETE_BUFFER, Count())
        self._open[serial] = camera

    def set_buffers(self, serial: str, count: int) -> None:
        self._open[serial].num_buffers = count

    def close_camera(self, serial: str) -> None:
        self._open.pop(serial).destroy()

    def start(self, serial: str) -> None:
        self._open[serial].start()

    def stop(self, serial: str) -> None:
        self._open[serial].stop()

    def access(self, serial: str) -> int:
        return self._open[serial].device.access_status

    def await_access(self, serial: str, wanted: int, timeout: float) -> bool:
        end = time.monotonic() + timeout
        while self.access(serial) != wanted:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def get(self, serial: str, name: str) -> Any:
        return self._node(serial, name).value

    def set(self, serial: str, name: str, value: Any) -> None:
        self._node(serial, name).value = value

    def execute(self, serial: str, name: str) -> None:
        self._node(serial, name).execute()

    def limits(self, serial: str, name: str) -> tuple[Any, Any, str]:
        node = self._node(serial, name)
        return node.min, node.max, node.unit

    def entries(self, serial: str, name: str) -> tuple[str, ...]:
        return tuple(self._node(serial, name).symbolics)

    def features(self, serial: str) -> list[str]:
        return dir(self._open[serial].remote_device.node_map)

    def describe(self, serial: str) -> dict[str, dict[str, Any]]:
        """What the description says of every feature of the camera, without the categories."""
        nodes = self._open[serial].remote_device.node_map
        return {
            node.node.name: _node_said(node)
            for node in _features_below(nodes.Root)
            if type(node).__name__ != "ICategory"
        }

    def write_register(self, serial: str, name: str, data: bytes) -> None:
        self._node(serial, name).set(data)

    def read_register(self, serial: str, name: str, length: int) -> bytes:
        return bytes(self._node(serial, name).get(length))

    def set_stream(self, serial: str, name: str, value: Any) -> None:
        getattr(self._open[serial].data_streams[0].node_map, name).value = value

    def awaiting(self, serial: str) -> int:
        return self._open[serial].data_streams[0].num_awaiting_delivery

    def fetch(self, serial: str, timeout: float) -> dict[str, Any] | None:
        """The next frame with what was known of its part at once, or None."""
        camera = self._open[serial]
        end = time.monotonic() + timeout
        while not camera.data_streams[0].num_awaiting_delivery:
            if time.monotonic() > end:
                return None
            time.sleep(POLL_S)
        buffer = camera.try_fetch(timeout=1)
        if buffer is None:
            return None
        with buffer:
            part = buffer.payload.components[0]
            channels = 1 if part.data_format == "Mono8" else 3
            image = np.array(part.data).reshape(part.height, part.width, channels).squeeze()
            return {
                "id": buffer.module.frame_id,
                "time_ns": buffer.module.timestamp_ns,
                "format": part.data_format,
                "image": image,
            }

    def fetch_raw(self, serial: str, timeout: float) -> dict[str, Any] | None:
        """The next buffer as it lies in memory, with what BUFFER_INFO and its chunks say."""
        camera = self._open[serial]
        end = time.monotonic() + timeout
        while not camera.data_streams[0].num_awaiting_delivery:
            if time.monotonic() > end:
                return None
            time.sleep(POLL_S)
        buffer = camera.try_fetch(timeout=1, is_raw=True)
        if buffer is None:
            return None
        try:
            return _described(buffer)
        finally:
            camera.data_streams[0].queue_buffer(buffer)

    def fetch_chunks(self, serial: str, timeout: float, names: list[str]) -> dict[str, Any]:
        """The values of those chunk features that the next frame brings, and the frame itself."""
        from genicam.genapi import ChunkAdapterGeneric

        camera = self._open[serial]
        nodes = camera.remote_device.node_map
        buffer = camera.try_fetch(timeout=timeout, is_raw=True)
        adapter = ChunkAdapterGeneric(nodes)
        adapter.attach_buffer(buffer.raw_buffer, buffer.chunk_data_info_list)
        try:
            there = [name for name in names if _is_there(nodes, name)]
            said = {name: getattr(nodes, name).value for name in there}
            return {**said, "frame": _described(buffer)}
        finally:
            adapter.detach_buffer()
            camera.data_streams[0].queue_buffer(buffer)

    def count_frames(self, serial: str, seconds: float) -> int:
        """Frames that arrive within a time; their pixels are not looked at."""
        camera, count = self._open[serial], 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            buffer = camera.try_fetch(timeout=0.1, is_raw=True)
            if buffer is not None:
                count += 1
                camera.data_streams[0].queue_buffer(buffer)
        return count

    def ids(self, serial: str, count: int, timeout: float) -> list[int]:
        """Ids of so many frames, or of those that came in time."""
        found: list[int] = []
        while len(found) < count and (frame := self.fetch_raw(serial, timeout)):
            found.append(frame["id"])
        return found

    def incomplete(self, serial: str) -> int:
        """Incomplete buffers since opening, which harvesters keeps to itself."""
        return self._incomplete[serial]

    def end(self) -> None:
        for serial in list(self._open):
            self.close_camera(serial)
        self._harvester.reset()

    def _node(self, serial: str, name: str) -> Any:
        return getattr(self._open[serial].remote_device.node_map, name)
