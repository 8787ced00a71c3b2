"""Challenge images from a folder, and their replay in a process of its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from uniad_desktop.teaching.challenge import ChallengeError, ChallengeResult, ChallengeSet, Label
from uniad_desktop.teaching.child import CommandRun
from uniad_desktop.teaching.image_paths import images_in


class ChallengeReplay:
    """``uniad-desktop products challenge PRODUCT run`` with the active version of a model.

    The result goes on record there, whatever becomes of this object.

    Args:
        data_folder: of the station.
        model: name of the model.
        product: key.
        who: asks for it.
        runtime: what the station runs the model in, or ``auto``.

    Raises:
        OSError: no process can be started.
    """

    def __init__(
        self, data_folder: Path, model: str, product: str, *, who: str, runtime: str = "auto"
    ) -> None:
        self.product = product
        arguments = ["products", "challenge", "--data-dir", str(data_folder), "--who", who]
        arguments += [product, "run", "--model", model, "--runtime", runtime, "--json"]
        self._run = CommandRun(arguments)
        self._lines: list[str] = []

    def result(self) -> ChallengeResult | None:
        """What came of it; None while it is running.

        Raises:
            ChallengeError: it could not be run.
        """
        code = self._run.code
        self._lines += self._run.lines()
        if code is None:
            return None
        try:
            return ChallengeResult.model_validate_json("\n".join(self._lines))
        except ValidationError as error:
            raise ChallengeError(
                f"The challenge images of '{self.product}' could not be replayed: "
                f"{self._run.sentence}"
            ) from error

    def close(self) -> bool:
        """Ends it; whether it ended in time."""
        return self._run.close()


def add_files(challenge: ChallengeSet, folder: Path, label: Label, *, who: str) -> str:
    """Keeps the images of a folder as challenge images.

    Args:
        challenge: the product's set.
        folder: of images; subfolders are not searched.
        label: the truth about them.
        who: adds them.

    Returns:
        A sentence on what could not be kept; empty where all was.

    Raises:
        StoreError: there is no image.
        ChallengeError: one is there with the other label, or the disk refuses.
    """
    from uniad_desktop.training.datasets import ImageReader, Sample, Split

    reader = ImageReader()
    for path in images_in([folder]):
        image = reader.read(Sample(path, challenge.product, Split.TEST))
        if image is not None:
            challenge.add(image, label, who=who, origin=str(path.absolute()))
    return reader.summary() if reader.skipped else ""
