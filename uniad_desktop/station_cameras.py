"""What a station keeps about cameras in its settings: more producers, and who an index meant."""

from __future__ import annotations

from pathlib import Path

from uniad_desktop.cameras.discovery import check_producer
from uniad_desktop.cameras.genicam.messages import ProducerDetails
from uniad_desktop.cameras.remembered import CameraIdentity
from uniad_desktop.cameras.source import CameraError
from uniad_desktop.settings import Settings, change_settings, load_settings


class SettingsMemory:
    """A `CameraMemory` in the settings of a data folder."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder

    def recall(self, index: int) -> CameraIdentity | None:
        """The camera that answered to this index last; None where none ever did."""
        return load_settings(self._folder)[0].cameras.get(str(index))

    def keep(self, index: int, camera: CameraIdentity) -> None:
        """Remembers it from now on. Raises OSError where that cannot be written."""
        change_settings(
            self._folder,
            lambda former: former.model_copy(
                update={"cameras": {**former.cameras, str(index): camera}}
            ),
        )


def forget_camera(data_folder: Path, index: int) -> CameraIdentity | None:
    """Forgets who answered to an index.

    Returns:
        Who it was; None where nobody was remembered.

    Raises:
        OSError: the settings cannot be written.
    """
    forgotten = SettingsMemory(data_folder).recall(index)

    def forget(former: Settings) -> Settings:
        rest = {place: one for place, one in former.cameras.items() if place != str(index)}
        return former.model_copy(update={"cameras": rest})

    if forgotten is not None:
        change_settings(data_folder, forget)
    return forgotten


def added_producers(data_folder: Path) -> tuple[str, ...]:
    """The producers that the settings name, files or folders."""
    return tuple(load_settings(data_folder)[0].producers)


def add_producer(data_folder: Path, path: Path) -> ProducerDetails:
    """Has the station use a GenTL producer from now on, where it lies: it is never copied.

    It is loaded in a process of its own first, which may take seconds: call it beside the window.

    Args:
        data_folder: whose settings remember it.
        path: its ``.cti`` file.

    Returns:
        Who it is.

    Raises:
        CameraError: it is no file, no ``.cti``, or cannot be loaded; the message says why.
        OSError: the settings cannot be written.
    """
    file = path.expanduser().absolute()
    details = check_producer(file)

    def add(former: Settings) -> Settings:
        if any(_same(name, file) for name in former.producers):
            return former
        return former.model_copy(update={"producers": [*former.producers, str(file)]})

    change_settings(data_folder, add)
    return details


def remove_producer(data_folder: Path, path: Path) -> None:
    """Has the station no longer use a producer of its settings; the file itself stays.

    Raises:
        CameraError: the settings do not name it; the message lists those that they do.
        OSError: the settings cannot be written.
    """
    file = path.expanduser().absolute()

    def remove(former: Settings) -> Settings:
        rest = [name for name in former.producers if not _same(name, file)]
        if len(rest) == len(former.producers):
            known = ", ".join(former.producers) or "none"
            raise CameraError(
                f"The settings do not name the GenTL producer {file}; they name: {known}. Those "
                "of GENICAM_GENTL64_PATH are removed with the maker's own uninstaller."
            )
        return former.model_copy(update={"producers": rest})

    change_settings(data_folder, remove)


def _same(name: str, file: Path) -> bool:
    return Path(name) == file or Path(name).resolve() == file.resolve()
