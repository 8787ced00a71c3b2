"""Which cameras are on record: asked of the setups, of which there are few.

A folder or a video that a station showed has its path where a camera has its serial number. It is
no camera: neither counted nor offered here, though a filter may name it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from uniad_desktop.cameras.frame import SourceKind
from uniad_desktop.records.schema import SetupRow

NO_CAMERA: Final = ""
"""Stands for the serial number of what no camera took: files."""


def camera_names(connection: Connection) -> dict[str, str]:
    """Name of every camera on record, as it was told last, by its serial number; sorted by those.

    The name is empty where none was told: a camera that was lost before it could be asked.
    """
    query = (
        select(SetupRow.camera, SetupRow.camera_name)
        .where(SetupRow.camera != NO_CAMERA, SetupRow.kind != SourceKind.FILE)
        .order_by(SetupRow.camera, SetupRow.id)
    )
    found: dict[str, str] = {}
    for serial, name in connection.execute(query):
        found[serial] = name or found.get(serial, "")
    return found


def cameras_of_setups(connection: Connection) -> dict[int, str]:
    """Serial number of the camera of every setup, by the setup's id; `NO_CAMERA` for files."""
    query = select(SetupRow.id, SetupRow.camera, SetupRow.kind)
    return {
        number: NO_CAMERA if kind == SourceKind.FILE else serial
        for number, serial, kind in connection.execute(query)
    }


def camera_title(name: str, serial: str) -> str:
    """What a camera is called in one line."""
    return " ".join(one for one in (name, serial) if one)
