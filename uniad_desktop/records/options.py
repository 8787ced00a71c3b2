"""What a station keeps, for how long and where; part of its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ImageFormat = Literal["png", "webp", "jpeg"]


class RecordsOptions(BaseModel):
    """How a station keeps records.

    Attributes:
        database: URL of a PostgreSQL server that several stations share, for example
            ``postgresql://uniad@server/uniad``; empty: SQLite in the data folder. Give the
            password in ``~/.pgpass``, not here.
        station: name of this station in the records; empty: the name of the computer.
        mandatory: whether a part that cannot be put on record is an ERROR.
        pass_share: share of the passes that are kept with their image, 0 to 1. Rejects, reviews
            and errors always are.
        image_format: ``png`` and ``webp`` are lossless; ``jpeg`` is not.
        jpeg_quality: of ``jpeg``, 1 to 100.
        heatmaps: whether the heatmap is kept beside each image.
        keep_pass_days: images of passes are removed after so many days; 0: never for their age.
        keep_reject_days: likewise of rejects, reviews and errors.
        keep_record_days: rows without image and label are removed after so many days; 0: never.
        most_images: more images than that are never kept; 0: no bound.
        least_free_gb: gigabytes that stay free on the disk of the images; 0: no bound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str = ""
    station: str = Field(default="", max_length=100)
    mandatory: bool = False
    pass_share: float = Field(default=0.02, ge=0.0, le=1.0)
    image_format: ImageFormat = "png"
    jpeg_quality: int = Field(default=95, ge=1, le=100)
    heatmaps: bool = True
    keep_pass_days: int = Field(default=30, ge=0)
    keep_reject_days: int = Field(default=365, ge=0)
    keep_record_days: int = Field(default=0, ge=0)
    most_images: int = Field(default=0, ge=0)
    least_free_gb: float = Field(default=5.0, ge=0.0)
