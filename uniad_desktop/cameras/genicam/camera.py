"""One GenICam device through harvesters, inside the camera process.

harvesters 1.4.3 has habits that shape this file: its event time-out stays at 1 ms because genicam
holds Python's lock meanwhile; buffers are fetched raw because its own payload classes fail on
unknown pixel formats and keep row padding; and `create` must not run on the main thread, where it
would replace the SIGINT handler.
"""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any, TypeAlias

from genicam import gentl

from uniad_desktop.cameras import pixel_formats
from uniad_desktop.cameras.genicam import clock, features, triggers
from uniad_desktop.cameras.genicam.buffers import RawFrame, describe
from uniad_desktop.cameras.genicam.chunks import ChunkReader
from uniad_desktop.cameras.genicam.features import DRIVER_ERRORS, NodeMap, first_line
from uniad_desktop.cameras.genicam.messages import DeviceDetails, Geometry, OpenRequest
from uniad_desktop.cameras.source import (
    CameraError,
    CameraLostError,
    CameraNotFoundError,
    TriggerSettings,
)

with warnings.catch_warnings():  # importing it changes the global warning filters
    from harvesters.core import Callback, Harvester, ParameterKey, ParameterSet

logger = logging.getLogger(__name__)

Device: TypeAlias = Any  # harvesters and genicam have no types
Acquirer: TypeAlias = Any

# Of the producer: they hold what comes while this process gets no processor time, 0.4 s of a camera
# of 5 megapixels at 60 frames/s.
_FEWEST_BUFFERS, _MOST_BUFFERS = 8, 32
_BUFFER_BYTES = 128 << 20
_FETCH_LIMIT_S = 0.1
_UNANSWERED_LIMIT = 3  # a single register access may fail on a busy network
_IN_USE = (gentl.AccessDeniedException, gentl.ResourceInUseException, gentl.BusyException)
_NO_ACCESS = int(gentl.DEVICE_ACCESS_STATUS_LIST.DEVICE_ACCESS_STATUS_NOACCESS)
_UNKNOWN = int(gentl.DEVICE_ACCESS_STATUS_LIST.DEVICE_ACCESS_STATUS_UNKNOWN)


