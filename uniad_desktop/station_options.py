"""What the user asked of a station on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from uniad_desktop.cameras.recordings.ring import RecordingOptions
from uniad_desktop.cameras.source import TriggerMode, TriggerSettings
from uniad_desktop.records.options import RecordsOptions


@dataclass(frozen=True, slots=True)
class StationOptions:
    """What the user asked for on the command line.

    Attributes:
        camera: what `cameras.open.parse_camera` reads.
        model: folder of a model package, its name, or NAME@VERSION; empty: the shipped one.
        product: key of the first product; empty: the first that the model knows.
        trigger_mode: free running, software or hardware trigger, or one with its settings.
        device: ``auto``, ``cpu`` or ``cuda``.
        runtime: a name of `engine.runtimes.choice.RUNTIMES`, or ``auto``.
        data_folder: where records, settings and logs go.
        loop: whether a folder of images starts anew at its end.
        frame_rate: frames per second of the simulated camera, a folder or a video; None: its
            default.
        defect_rate: per cent of the simulated parts that have a defect; None: its default.
        seed: seed of the simulated parts; None: a new one at each start.
        records: what is kept of inspections.
        recording: raw frames that are kept in memory.
        producers: GenTL producers that the settings name, files or folders.
        accept_camera: another camera may take the place of the one remembered for an index.
    """

    camera: str
    data_folder: Path
    model: str = ""
    product: str = ""
    trigger_mode: TriggerMode | TriggerSettings = TriggerMode.FREE_RUNNING
    device: str = "auto"
    runtime: str = "auto"
    loop: bool = False
    frame_rate: float | None = None
    defect_rate: float | None = None
    seed: int | None = None
    records: RecordsOptions = field(default_factory=RecordsOptions)
    recording: RecordingOptions = field(default_factory=RecordingOptions)
    producers: tuple[str, ...] = ()
    accept_camera: bool = False
