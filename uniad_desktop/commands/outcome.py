"""How a command ends: a sentence for the user and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_CAMERA = 3
EXIT_MODEL = 4
EXIT_DATA_FOLDER = 5
EXIT_DATA = 6
EXIT_NO_STATION = 7
EXIT_REFUSED = 8
EXIT_INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot go on.

    Args:
        sentence: what is wrong and the way out, for the user.
        code: exit code of the program.
    """

    def __init__(self, sentence: str, code: int = EXIT_FAILED) -> None:
        super().__init__(sentence)
        self.code = code


@contextmanager
def known_errors() -> Iterator[None]:
    """Turns the errors that the rooms raise with a sentence into a `CommandError`.

    Raises:
        CommandError: instead of them. Everything else is a fault of ours and passes as it is.
    """
    try:
        yield
    except (CommandError, BrokenPipeError):  # whoever read our lines has gone: no failure
        raise
    except Exception as error:
        known = _known(error)
        if known is None:
            raise
        raise known from error


def _known(error: Exception) -> CommandError | None:
    # Loaded only here, as they load torch: listing what is on record need not wait for that.
    from uniad_desktop.engine.backbone_weights import WeightsError
    from uniad_desktop.engine.detector import DetectorError
    from uniad_desktop.engine.package import PackageError
    from uniad_desktop.training.calibration import CalibrationError
    from uniad_desktop.training.datasets import DataError
    from uniad_desktop.training.network import TrainingError, TrainingStopped

    if isinstance(error, PackageError | DetectorError | WeightsError):
        return CommandError(str(error), EXIT_MODEL)
    if isinstance(error, CalibrationError | DataError):
        return CommandError(str(error), EXIT_DATA)
    if isinstance(error, TrainingStopped):
        return CommandError(str(error), EXIT_INTERRUPTED)
    if isinstance(error, TrainingError):
        return CommandError(str(error))
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return CommandError(
            f"{place}{error.strerror or error}; free space, check the rights or choose another "
            "folder."
        )
    return None


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Names the place where a disk is full or refuses; the system often says only what.

    Raises:
        CommandError: instead of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise CommandError(
            f"{error.filename or place} cannot be written: {error.strerror or error}; free space, "
            "check the rights or choose another folder."
        ) from error