def buffers_for(frame_bytes: int) -> int:
    """How many buffers the producer gets for frames of so many bytes: 8 to 32, within 128 MB."""
    return max(_FEWEST_BUFFERS, min(_MOST_BUFFERS, _BUFFER_BYTES // max(1, frame_bytes)))


class _IncompleteCounter(Callback):  # type: ignore[misc]  # harvesters has no types
    def __init__(self) -> None:
        self.count = 0

    def emit(self, context: object = None) -> None:
        self.count += 1


class Camera:
    """An open device. Used from one thread, which is not the main one."""

    def __init__(self, request: OpenRequest) -> None:
        """Opens the device exclusively.

        Raises:
            CameraNotFoundError: the producer does not list it.
            CameraError: it is in use, or the driver fails.
        """
        self._incomplete = _IncompleteCounter()
        self._unanswered = 0
        self._trigger_selector = ""
        self._wanted = request.serial or request.device_id
        self._harvester = Harvester()
        try:
            self._harvester.add_file(request.producer)
            self._harvester.update()
            self._acquirer = self._create(self._choose(request))
        except BaseException:
            self._harvester.reset()
            raise
        self._acquirer.add_callback(self._acquirer.Events.INCOMPLETE_BUFFER, self._incomplete)
        self._status_at_open = self._access_status()
        self._chunks = ChunkReader(self.node_map)

    def _choose(self, request: OpenRequest) -> Device:
        devices = self._harvester.device_info_list
        if request.serial:
            matching = [
                item for item in devices if device_text(item, "serial_number") == request.serial
            ]
        elif request.device_id:
            matching = [item for item in devices if device_text(item, "id_") == request.device_id]
        else:
            matching = list(devices)
        if not matching:
            what = f"The camera {self._wanted}" if self._wanted else "A camera"
            raise CameraNotFoundError(f"{what} is not connected; check its cable and power.")
        self._wanted = self._wanted or device_text(matching[0], "serial_number")
        return matching[0]

    def _create(self, info: Device) -> Acquirer:
        config = ParameterSet({ParameterKey.ENABLE_AUTO_CHUNK_DATA_UPDATE: True})
        try:
            return self._harvester.create(info, config=config)
        except _IN_USE as error:
            raise CameraError(
                f"The camera {self._wanted} is in use by another program; close that program."
            ) from error
        except DRIVER_ERRORS as error:
            raise CameraError(
                f"The camera {self._wanted} could not be opened: {first_line(error)}."
            ) from error

    @property
    def node_map(self) -> NodeMap:
        """Feature nodes of the remote device (`genicam.genapi.NodeMap`)."""
        return self._acquirer.remote_device.node_map

    @property
    def streaming(self) -> bool:
        """Whether acquisition runs."""
        return bool(self._acquirer.is_acquiring())

    @property
    def incomplete(self) -> int:
        """Damaged buffers that harvesters discarded since opening."""
        return self._incomplete.count

    def details(self) -> DeviceDetails:
        """Who this is. Raises CameraError."""
        device = self._acquirer.device
        return DeviceDetails(
            vendor=device_text(device, "vendor"),
            model=device_text(device, "model"),
            serial=device_text(device, "serial_number"),
            device_id=device_text(device, "id_"),
            user_id=device_text(device, "user_defined_name"),
            geometry=self.geometry(),
            features=features.names(self.node_map),
            trigger_sources=triggers.sources(self.node_map),
        )

    def geometry(self) -> Geometry:
        """Size and format that the device is set to send. Raises CameraError."""
        return Geometry(
            int(features.read(self.node_map, "Width")),
            int(features.read(self.node_map, "Height")),
            str(features.read(self.node_map, "PixelFormat")),
        )

    def start(self, trigger: TriggerSettings) -> int:
        """Starts acquisition.

        Returns:
            Bytes that a frame may need at most.

        Raises:
            CameraError: the format is not supported, there is no such trigger, driver errors.
        """
        if self.streaming:
            self.stop()
        geometry = self.geometry()
        node = self.node_map.PixelFormat
        pixel_format = pixel_formats.by_name(geometry.pixel_format, features.entries(node))
        frame_bytes = pixel_format.frame_bytes(geometry.width, geometry.height)
        try:
            features.set_if_possible(self.node_map, "AcquisitionMode", "Continuous")
            self._trigger_selector = triggers.set_up(
                self.node_map, trigger, f"The camera {self._wanted}"
            )
            self._set_buffer_handling(keep_all=trigger.triggered)
            self._acquirer.num_buffers = buffers_for(frame_bytes)
            self._chunks = ChunkReader(self.node_map)
            self._acquirer.start()
        except DRIVER_ERRORS as error:
            self.stop()
            raise CameraError(
                f"The camera {self._wanted} could not start: {first_line(error)}."
            ) from error
        return frame_bytes

    def _set_buffer_handling(self, *, keep_all: bool) -> None:
        """SFNC StreamBufferHandlingMode: what the producer does when its buffers are full.

        After a stall they must not hold stale frames, unless each frame counts. Overwriting the
        oldest is better than NewestOnly, under which frames that were merely passed over would
        look like lost ones.
        """
        wanted: tuple[str, ...] = ("OldestFirstOverwrite", "NewestOnly")
        if keep_all:
            wanted = ("OldestFirst",)
        try:
            stream = self._acquirer.data_streams[0]
            node = features.find(stream.node_map, "StreamBufferHandlingMode")
            if not features.is_writable(node):
                return
            offered = features.entries(node)
            for entry in wanted:
                if entry in offered:
                    node.value = entry
                    return
        except (*DRIVER_ERRORS, AttributeError) as error:
            logger.debug("the producer has no StreamBufferHandlingMode: %s", error)

    def trigger(self) -> None:
        """Executes TriggerSoftware. Raises CameraError."""
        try:
            triggers.fire(self.node_map, self._trigger_selector)
        except (*DRIVER_ERRORS, AttributeError) as error:
            raise CameraError(
                f"The camera {self._wanted} refused the software trigger: {first_line(error)}."
            ) from error

    def clock_offset_ns(self) -> int | None:
        """Host clock minus camera clock now, None where the camera does not tell its time."""
        return clock.offset_ns(self.node_map)

    def fetch(self) -> RawFrame | None:
        """A frame that has arrived, or None; never waits for one.

        Raises:
            CameraLostError: the producer reports that the device is gone.
            CameraError: what arrived is no picture.
        """
        stream = self._acquirer.data_streams[0]
        try:
            if not stream.num_awaiting_delivery:
                return None
            buffer = self._acquirer.try_fetch(timeout=_FETCH_LIMIT_S, is_raw=True)
            if buffer is None:
                return None
        except DRIVER_ERRORS as error:
            raise CameraLostError(
                f"The connection to camera {self._wanted} broke: {first_line(error)}."
            ) from error
        received_ns = time.monotonic_ns()
        try:
            return describe(buffer, received_ns, self._chunks.read())
        except BaseException:
            stream.queue_buffer(buffer)
            raise

    def give_back(self, frame: RawFrame) -> None:
        """Returns the buffer to the producer, which will overwrite it. Raises CameraLostError."""
        try:
            self._acquirer.data_streams[0].queue_buffer(frame.buffer)
        except DRIVER_ERRORS as error:
            raise CameraLostError(
                f"The connection to camera {self._wanted} broke: {first_line(error)}."
            ) from error

    def check_present(self, *, ask_device: bool) -> None:
        """Raises CameraLostError when the device is gone.

        DEVICE_INFO_ACCESS_STATUS is compared with its value right after opening, since some
        producers report UNKNOWN all the time. Others go on reporting that all is well, so that
        the device itself is asked, too.

        Args:
            ask_device: read a register; superfluous while frames arrive.
        """
        status = self._access_status()
        gone = status != self._status_at_open and status in (None, _NO_ACCESS, _UNKNOWN)
        if ask_device and not gone:
            self._unanswered = 0 if self._answers() else self._unanswered + 1
            gone = self._unanswered >= _UNANSWERED_LIMIT
        if gone:
            raise CameraLostError(
                f"The camera {self._wanted} no longer answers; check its cable and power."
            )

    def _answers(self) -> bool:
        """Reads Width, which every camera has, past the cache of the node map."""
        try:
            return features.fresh_value(self.node_map.Width) is not None
        except DRIVER_ERRORS:
            return False

    def _access_status(self) -> int | None:
        try:
            return int(self._acquirer.device.access_status)
        except DRIVER_ERRORS:
            return None

    def stop(self) -> None:
        """Stops acquisition; a device that is gone is none of its problems."""
        try:
            self._acquirer.stop()
        except (*DRIVER_ERRORS, AttributeError) as error:
            logger.warning("stopping camera %s failed: %s", self._wanted, first_line(error))

    def close(self) -> None:
        """Gives the device back; never raises driver errors."""
        self.stop()
        # After a loss the first attempt raises and the second succeeds.
        for _ in range(2):
            try:
                self._acquirer.destroy()
                self._harvester.reset()
            except (*DRIVER_ERRORS, AttributeError) as error:
                logger.warning("closing camera %s failed: %s", self._wanted, first_line(error))
            else:
                return


def device_text(device: Device, attribute: str) -> str:
    """A text of a device or device info, empty where the device has none."""
    try:
        return str(getattr(device, attribute) or "")
    except (*DRIVER_ERRORS, AttributeError):
        return ""
